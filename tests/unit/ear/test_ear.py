"""Choosing by ear, keys and switches: one order of targets, walked without a window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from kiosk.adapters.words import VoicesWords
from kiosk.app.ear.reader import EarReader, Pauses
from kiosk.app.keys.generate import every_state, read_catalogue
from kiosk.domain.ear.state import ROUNDS, WORDS, Ear
from kiosk.domain.ear.view import helps_unasked, names_unasked
from kiosk.domain.screens.compose import View, view
from kiosk.domain.speech import ArgKind, Lang, Privacy
from kiosk.domain.timing import EAR_PAUSE_S, EAR_SILENT_S, EAR_SLOW, EAR_UNASKED_S
from kiosk.domain.visit.machine import Access, Ev, Event, Overlay, Resident, Step, VisitState, advance
from kiosk.domain.visit.navigation import ON_SHEET, Cursor, Kind, bar_places, first, place_line, read_aloud, targets

CATALOGUE = read_catalogue(Path(__file__).resolve().parents[3] / "config" / "catalogue")
CHOOSE = VisitState(step=Step.CHOOSE, case_no="1")
NAMED_ON_REQUEST = frozenset({Overlay.TYPING, Overlay.IDLE})
"""Who looks for a service by letters is writing; the idle warning says itself what to touch."""
KIM = Resident("resident", "陈阿金", "350221194403150021", "2", "1944-03-15", "某处")


def shown(state: VisitState) -> View:
    return view(state, CATALOGUE)


@cache
def every_screen() -> tuple[tuple[VisitState, View], ...]:
    """Every state with what it shows: made once for all that look at each."""
    return tuple((state, shown(state)) for state in every_state(CATALOGUE))


def after(state: VisitState, *events: Event) -> VisitState:
    for event in events:
        state = advance(state, event)[0]
    return state


def test_every_target_of_every_screen_is_reached_once_and_named_in_both_languages() -> None:
    words, seen = VoicesWords(), 0
    for state, screen in every_screen():
        here = targets(state, screen)
        events = [target.event for target in here]
        cursor, walked = Cursor(), []
        for _ in here:
            cursor = cursor.next(here)
            walked.append(cursor.enter(here))
        assert sorted(map(repr, walked)) == sorted(map(repr, events)), state.step
        assert not here or cursor.next(here).at == first(here), "it comes round"
        for target in here:
            seen += 1
            for lang in Lang:
                assert words.clauses(lang, target.line.key, target.line.args), target.line.key
    assert seen > 1000


def test_on_the_sheet_no_two_targets_mean_the_same() -> None:
    for state, screen in every_screen():
        here = targets(state, screen)
        own = [repr((target.line, target.event)) for target in here if target.kind in ON_SHEET]
        assert len(own) == len(set(own)), own


def test_previous_goes_where_next_came_from() -> None:
    here = targets(CHOOSE, shown(CHOOSE))
    one = Cursor().next(here)
    assert one.next(here).previous(here) == one
    assert Cursor().enter(here) is None
    assert Cursor().next(()) == Cursor()


def test_the_place_counts_what_the_screen_itself_offers() -> None:
    here = targets(CHOOSE, shown(CHOOSE))
    own = [at for at, target in enumerate(here) if target.kind in ON_SHEET]
    assert place_line(here, own[1]).args["n"].value == "2"
    assert place_line(here, own[1]).args["total"].value == str(len(own))
    assert VoicesWords().show(Lang.CMN, "ear.place", place_line(here, own[1]).args) == f"第2个,共{len(own)}个"


def test_wherever_there_is_a_choice_it_can_be_had_read_aloud() -> None:
    for state, screen in every_screen():
        offered = [target for target in targets(state, screen) if target.kind in ON_SHEET]
        assert (screen.spotlight is not None) == bool(offered and state.step is not Step.WIPE)


def lit(state: VisitState) -> str:
    spotlight = shown(state).spotlight
    return spotlight.lit.line.key if spotlight and spotlight.lit else ""


def test_it_names_each_choice_twice_and_then_waits_and_says_so() -> None:
    state = after(CHOOSE, Event(Ev.EAR_ON))
    named = read_aloud(shown(state))
    heard = [lit(state)]
    for _ in range(len(named) * ROUNDS - 1):
        assert [utterance.line.key for utterance in shown(state).say] == [lit(state)]
        state = after(state, Event(Ev.EAR_NEXT, len(named)))
        heard.append(lit(state))
    assert heard == [target.line.key for target in named] * ROUNDS
    state = after(state, Event(Ev.EAR_NEXT, len(named)))
    assert state.ear.waits and lit(state) == ""
    assert [utterance.line.key for utterance in shown(state).say] == ["ear.waits"]
    assert after(state, Event(Ev.EAR_NEXT, len(named))) == state, "nothing goes on by itself"
    again = shown(state).spotlight
    assert again is not None
    assert lit(after(state, again.button.event)) == named[0].line.key


def test_the_one_button_takes_what_is_lit_and_the_next_screen_begins_with_its_words() -> None:
    state = after(CHOOSE, Event(Ev.EAR_ON))
    spotlight = shown(state).spotlight
    assert spotlight is not None and spotlight.lit is not None
    assert spotlight.button.event == spotlight.lit.event == shown(CHOOSE).cards[0].event
    taken = after(state, spotlight.button.event)
    assert taken.step is Step.IDENTIFY
    assert taken.ear == Ear(on=True, at=WORDS)
    assert shown(taken).say[0].line == shown(taken).question


def test_back_and_help_are_named_last_and_the_red_bar_before_them() -> None:
    browse = after(CHOOSE, Event(Ev.BROWSE))
    kinds = [target.kind for target in read_aloud(shown(browse))]
    assert kinds[-3:] == [Kind.RED_BAR, Kind.BAR, Kind.BAR]


def test_while_it_reads_only_the_lit_choice_stands_out() -> None:
    for state in every_state(CATALOGUE):
        by_ear = shown(replace(state, ear=Ear(on=True, at=0)))
        filled = [choice for choice in (*by_ear.choices, *by_ear.cards) if choice.likely]
        assert not (by_ear.spotlight and filled)


def test_a_setting_or_a_language_keeps_the_place_anything_else_begins_anew() -> None:
    state = after(CHOOSE, Event(Ev.EAR_ON), Event(Ev.EAR_NEXT, 8))
    for event in (Event(Ev.LANGUAGE, Lang.CMN), Event(Ev.SETTING, Access(size=1)), Event(Ev.AGAIN)):
        assert after(state, event).ear.at == 1
    assert after(state, Event(Ev.HELP)).ear.at == WORDS


# ---- the pause between two choices ----------------------------------------------------------------------------


class HandClock:
    """Its one timer fires when the test says so."""

    def __init__(self) -> None:
        self.delays_s: list[float] = []
        self.due: Callable[[], None] | None = None

    def call_later(self, delay_s: float, action: Callable[[], None]) -> HandClock:
        self.delays_s.append(delay_s)
        self.due = action
        return self

    def now(self) -> float:
        return 0.0

    def wall(self) -> datetime:
        return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.is_set()

    def cancel(self) -> None:
        self.due = None

    def pass_pause(self) -> None:
        due, self.due = self.due, None
        if due is not None:
            due()


class Room:
    """The reader, and a voice that the test plays itself."""

    def __init__(self, **pauses: float) -> None:
        self.clock = HandClock()
        self.posted: list[Event] = []
        self.is_speaking = self.is_paused = False
        self.reader = EarReader(self.clock, self, self.posted.append, Pauses(**pauses))

    def show(self, state: VisitState) -> None:
        self.reader.follow(state, shown(state))

    def voice(self, speaks: bool) -> None:
        self.is_speaking = speaks
        self.reader.speaking(speaks)


@pytest.fixture
def room() -> Room:
    return Room()


READING = replace(CHOOSE, ear=Ear(on=True, at=0))
"""The first choice is being named."""


def test_the_pause_begins_when_the_name_has_been_said(room: Room) -> None:
    room.show(READING)
    room.voice(True)
    assert room.clock.due is None
    room.voice(False)
    assert room.clock.delays_s[-1] == EAR_PAUSE_S
    room.clock.pass_pause()
    count = len(read_aloud(shown(READING)))
    assert room.posted == [Event(Ev.EAR_NEXT, count)]


def test_a_voice_that_was_speaking_already_or_is_held_is_never_overtaken(room: Room) -> None:
    room.is_speaking = True
    room.show(READING)
    room.clock.pass_pause()
    room.is_speaking, room.is_paused = False, True
    room.reader.speaking(False)
    room.clock.pass_pause()
    assert not room.posted


def test_slow_mode_doubles_the_pause_and_silence_leaves_time_to_read(room: Room) -> None:
    room.show(replace(READING, access=Access(slow=True)))
    assert room.clock.delays_s[-1] == EAR_PAUSE_S * EAR_SLOW
    room.show(replace(READING, access=Access(voice=False)))
    assert room.clock.delays_s[-1] == EAR_SILENT_S


def test_nothing_is_counted_where_nobody_asked_for_it_or_after_two_rounds(room: Room) -> None:
    room.show(replace(CHOOSE, access=Access(voice=False)))
    room.show(replace(CHOOSE, ear=Ear(on=True, waits=True)))
    room.show(replace(CHOOSE, step=Step.WIPE, ear=Ear(on=True)))
    assert room.clock.due is None


# ---- unasked ----------------------------------------------------------------------------------------------------


def test_who_touches_nothing_has_the_choices_named_and_a_touch_begins_the_wait_anew(room: Room) -> None:
    room.show(CHOOSE)
    assert room.clock.delays_s == [EAR_UNASKED_S]
    room.reader.touched()
    assert room.clock.delays_s == [EAR_UNASKED_S] * 2
    room.clock.pass_pause()
    assert room.posted == [Event(Ev.EAR_UNASKED)]
    state = after(CHOOSE, room.posted[0])
    assert lit(state) == read_aloud(shown(CHOOSE))[0].line.key
    room.show(state)
    assert room.clock.delays_s[-1] == EAR_PAUSE_S


def test_naming_that_nobody_asked_for_ends_with_the_screen_and_asked_for_goes_on() -> None:
    for begun, goes_on in ((Ev.EAR_UNASKED, False), (Ev.EAR_ON, True)):
        state = after(CHOOSE, Event(begun), Event(Ev.EAR_NEXT, 8), Event(Ev.BROWSE))
        assert (state.ear.on, state.ear.at, state.ear.unasked) == (goes_on, WORDS, False)


def test_who_takes_what_was_named_unasked_has_the_next_screen_named_at_once() -> None:
    state = after(CHOOSE, Event(Ev.EAR_UNASKED), Event(Ev.EAR_KEPT))
    spotlight = shown(state).spotlight
    assert spotlight is not None and lit(state)
    assert after(state, spotlight.button.event).ear == Ear(on=True, at=WORDS)


def test_every_screen_that_waits_for_a_touch_names_its_choices_or_says_its_help() -> None:
    words, silent, helped = VoicesWords(), set[Overlay | Step](), 0
    for state, screen in every_screen():
        named, helps = names_unasked(state, screen), helps_unasked(state, screen)
        assert not (named and helps)
        heard = state.access.voice and not (screen.working or screen.is_silent or state.ear.on)
        if heard and read_aloud(screen) and state.step is not Step.WIPE and not (named or helps):
            silent.add(state.overlay if state.overlay is not Overlay.NONE else state.step)
        if helps:
            helped += 1
            told = shown(after(state, Event(Ev.EAR_HELP)))
            assert [line.line.key for line in told.say] == [f"help.{state.step.value}"]
            for lang in Lang:
                assert words.clauses(lang, f"help.{state.step.value}", {})
    assert helped > 3
    assert silent <= NAMED_ON_REQUEST, silent - NAMED_ON_REQUEST


def test_what_is_hers_alone_is_not_named_unasked() -> None:
    for state, screen in every_screen():
        if names_unasked(state, screen):
            kinds = {arg.kind for target in read_aloud(screen) for arg in target.line.args.values()}
            assert not kinds & {ArgKind.NAME, ArgKind.MONEY, ArgKind.TEXT, ArgKind.PHONE}


def test_never_means_never() -> None:
    room = Room(unasked_s=0.0)
    room.show(CHOOSE)
    assert room.clock.due is None


# ---- headphone, dark screen, settings -------------------------------------------------------------------------


def test_a_headphone_is_asked_about_and_its_answer_makes_the_screen_dark() -> None:
    plugged = after(CHOOSE, Event(Ev.HEADPHONE, True))
    assert plugged.overlay is Overlay.LISTEN
    only = next(choice for choice in shown(plugged).choices if choice.line.key == "ear.listen.only")
    dark = after(plugged, only.event)
    assert dark.access.screen_off and dark.overlay is Overlay.NONE


def test_pulled_out_it_asks_and_the_screen_is_there_again() -> None:
    dark = replace(CHOOSE, access=Access(screen_off=True), ear=Ear(headphone=True))
    out = after(dark, Event(Ev.HEADPHONE, False))
    assert out.overlay is Overlay.UNPLUGGED and not out.access.screen_off
    silent = next(choice for choice in shown(out).choices if choice.line.key == "ear.unplugged.silent")
    assert not after(out, silent.event).access.voice
    assert after(CHOOSE, Event(Ev.HEADPHONE, False)) == CHOOSE


def test_what_stands_on_a_card_is_said_privately_and_only_to_who_hears_only() -> None:
    review = VisitState(step=Step.REVIEW, item_id="XA032", case_no="3502130018261124000010", resident=KIM)
    assert all(utterance.privacy is Privacy.PUBLIC for utterance in shown(review).say)
    dark = shown(replace(review, access=Access(screen_off=True)))
    private = [utterance.line for utterance in dark.say if utterance.privacy is Privacy.PRIVATE]
    lone = ("ear.fact", "ear.fact.name", "ear.fact.masked", "ear.fact.tail")
    assert len([line for line in private if line.key in lone]) == len(dark.facts)
    number = next(line for line in private if line.key == "ear.fact.masked")
    assert (number.args["head"].value, number.args["tail"].value) == ("350", "21")


def test_one_button_puts_every_setting_back_and_is_there_only_when_something_differs() -> None:
    panel = replace(CHOOSE, overlay=Overlay.ACCESS)
    assert "access.reset" not in {choice.line.key for choice in shown(panel).choices}
    changed = replace(panel, access=Access(size=2, theme="dark", slow=True, explore=True, low_reach=True))
    reset = next(choice for choice in shown(changed).choices if choice.line.key == "access.reset")
    assert after(changed, reset.event).access == Access()


def test_every_setting_is_switched_on_and_off_by_the_panel() -> None:
    for name in ("slow", "low_reach", "explore", "screen_off", "voice"):
        before = Access()
        for page in range(4):
            panel = replace(CHOOSE, overlay=Overlay.ACCESS, access=before, ear=Ear(panel=page))
            for choice in shown(panel).choices:
                if choice.line.key.startswith(f"access.{name}."):
                    on = after(panel, choice.event)
                    assert getattr(on.access, name) is not getattr(before, name)
                    break
            else:
                continue
            break
        else:
            pytest.fail(name)


def test_the_panel_begins_on_its_first_page_and_has_one_thing_a_row() -> None:
    third = after(CHOOSE, Event(Ev.ACCESS), Event(Ev.PANEL, 2))
    assert third.ear.panel == 2
    assert after(third, Event(Ev.CLOSE), Event(Ev.ACCESS)).ear.panel == 0
    for page in range(4):
        here = shown(replace(third, ear=Ear(panel=page), access=Access(slow=True)))
        assert len(here.scales) + len(here.choices) <= 4


def test_the_bar_says_where_one_can_go() -> None:
    assert bar_places(Step.WIPE, Overlay.NONE) == frozenset()
    assert "back" not in bar_places(Step.WELCOME, Overlay.NONE)
    assert "back" in bar_places(Step.WELCOME, Overlay.ACCESS)
