"""One visit at a time: late results are dropped, effects run once, the idle rule stands still while work goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kiosk.adapters.clock_socket import SteeredClock
from kiosk.app.visit.idle import Phase
from kiosk.app.visit.service import ClauseListener, VisitNote, VisitService
from kiosk.domain.catalogue import Catalogue, FieldSource, FormField, Mode, ServiceItem
from kiosk.domain.event import EventKind
from kiosk.domain.outbox import StoreError
from kiosk.domain.screens.compose import View
from kiosk.domain.speech import Lang, Line
from kiosk.domain.timing import PAPER_LEFT_S
from kiosk.domain.visit.machine import (
    CardPlace,
    Chosen,
    Do,
    Ev,
    Event,
    LeftCard,
    Overlay,
    Prepared,
    Printed,
    Printing,
    Resident,
    Step,
    VisitState,
)
from kiosk.domain.visit.plan import plan
from kiosk.domain.visit.readiness import Capabilities, Capability, Unusable

ACCOUNT = FormField("account", FieldSource.LOOK_UP, ("yes", "other"), confirm=True)
ITEM = ServiceItem("XA032", 1, "welfare", "高龄津贴申领", "领长寿钱", Mode.APPLY, True, (ACCOUNT,))
CATALOGUE = Catalogue(1, ("welfare",), ("XA032",), (ITEM,))
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")


class Hall:
    """A service with everything around it recorded."""

    def __init__(self) -> None:
        self.clock = SteeredClock()
        self.done: list[Do] = []
        self.posts: dict[Do, Callable[[Event], None]] = {}
        self.notes: list[VisitNote] = []
        self.shown: list[tuple[Step, Overlay]] = []
        self.minted = 0
        self.said_again = 0
        self.disk_full = False
        self.why_not = ""
        self.capabilities = Capabilities()
        self.service = VisitService(
            clock=self.clock,
            catalogue=self,
            performer=self,
            speaker=self,
            mint=self.mint,
            note=self.notes.append,
            capabilities=lambda: self.capabilities,
            why_not=lambda: self.why_not,
        )
        self.service.subscribe(lambda state, view: self.shown.append((state.step, state.overlay)))

    def current(self) -> Catalogue:
        return CATALOGUE

    def mint(self) -> str:
        if self.disk_full:
            raise StoreError("store.full")
        self.minted += 1
        return f"number-{self.minted}"

    def perform(self, effect: Do, state: VisitState, event: Event, post: Callable[[Event], None]) -> None:
        self.done.append(effect)
        self.posts[effect] = post

    def show(self, state: VisitState, shown: View) -> None: ...

    def again(self) -> None:
        self.said_again += 1

    def say(self, *lines: Line) -> None: ...

    def pause(self, on: bool) -> None: ...

    def stop(self) -> None: ...

    def on_clause(self, listener: ClauseListener) -> None: ...

    @property
    def is_speaking(self) -> bool:
        return False

    def run(self, *events: Event) -> None:
        for event in events:
            self.service.post(event)


TO_PREPARE = (
    Event(Ev.START, Lang.NAN),
    Event(Ev.CHOSEN, Chosen("XA032", 1, "", True)),
    Event(Ev.CARD_READ, KIM),
    Event(Ev.YES),
    Event(Ev.CARD_REMOVED),
)
PREPARED = Event(Ev.PREPARED, Prepared("XA032", plan(ITEM, {}), {}, offline=True))


@pytest.fixture
def hall() -> Iterator[Hall]:
    hall = Hall()
    yield hall
    hall.clock.close()


def test_a_number_is_minted_once_a_visit(hall: Hall) -> None:
    hall.run(*TO_PREPARE, PREPARED)
    assert (hall.minted, hall.service.state.case_no) == (1, "number-1")


def test_a_result_of_an_old_visit_does_not_reach_the_next_one(hall: Hall) -> None:
    hall.run(*TO_PREPARE)
    late = hall.posts[Do.PREPARE]
    hall.run(Event(Ev.LEAVE), Event(Ev.LEAVE_SURE), Event(Ev.WIPED), *TO_PREPARE)
    late(PREPARED)
    assert hall.service.state.step is Step.PREPARE
    hall.posts[Do.PREPARE](PREPARED)
    assert hall.service.state.step is Step.ASK


def test_the_idle_clock_runs_only_while_somebody_is_here(hall: Hall) -> None:
    assert hall.service.idle.phase is Phase.OFF
    hall.run(Event(Ev.START, Lang.NAN))
    assert hall.service.idle.phase is Phase.QUIET
    hall.run(Event(Ev.LEAVE), Event(Ev.WIPED))
    assert hall.service.idle.phase is Phase.OFF


def test_the_idle_clock_stands_still_while_a_look_up_or_speech_goes_on(hall: Hall) -> None:
    hall.run(*TO_PREPARE)
    hall.service.speech_changed(True)
    assert hall.service.idle.holding == {"working", "speaking"}
    hall.run(PREPARED)
    hall.service.speech_changed(False)
    assert hall.service.idle.holding == frozenset()
    assert [note.kind for note in hall.notes if note.kind in ("busy", "quiet")] == ["busy", "quiet"]


@pytest.mark.parametrize("unasked", [Ev.EAR_UNASKED, Ev.EAR_HELP])
def test_what_is_said_unasked_keeps_no_visit_alive(hall: Hall, unasked: EventKind[None]) -> None:
    hall.run(*TO_PREPARE, PREPARED)
    hall.clock.advance(20)
    left_s = hall.service.idle_left_s()
    hall.run(Event(unasked))
    hall.service.speech_changed(True)
    hall.clock.advance(5)
    hall.service.speech_changed(False)
    assert hall.service.idle_left_s() == pytest.approx(left_s - 5, abs=0.5)


def test_what_follows_the_unasked_without_a_pause_holds_the_clock(hall: Hall) -> None:
    """The warning cuts the naming off: the voice never fell silent between them."""
    hall.run(*TO_PREPARE, PREPARED, Event(Ev.EAR_UNASKED))
    hall.service.speech_changed(True)
    assert hall.service.idle.holding == frozenset()
    hall.run(Event(Ev.IDLE_WARN))
    assert hall.service.idle.holding == {"speaking"}
    hall.service.speech_changed(False)
    assert hall.service.idle.holding == frozenset()


def test_the_warning_is_answered_by_its_own_choices_and_then_the_full_time_runs(hall: Hall) -> None:
    hall.run(*TO_PREPARE, PREPARED, Event(Ev.IDLE_WARN))
    hall.service.touched()
    assert hall.service.state.overlay is Overlay.IDLE
    hall.run(Event(Ev.CLOSE))
    assert hall.service.idle.phase is Phase.QUIET
    assert hall.service.idle_left_s() > 119


def test_how_a_visit_ended_is_told_once_without_a_person(hall: Hall) -> None:
    hall.run(*TO_PREPARE, PREPARED, Event(Ev.IDLE_END), Event(Ev.WIPED))
    ended = [note for note in hall.notes if note.kind == "visit_ended"]
    assert ended == [VisitNote("visit_ended", "wipe", "none", "number-1", "timed_out")]
    assert hall.notes[-1].kind == "wiped"
    assert not any(KIM.name in str(note) or KIM.number in str(note) for note in hall.notes)


def test_an_event_that_changes_nothing_shows_nothing(hall: Hall) -> None:
    hall.run(*TO_PREPARE)
    before = len(hall.shown)
    hall.run(Event(Ev.TAKEN), Event(Ev.RATED, 5), Event(Ev.RATING_DONE))
    assert len(hall.shown) == before


def test_settings_go_back_to_the_default_at_the_end(hall: Hall) -> None:
    hall.run(*TO_PREPARE, Event(Ev.SETTING, replace(hall.service.state.access, size=1, theme="dark")))
    assert hall.service.state.access.size == 1
    hall.run(Event(Ev.IDLE_END), Event(Ev.WIPED))
    assert hall.service.state == VisitState()


def test_without_a_number_no_visit_begins_and_the_screen_says_so(hall: Hall) -> None:
    hall.disk_full = True
    hall.run(Event(Ev.START, Lang.NAN))
    assert (hall.service.state.step, hall.service.state.note) == (Step.WELCOME, "welcome.out_of_service")
    assert hall.service.view.question.key == "welcome.out_of_service"
    hall.disk_full = False
    hall.run(Event(Ev.START, Lang.NAN))
    assert (hall.service.state.step, hall.service.state.case_no) == (Step.CHOOSE, "number-1")


def test_on_battery_no_visit_begins_and_the_one_that_goes_on_is_let_finish(hall: Hall) -> None:
    hall.run(Event(Ev.START, Lang.NAN))
    hall.why_not = "fault.power_battery"
    hall.run(Event(Ev.BROWSE))
    assert hall.service.state.step is not Step.WELCOME
    hall.run(Event(Ev.IDLE_END), Event(Ev.WIPED), Event(Ev.START, Lang.NAN))
    assert (hall.service.state.step, hall.service.state.note) == (Step.WELCOME, "fault.power_battery")
    assert hall.minted == 1
    hall.service.recheck()
    assert hall.service.state.note == "fault.power_battery"
    hall.why_not = ""
    hall.service.recheck()
    assert hall.service.state == VisitState()
    hall.run(Event(Ev.START, Lang.NAN))
    assert hall.service.state.step is Step.CHOOSE


def test_the_language_that_is_on_is_said_again_when_it_is_touched(hall: Hall) -> None:
    hall.run(Event(Ev.START, Lang.CMN), Event(Ev.LANGUAGE, Lang.CMN))
    assert hall.said_again == 1
    hall.run(Event(Ev.LANGUAGE, Lang.NAN))
    assert hall.said_again == 1


def test_for_technician_mode_the_visit_ends_first_and_nothing_that_comes_meanwhile_counts(hall: Hall) -> None:
    hall.run(*TO_PREPARE)
    quiet: list[Step] = []
    hall.service.stand_aside(lambda: quiet.append(hall.service.state.step))
    assert quiet == [] and hall.service.state.step is Step.PREPARE, "a visit that goes on is not disturbed"
    late = hall.posts[Do.PREPARE]
    hall.run(Event(Ev.LEAVE), Event(Ev.LEAVE_SURE), Event(Ev.WIPED))
    assert quiet == [Step.WELCOME] and hall.service.state == VisitState()
    assert hall.done[-1] is Do.STOP_CARD, "no card is watched any more"
    for event in (Event(Ev.CARD_SEEN), Event(Ev.CARD_READ, KIM), Event(Ev.START, Lang.CMN), Event(Ev.CODE_SHOWN, "x")):
        hall.run(event)
        late(event)
    assert hall.service.state == VisitState()
    hall.service.come_back()
    late(Event(Ev.CARD_READ, KIM))
    assert hall.service.state == VisitState() and Do.WATCH_CARD in hall.done[-2:]
    hall.run(Event(Ev.START, Lang.CMN))
    assert hall.service.state.step is Step.CHOOSE


def test_where_nobody_stands_the_visit_stands_aside_at_once(hall: Hall) -> None:
    quiet: list[bool] = []
    hall.service.stand_aside(lambda: quiet.append(True))
    assert quiet == [True]


def test_a_card_laid_on_the_first_screen_counts_in_every_visit(hall: Hall) -> None:
    hall.run(Event(Ev.START, Lang.NAN), Event(Ev.LEAVE), Event(Ev.WIPED))
    assert hall.service.state == VisitState()
    hall.posts[Do.WATCH_CARD](Event(Ev.CARD_SEEN))
    assert hall.service.state.card_seen
    assert hall.done[-1] is Do.WATCH_CARD and hall.done.count(Do.WATCH_CARD) == 2, "the reading is not begun anew"
    hall.posts[Do.WATCH_CARD](Event(Ev.CARD_READ, KIM))
    assert hall.service.state.step is Step.CONFIRM_WHO


def test_what_a_visit_was_promised_is_frozen_at_its_begin(hall: Hall) -> None:
    hall.capabilities = Capabilities(frozenset({Capability.READ_ID_CARD}))
    hall.run(Event(Ev.START, Lang.NAN))
    hall.capabilities = Capabilities()
    hall.run(*TO_PREPARE[1:], PREPARED)
    assert hall.service.state.capabilities.usable == {Capability.READ_ID_CARD}
    hall.run(Event(Ev.WITHDRAWN, Unusable(Capability.READ_ID_CARD, "DEV-002")))
    assert hall.service.state.capabilities.usable == frozenset()
    hall.run(Event(Ev.IDLE_END), Event(Ev.WIPED), Event(Ev.START, Lang.NAN))
    assert hall.service.state.capabilities == Capabilities()


def leave_slip(hall: Hall) -> None:
    hall.run(Event(Ev.START, Lang.NAN))
    at_slip = replace(hall.service.state, step=Step.PRINT, printing=Printing.BUSY, stored=True)
    hall.service._state = at_slip
    hall.run(Event(Ev.PRINTED, Printed(Printing.PROVED)), Event(Ev.IDLE_END), Event(Ev.WIPED))


def test_who_comes_after_a_slip_that_was_left_is_told_once_and_only_for_a_while(hall: Hall) -> None:
    leave_slip(hall)
    assert "slip_left" in [note.kind for note in hall.notes]
    hall.run(Event(Ev.START, Lang.NAN))
    assert Line("forgotten.other.slip") in hall.service.view.body
    hall.run(Event(Ev.LEAVE), Event(Ev.WIPED), Event(Ev.START, Lang.NAN))
    assert Line("forgotten.other.slip") not in hall.service.view.body
    hall.run(Event(Ev.LEAVE), Event(Ev.WIPED))
    leave_slip(hall)
    hall.clock.advance(PAPER_LEFT_S)
    hall.run(Event(Ev.START, Lang.NAN))
    assert Line("forgotten.other.slip") not in hall.service.view.body


def test_a_reminder_is_said_again_and_does_not_start_the_idle_clock(hall: Hall) -> None:
    hall.run(Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD)))
    assert (hall.said_again, hall.service.idle.phase) == (0, Phase.OFF)
    hall.run(Event(Ev.CARD_LEFT, LeftCard(CardPlace.ID_CARD, 2)))
    assert (hall.said_again, hall.service.idle.phase) == (1, Phase.OFF)
    assert [note.fault for note in hall.notes if note.kind == "card_left"] == ["id_card", "id_card"]
    hall.run(Event(Ev.CARD_REMOVED))
    assert hall.service.state == VisitState()
