from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.adapters.store.sqlcipher import SqlcipherStore
from kiosk.app.outbox.service import OutboxService
from kiosk.domain.outbox import ItemKind, ItemState, OutboxItem, StoreError, tried_anew
from kiosk.domain.ports import Reply

START = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
NAME = "陈阿金"
LONGEST_S = 10.0


class QuickClock:
    """A wait takes a millisecond and moves the clock by what it should have taken."""

    def __init__(self) -> None:
        self._now_s = 1000.0

    def now(self) -> float:
        return self._now_s

    def wall(self) -> datetime:
        return START

    def call_later(self, delay_s: float, action: Callable[[], None]) -> Any:
        raise AssertionError("the outbox sets no timers")

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        if event.wait(0.001):
            return True
        self._now_s += timeout_s
        return False


class Office:
    """A back office in memory that can lose requests and replies, and counts what had an effect."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, object]] = {}
        self.log: list[tuple[str, str]] = []
        self.effects: Counter[str] = Counter()
        self.sent: dict[str, Mapping[str, object]] = {}
        self.script: dict[str, list[str | Reply]] = {}
        """By key: what happens next, `lost_request`, `lost_reply`, `crash`, or an answer; then it works."""
        self.decisions: dict[str, list[object]] = {}
        self.gate = threading.Event()
        self.gate.set()

    def send(self, item: OutboxItem) -> Reply:
        self.gate.wait(LONGEST_S)
        self.log.append(("send", item.key))
        step = self._next(item.key)
        if step == "crash":
            raise RuntimeError("a fault of the client")
        if step == "lost_request":
            return Reply(0, {"code": "no_answer"})
        if isinstance(step, Reply):
            return step
        self.sent[item.key] = item.body
        if item.key not in self.there:
            self.effects[item.key] += 1
            self.there[item.key] = self._answer(item)
        elif item.kind is ItemKind.RATING:
            return Reply(409, {"code": "already_rated"})
        return Reply(0, {"code": "no_answer"}) if step == "lost_reply" else Reply(201, self.there[item.key])

    def ask(self, item: OutboxItem) -> Reply:
        self.log.append(("ask", item.key))
        step = self._next(item.key + "?")
        if step == "lost_reply":
            return Reply(0, {"code": "no_answer"})
        if item.kind is not ItemKind.CASE or item.key not in self.there:
            return Reply(404, {"code": "case_unknown"})
        waiting = self.decisions.get(item.key)
        if waiting:
            self.there[item.key]["decision"] = waiting.pop(0)
        return Reply(200, dict(self.there[item.key]))

    def _next(self, key: str) -> str | Reply:
        steps = self.script.get(key)
        return steps.pop(0) if steps else "works"

    def _answer(self, item: OutboxItem) -> dict[str, object]:
        if item.kind is ItemKind.CALL:
            return {"ticket": "017", "answer": {"key": "help.sent"}}
        if item.kind is ItemKind.RATING:
            return {"case_no": item.case_no}
        decision = None if item.key in self.decisions else {"outcome": "approved"}
        return {"case_no": item.case_no, "state": "accepted", "visit_token": "T" + item.key, "decision": decision}

    def catalogue(self) -> Reply:
        raise AssertionError

    prefill = progress = catalogue  # type: ignore[assignment]  # the outbox uses neither


class Line:
    """Store, service and what it told."""

    def __init__(self, path: Path, office: Office) -> None:
        self.path, self.office, self.clock = path, office, QuickClock()
        self.events: list[tuple[str, dict[str, object]]] = []
        self._changed = threading.Condition()
        self.open()

    def open(self) -> None:
        self.store = SqlcipherStore(self.path / "store.db", bytes(32), self.clock.wall)
        self.service = OutboxService(self.store, self.office, self.clock, on_event=self._event)  # type: ignore[arg-type]  # a double

    def restart(self) -> None:
        self.close()
        self.open()
        self.service.start()

    def close(self) -> None:
        self.service.stop()
        self.store.close()

    def _event(self, kind: str, **facts: object) -> None:
        with self._changed:
            self.events.append((kind, facts))
            self._changed.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LONGEST_S), self.events[-20:]

    def until_event(self, kind: str, key: str, count: int = 1) -> None:
        self.until(lambda: self.count(kind, key) >= count)

    def count(self, kind: str, key: str) -> int:
        return sum(k == kind and facts.get("key") == key for k, facts in self.events)

    def kinds(self, key: str) -> list[str]:
        return [kind for kind, facts in self.events if facts.get("key") == key]


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def line(tmp_path: Path, office: Office) -> Iterator[Line]:
    line = Line(tmp_path, office)
    yield line
    line.close()


def case(key: str = "A", state: ItemState = ItemState.QUEUED) -> OutboxItem:
    return OutboxItem(key, ItemKind.CASE, key, 0, {"name": NAME}, START.isoformat(), 1, "2026-1", state=state)


def rating(case_no: str = "A") -> OutboxItem:
    return OutboxItem(f"{case_no}/rating", ItemKind.RATING, case_no, 2, {"level": 5}, START.isoformat())


def call(case_no: str = "A") -> OutboxItem:
    return OutboxItem(f"{case_no}/call/1", ItemKind.CALL, case_no, 1, {"step": "ask"}, START.isoformat())


def test_a_submitted_item_is_stored_sent_delivered_and_purged_in_this_order(line: Line, office: Office) -> None:
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    assert line.kinds("A") == ["stored", "sending", "delivered", "decided", "purged"]
    assert office.log == [("send", "A")]
    assert not line.store.pending()


def test_submit_returns_after_the_commit_and_before_any_answer(line: Line, office: Office) -> None:
    office.gate.clear()
    line.service.start()
    line.service.submit(case())
    assert [item.key for item in line.store.pending()] == ["A"]
    assert not office.there
    office.gate.set()
    line.until_event("purged", "A")


def test_the_item_is_marked_as_sending_on_the_disk_before_the_request_leaves(line: Line, office: Office) -> None:
    office.gate.clear()
    line.service.start()
    line.service.submit(case())
    line.until_event("sending", "A")
    assert line.store.pending()[0].state is ItemState.SENDING
    office.gate.set()
    line.until_event("purged", "A")


def test_what_was_found_sending_at_the_start_is_asked_for_and_not_sent_again(line: Line, office: Office) -> None:
    line.store.put(case())
    line.store.update(case(state=ItemState.SENDING))
    office.there["A"] = office._answer(case())
    line.service.start()
    line.until_event("purged", "A")
    assert office.log == [("ask", "A")]


def test_what_the_server_does_not_have_is_sent_again_under_the_same_key(line: Line, office: Office) -> None:
    line.store.put(case())
    line.store.update(case(state=ItemState.SENDING))
    line.service.start()
    line.until_event("purged", "A")
    assert office.log == [("ask", "A"), ("send", "A")]


def test_a_lost_reply_is_asked_for_and_not_sent_again(line: Line, office: Office) -> None:
    office.script["A"] = ["lost_reply"]
    office.script["A?"] = ["lost_reply", "lost_reply"]
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    assert office.log == [("send", "A"), ("ask", "A"), ("ask", "A"), ("ask", "A")]
    assert office.effects["A"] == 1


def test_a_stuck_item_blocks_nobody_and_goes_when_it_can(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(429, {})] * 40
    line.service.start()
    for key in ("A", "B", "C", "D"):
        line.service.submit(case(key))
    for key in ("B", "C", "D"):
        line.until_event("purged", key)
    line.until_event("purged", "A")
    assert line.count("retry", "A") == 40


def test_cases_that_a_dead_line_kept_back_go_in_their_order(
    line: Line, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has been tried most; the line is back when it is tried once more."""
    keys, tried = ["C1", "C2", "C3", "C4", "C5"], set[str]()

    def over_it(works: Callable[[OutboxItem], Reply]) -> Callable[[OutboxItem], Reply]:
        def way(item: OutboxItem) -> Reply:
            is_back = bool(office.sent) or (item.key == keys[0] and len(tried) == len(keys))
            tried.add(item.key)
            return works(item) if is_back else Reply(0, {"code": "no_answer"})

        return way

    monkeypatch.setattr(office, "send", over_it(office.send))
    monkeypatch.setattr(office, "ask", over_it(office.ask))
    line.service.start()
    for key in keys:
        line.service.submit(case(key))
        line.until_event("retry", key)
    line.until(lambda: all(line.count("delivered", key) for key in keys))
    assert list(office.sent) == keys
    assert set(office.effects.values()) == {1}


def test_waiting_between_tries_grows(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(429, {})] * 7
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    waits = [facts["wait_s"] for kind, facts in line.events if kind == "retry"]
    assert waits == [2.0, 5.0, 15.0, 60.0, 300.0, 300.0, 300.0]


def test_a_rating_waits_for_its_case_and_carries_the_visits_token(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(429, {}), Reply(0, {})]
    line.service.start()
    line.service.submit(case())
    line.service.submit(rating())
    line.until_event("purged", "A/rating")
    assert [key for what, key in office.log if what == "send"][-1] == "A/rating"
    assert office.sent["A/rating"] == {"level": 5, "visit_token": "TA"}


def test_the_token_outlives_a_restart_while_a_rating_waits_and_goes_with_it(line: Line, office: Office) -> None:
    office.script["A/rating"] = [Reply(503, {})] * 3
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    line.service.submit(rating())
    line.service.visit_ended("A")
    line.until_event("retry", "A/rating")
    line.restart()
    line.until_event("purged", "A/rating")
    assert office.sent["A/rating"]["visit_token"] == "TA"
    left = line.store.get("A")
    assert left is not None
    assert left.receipt == {}


def test_the_token_goes_with_the_visit_when_nothing_was_rated(line: Line, office: Office) -> None:
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    line.service.visit_ended("A")
    left = line.store.get("A")
    assert left is not None
    assert left.receipt == {}


def test_a_case_delivered_after_its_visit_leaves_no_token(line: Line, office: Office) -> None:
    office.gate.clear()
    line.service.start()
    line.service.submit(case())
    line.service.visit_ended("A")
    office.gate.set()
    line.until_event("purged", "A")
    line.service.stop()
    left = line.store.get("A")
    assert left is not None
    assert left.receipt == {}


def test_a_lost_reply_to_a_rating_is_settled_by_already_rated(line: Line, office: Office) -> None:
    office.script["A/rating"] = ["lost_reply"]
    line.service.start()
    line.service.submit(case())
    line.service.submit(rating())
    line.until_event("purged", "A/rating")
    assert office.effects["A/rating"] == 1
    assert line.count("rejected", "A/rating") == 0


def test_a_rejected_item_is_reported_stays_visible_and_survives_a_restart(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(422, {"code": "form"})]
    line.service.start()
    line.service.submit(case())
    line.service.submit(rating())
    line.until_event("rejected", "A/rating")
    assert ("rejected", {"key": "A", "item": "case", "problem": "form"}) in line.events
    line.restart()
    states = {item.key: (item.state, item.last_problem) for item in line.service.items()}
    assert states == {
        "A": (ItemState.REJECTED, "form"),
        "A/rating": (ItemState.REJECTED, "case_rejected"),
    }
    line.close()
    line.open()
    for item in line.store.pending():
        line.store.update(tried_anew(item))
    line.service.start()
    line.until_event("purged", "A")
    line.until_event("purged", "A/rating")


def test_a_call_for_help_goes_although_the_case_is_stuck_and_its_ticket_comes_back(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(503, {})] * 4
    tickets: list[object] = []
    line.service.start()
    line.service.submit(case())
    line.service.submit(call())
    line.service.await_receipt("A/call/1", lambda body: tickets.append(body["ticket"]))
    line.until_event("purged", "A/call/1")
    assert tickets == ["017"]


def test_a_receipt_that_came_before_anybody_asked_is_told_at_once(line: Line, office: Office) -> None:
    line.service.start()
    line.service.submit(call())
    line.until_event("purged", "A/call/1")
    tickets: list[object] = []
    line.service.await_receipt("A/call/1", lambda body: tickets.append(body["ticket"]))
    assert tickets == ["017"]


def test_an_undecided_case_is_asked_for_until_it_is_decided_and_told_once(line: Line, office: Office) -> None:
    office.decisions["A"] = [None, None, None, {"outcome": "pending"}]
    told: list[object] = []
    line.service.start()
    line.service.submit(case())
    line.service.await_decision("A", lambda body: told.append(body["decision"]))
    line.until_event("decided", "A")
    line.until(lambda: told == [{"outcome": "pending"}])
    assert office.log == [("send", "A"), *[("ask", "A")] * 4]


def test_nobody_asks_for_a_decision_that_nobody_waits_for(line: Line, office: Office) -> None:
    office.decisions["A"] = [None, {"outcome": "approved"}]
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    line.service.submit(case("B"))
    line.until_event("purged", "B")
    assert ("ask", "A") not in office.log


def test_a_decision_that_came_with_the_receipt_is_told_even_to_a_late_listener(line: Line, office: Office) -> None:
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    told: list[object] = []
    line.service.await_decision("A", lambda body: told.append(body["decision"]))
    assert told == [{"outcome": "approved"}]


def test_after_the_visit_nothing_of_the_answer_is_remembered(line: Line, office: Office) -> None:
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    line.service.visit_ended("A")
    told: list[object] = []
    line.service.await_decision("A", told.append)
    line.service.await_receipt("A", told.append)
    line.service.submit(case("B"))
    line.until_event("purged", "B")
    assert not told


def test_a_faulty_listener_stops_neither_the_others_nor_the_outbox(line: Line, office: Office) -> None:
    told: list[object] = []

    def faulty(body: Mapping[str, object]) -> None:
        raise RuntimeError("a fault of the listener")

    office.gate.clear()
    line.service.start()
    line.service.submit(case())
    line.service.await_decision("A", faulty)
    line.service.await_decision("A", lambda body: told.append(body["state"]))
    office.gate.set()
    line.until_event("purged", "A")
    assert told == ["accepted"]
    line.service.submit(case("B"))
    line.until_event("purged", "B")


def test_a_fault_of_the_client_about_one_item_stops_no_other(line: Line, office: Office) -> None:
    office.script["A"] = ["crash"] * 3
    line.service.start()
    line.service.submit(case())
    line.service.submit(case("B"))
    line.until_event("purged", "B")
    line.until_event("purged", "A")
    assert [facts["problem"] for kind, facts in line.events if kind == "retry"] == ["internal"] * 3


def test_a_disk_that_fails_for_a_while_loses_nothing(
    line: Line, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, failures = line.store.update, [StoreError("store.full")] * 3

    def failing(item: OutboxItem) -> None:
        if item.state is ItemState.DELIVERED and failures:
            raise failures.pop()
        update(item)

    monkeypatch.setattr(line.store, "update", failing)
    line.service.start()
    line.service.submit(case())
    line.until_event("purged", "A")
    assert sum(kind == "store_failed" for kind, _ in line.events) == 3
    assert office.effects["A"] == 1
    assert [what for what, _ in office.log].count("send") == 1


def test_an_item_that_cannot_be_stored_is_not_sent(line: Line, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(item: OutboxItem) -> None:
        raise StoreError("store.full")

    line.service.start()
    with monkeypatch.context() as broken:
        broken.setattr(line.store, "put", full)
        with pytest.raises(StoreError):
            line.service.submit(case())
    line.service.submit(case("B"))
    line.until_event("purged", "B")
    assert ("send", "A") not in office.log


def test_stopping_keeps_what_has_not_gone(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(0, {})] * 1000
    office.script["A?"] = ["lost_reply"] * 1000
    line.service.start()
    line.service.submit(case())
    line.until_event("retry", "A")
    line.service.stop()
    assert [item.key for item in line.store.pending()] == ["A"]


def test_events_tell_nothing_personal(line: Line, office: Office) -> None:
    office.script["A"] = [Reply(503, {}), Reply(422, {"code": "form", "detail": NAME})]
    line.service.start()
    line.service.submit(case())
    line.service.submit(call())
    line.until_event("rejected", "A")
    assert NAME not in repr(line.events)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.dictionaries(
        st.sampled_from(["A", "A?", "A/rating", "B", "B?", "A/call/1"]),
        st.lists(
            st.sampled_from(["lost_request", "lost_reply", "crash", Reply(500, {}), Reply(429, {}), Reply(200, {})]),
            max_size=6,
        ),
    ),
    restarts=st.integers(0, 2),
)
def test_whatever_is_lost_on_the_way_everything_arrives_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, steps: dict[str, list[str | Reply]], restarts: int
) -> None:
    office = Office()
    office.script = {key: list(values) for key, values in steps.items()}
    line = Line(tmp_path_factory.mktemp("line"), office)
    try:
        line.service.start()
        for item in (case("A"), call("A"), case("B"), rating("A")):
            line.service.submit(item)
            if restarts:
                restarts -= 1
                line.restart()
        line.until(lambda: all(line.count("purged", key) for key in ("A", "A/call/1", "B", "A/rating")))
        assert office.effects == {"A": 1, "A/call/1": 1, "B": 1, "A/rating": 1}
        assert not line.store.pending()
    finally:
        line.close()


def test_an_item_is_never_changed_by_being_sent(line: Line, office: Office) -> None:
    line.service.start()
    item = case()
    line.service.submit(item)
    line.until_event("purged", "A")
    assert office.sent["A"] == item.body
    assert replace(item) == item
