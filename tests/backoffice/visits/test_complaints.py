"""What could not be done: answered, closed, raised by a person, and raised by its days when nobody answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.tables import tables
from backoffice.store.tables import visits as rows
from backoffice.upkeep.due_timers import Ringer

COMPLAINT = {
    "site": "350213007007",
    "case_no": "",
    "item_id": "XA032",
    "step": "ask",
    "reason": "cannot.cause.missing",
    "note": "fault.card_place_again",
    "lang": "nan",
    "made_at": "2026-11-24T10:00:00+08:00",
}
LEVELS = ("window", "department", "panel", "district")


@pytest.fixture
def taken(terminal: Any) -> dict[str, Any]:
    told: dict[str, Any] = terminal.call("POST", "/v1/complaints", COMPLAINT, key="no-1").json()
    return told


@pytest.fixture
def clerk(staff_hands: Callable[..., Any], office: Office, terminal: Any, clock: Any) -> Any:
    return staff_hands(office, terminal.http, clock, "lin", "clerk", town="350213007")


def shown(hands: Any) -> dict[str, Any]:
    (one,) = hands.call("GET", "/staff/v1/complaints").json()["complaints"]
    told: dict[str, Any] = one
    return told


def act(hands: Any, verb: str, version: int = 0, **body: str) -> Any:
    one = shown(hands)
    match = f'"{version or one["row_version"]}"'
    return hands.call("POST", f"/staff/v1/complaints/{one['complaint_no']}/{verb}", body, **{"If-Match": match})


def acts(one: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(step["actor"], step["act"], step["level"]) for step in one["acts"]]


def entries(office: Office) -> list[str]:
    with office.database.read() as connection:
        assert audit.verify(connection, office.chain_key)[1] == []
        return [entry for entry in connection.execute(select(tables.audit.c.entry)).scalars() if "complaint_" in entry]


def to_day(clock: Any, office: Office, day: str, clerk: Any) -> None:
    """Its evening; whoever was logged in logs in again."""
    clock.moment = datetime.combine(date.fromisoformat(day), time(19), clock.moment.tzinfo)
    Ringer(office).ring()
    clerk.clock.advance(seconds=30)
    assert clerk.log_in().status_code == 201


def test_it_is_answered_and_closed_and_no_day_raises_it_then(
    taken: dict[str, Any], clerk: Any, clock: Any, office: Office
) -> None:
    assert shown(clerk)["note"] == COMPLAINT["note"]
    assert act(clerk, "end", note="called").json()["code"] == "complaint_state", "nobody has answered it yet"
    answered = act(clerk, "answer", answer="银行卡换好了,可以再来")
    assert answered.status_code == 200
    assert (answered.json()["state"], answered.json()["answered_by"]) == ("answered", "lin")
    assert act(clerk, "answer", answer="again").json()["code"] == "complaint_state"
    to_day(clock, office, taken["due"]["district"], clerk)
    closed = act(clerk, "end", note="打电话说了").json()
    assert (closed["state"], closed["level"], closed["answer"]) == ("closed", "window", "银行卡换好了,可以再来")
    assert acts(closed) == [("lin", "answered", "window"), ("lin", "closed", "window")]
    assert closed["acts"][-1]["note"] == "打电话说了"
    assert len(entries(office)) == 2
    with office.database.read() as connection:
        sealed = [*connection.execute(select(rows.complaint.c.answer_sealed)).scalars()]
        sealed += connection.execute(select(rows.complaint_act.c.note_sealed)).scalars()
    assert not any("银行".encode() in one or "电话".encode() in one for one in sealed)


def test_each_day_that_nobody_answers_raises_it_by_one_level(
    taken: dict[str, Any], clerk: Any, clock: Any, office: Office
) -> None:
    met = []
    for level in LEVELS:
        to_day(clock, office, taken["due"][level], clerk)
        met.append(shown(clerk)["level"])
        assert Ringer(office).ring() == 0
    assert met == ["department", "panel", "district", "district"]
    raised = [("timer", "raised", "department"), ("timer", "raised", "panel"), ("timer", "raised", "district")]
    assert acts(shown(clerk)) == [*raised, ("timer", "overdue", "district")]
    assert shown(clerk)["state"] == "open" and len(entries(office)) == 4


def test_a_person_raises_it_before_its_day_and_the_day_does_not_do_it_again(
    taken: dict[str, Any], clerk: Any, clock: Any, office: Office
) -> None:
    assert act(clerk, "escalation", note="not ours").json()["level"] == "department"
    to_day(clock, office, taken["due"]["window"], clerk)
    assert shown(clerk)["level"] == "department"
    to_day(clock, office, taken["due"]["department"], clerk)
    assert shown(clerk)["level"] == "panel"


def test_an_answer_that_did_not_help_goes_one_level_up_with_its_days(
    taken: dict[str, Any], clerk: Any, clock: Any, office: Office
) -> None:
    act(clerk, "answer", answer="come again")
    raised = act(clerk, "escalation", note="she came again in vain").json()
    assert (raised["state"], raised["level"]) == ("open", "department")
    to_day(clock, office, taken["due"]["department"], clerk)
    assert shown(clerk)["level"] == "panel"
    for _ in range(2):
        last = act(clerk, "escalation", note="up")
    assert last.json()["code"] == "complaint_state", "nobody is above the district"


def test_a_stale_version_and_another_town_change_nothing(
    taken: dict[str, Any], clerk: Any, clock: Any, office: Office, terminal: Any, staff_hands: Callable[..., Any]
) -> None:
    act(clerk, "escalation", note="up")
    assert act(clerk, "answer", version=1, answer="late").json()["code"] == "version_stale"
    stranger = staff_hands(office, terminal.http, clock, "tan", "clerk", town="350213001")
    target = f"/staff/v1/complaints/{taken['complaint_no']}/answer"
    refused = stranger.call("POST", target, {"answer": "x"}, **{"If-Match": '"2"'})
    assert refused.json()["code"] == "complaint_unknown"
    assert shown(clerk)["state"] == "open"
