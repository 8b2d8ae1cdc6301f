"""What is said of a call for help follows the store and the office; no late wait overwrites what somebody has said."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kiosk.app.aid.help_effects import HelpEffects
from kiosk.app.visit.effect_tools import EffectTools, Reported, TerminalSite
from kiosk.domain.aid.state import CallStage, CallTold, SlipTold
from kiosk.domain.outbox import OutboxItem, StoreError
from kiosk.domain.ports import Reply
from kiosk.domain.speech import Line
from kiosk.domain.timing import CALL_LATE_S, CALL_POLL_S, CALL_WAIT_S
from kiosk.domain.visit.machine import Do, Ev, Event, Overlay, Printed, Printing, Step, VisitState, advance

BEGUN = VisitState(step=Step.IDENTIFY, case_no="3502130078261124000017")
PHONE = "000-0000-0096"
WITHIN_S = 150


@dataclass
class _Timer:
    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class HandClock:
    """Moved by the test; what is due happens on the way."""

    def __init__(self) -> None:
        self.now_s, self._heap, self._count = 0.0, list[tuple[float, int, _Timer]](), 0

    def now(self) -> float:
        return self.now_s

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> _Timer:
        timer, self._count = _Timer(action), self._count + 1
        heapq.heappush(self._heap, (self.now_s + delay_s, self._count, timer))
        return timer

    def wait(self, event: object, timeout_s: float) -> bool:
        raise AssertionError("nothing waits here")

    def move(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self._heap and self._heap[0][0] <= until_s:
            self.now_s, _, timer = heapq.heappop(self._heap)
            if not timer.cancelled:
                timer.action()
        self.now_s = until_s

    @property
    def waiting(self) -> int:
        return sum(not timer.cancelled for _, _, timer in self._heap)


class AtOnce(EffectTools):
    def ask(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        work()

    def store(self, work: Callable[[], None], otherwise: Callable[[], None] = lambda: None) -> None:
        try:
            work()
        except StoreError:
            otherwise()


@dataclass
class World:
    """The machine with the effect of a call, an outbox and an office that the test answers for."""

    clock: HandClock = field(default_factory=HandClock)
    state: VisitState = BEGUN
    stored: list[OutboxItem] = field(default_factory=list)
    is_full: bool = False
    receipts: list[Callable[[Reported], None]] = field(default_factory=list)
    office: Reply = field(default_factory=lambda: Reply(0, {}))
    phone: str = PHONE
    asked: int = 0

    def __post_init__(self) -> None:
        place, nothing = TerminalSite("350213007007"), SimpleNamespace()
        made: Any = {"clock": self.clock, "outbox": self, "back_office": self, "catalogue": nothing, "place": place}
        self.effects = HelpEffects(AtOnce(**made, text_version=lambda lang, key: ""), lambda: self.phone)

    def submit(self, item: OutboxItem) -> None:
        if self.is_full:
            raise StoreError("store.full")
        self.stored.append(item)

    def await_receipt(self, key: str, on_receipt: Callable[[Reported], None]) -> None:
        self.receipts.append(on_receipt)

    def get(self, target: str) -> Reply:
        assert target == "/v1/help-calls/350213007007261124003"
        self.asked += 1
        return self.office

    def post(self, event: Event) -> None:
        self.state, effects = advance(self.state, event)
        if Do.STORE_CALL in effects:
            self.effects.handlers()[Do.STORE_CALL](self.state, event, self.post)

    @property
    def said(self) -> str:
        return self.state.call_answer.key if self.state.call_answer else ""


def told(state: str) -> dict[str, object]:
    common = {"call_id": "350213007007261124003", "ticket": "003", "answer_within_s": WITHIN_S}
    return {**common, "state": state, "answer": {"key": f"help.{state}", "args": {}}}


def called(**world: Any) -> World:
    made = World(**world)
    made.post(Event(Ev.CALL))
    return made


def test_an_answer_is_not_overwritten_when_the_wait_for_it_ends() -> None:
    world = called()
    world.receipts[0](told("sent"))
    world.clock.move(CALL_WAIT_S + 1)
    assert world.said == "help.sent"


def test_without_a_receipt_it_is_queued_and_a_later_one_goes_on_from_there() -> None:
    world = called()
    world.clock.move(CALL_WAIT_S - 0.1)
    assert world.said == ""
    world.clock.move(0.1)
    assert world.said == "help.queued" and len(world.stored) == 1
    world.receipts[0](told("sent"))
    assert world.said == "help.sent"


def test_what_could_not_be_stored_is_never_said_to_be() -> None:
    world = called(is_full=True)
    world.clock.move(CALL_WAIT_S + 1)
    assert (world.said, world.stored, world.clock.waiting) == ("help.not_stored", [], 0)


def test_somebody_is_said_to_come_only_when_the_office_says_that_she_accepted() -> None:
    world = called(office=Reply(200, told("sent")))
    world.receipts[0](told("sent"))
    world.clock.move(CALL_POLL_S * 3)
    assert world.said == "help.sent" and world.asked == 3
    world.office = Reply(200, told("accepted"))
    world.clock.move(CALL_POLL_S)
    assert world.said == "help.accepted"
    world.clock.move(600)
    assert world.asked == 4 and world.said == "help.accepted", "nobody is asked any more"


def test_one_who_accepts_late_is_told_after_all() -> None:
    world = called(office=Reply(200, told("unanswered")))
    world.receipts[0](told("sent"))
    world.clock.move(CALL_POLL_S)
    assert world.said == "help.unanswered"
    world.office = Reply(200, told("accepted"))
    world.clock.move(CALL_POLL_S)
    assert world.said == "help.accepted"


def test_where_the_line_breaks_the_telephone_is_told_when_the_time_is_over() -> None:
    world = called()
    world.receipts[0](told("sent"))
    world.clock.move(WITHIN_S)
    assert world.said == "help.sent"
    world.clock.move(CALL_LATE_S + CALL_POLL_S)
    assert world.said == "help.unanswered"
    assert world.state.call_answer is not None
    assert [arg.value for arg in world.state.call_answer.args.values()] == [PHONE]


def test_without_a_telephone_no_number_is_told() -> None:
    world = called(phone="")
    world.receipts[0](told("sent"))
    world.clock.move(WITHIN_S + CALL_LATE_S + CALL_POLL_S)
    assert world.said == "help.unanswered.no_phone"


def test_words_that_are_not_understood_promise_nobody() -> None:
    world = called()
    world.receipts[0]({"ticket": "003", "answer": {"key": "help.coming"}})
    world.clock.move(CALL_WAIT_S)
    assert world.said == "help.unanswered"


def test_a_visit_that_ended_is_asked_about_no_more() -> None:
    world = called(office=Reply(200, told("sent")))
    world.receipts[0](told("sent"))
    world.effects.visit_ended()
    world.clock.move(60)
    assert world.asked == 0 and world.clock.waiting == 0


def test_a_word_about_an_earlier_call_changes_nothing_of_a_later_one() -> None:
    world = called()
    world.post(Event(Ev.CALL))
    world.receipts[0](told("accepted"))
    assert world.said == ""
    world.receipts[1](told("sent"))
    assert world.said == "help.sent"
    assert [item.key.rpartition("/")[2] for item in world.stored] == ["1", "2"]


def test_a_screen_that_was_closed_is_not_covered_but_help_tells_how_the_call_stands() -> None:
    world = called()
    world.receipts[0](told("sent"))
    world.post(Event(Ev.CLOSE))
    world.post(Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.ACCEPTED, Line("help.accepted"))))
    assert world.state.overlay is Overlay.NONE and world.said == "help.accepted"


def test_news_may_be_printed_though_the_words_before_came_out() -> None:
    world = called()
    world.receipts[0](told("sent"))
    out = advance(world.state, Event(Ev.PRINT_HELP))[0]
    out = advance(out, Event(Ev.HELP_PRINTED, Printed(Printing.PROVED)))[0]
    assert out.aid.slip is SlipTold.OUT
    news = advance(out, Event(Ev.CALL_ANSWERED, CallTold(1, CallStage.UNANSWERED, Line("help.unanswered"))))[0]
    assert news.aid.slip is SlipTold.NONE


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(list(CallStage))), max_size=12))
def test_a_call_only_ever_goes_on(words: list[tuple[int, CallStage]]) -> None:
    state = advance(BEGUN, Event(Ev.CALL))[0]
    best = CallStage.NONE
    for call, stage in words:
        state = advance(state, Event(Ev.CALL_ANSWERED, CallTold(call, stage, Line(f"stage.{stage.name}"))))[0]
        best = max(best, stage) if call == 1 else best
        assert state.call_stage is best
        assert state.call_answer == (Line(f"stage.{best.name}") if best else None)
