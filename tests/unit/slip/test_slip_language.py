"""A slip says in which language it was printed: who shows it on the first screen is answered in that one."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain.case_number import mint
from kiosk.domain.event import EventKind
from kiosk.domain.site.rows import is_nobody_here
from kiosk.domain.slip.codes import (
    appointment_code,
    draft_code,
    language_of,
    read_appointment,
    read_draft,
    read_payload,
    slip_code,
)
from kiosk.domain.slip.state import Letter, LetterStage
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.machine import Access, Ev, Event, Overlay, Step, VisitState, advance

NUMBER = mint("350213", 7, 8, "261124", 1)
OF_BEFORE = (f"TSHP1:{NUMBER}:4821", f"TSHP2:{NUMBER}:4821:XA054", f"TSHP3:{NUMBER}:0412")


def codes(lang: Lang) -> tuple[str, ...]:
    return (
        slip_code(NUMBER, "4821", lang),
        appointment_code(NUMBER, "4821", "XA054", lang),
        draft_code(NUMBER, "0412", lang),
    )


@pytest.mark.parametrize("lang", Lang)
def test_each_code_is_read_as_before_and_tells_its_language(lang: Lang) -> None:
    slip, appointment, draft = codes(lang)
    assert read_payload(slip) == (NUMBER, "4821") and read_payload(slip_code(NUMBER, "", lang)) == (NUMBER, "")
    assert read_appointment(appointment) == read_appointment(OF_BEFORE[1]) is not None
    assert read_draft(draft) == (NUMBER, "0412")
    assert [language_of(code) for code in codes(lang)] == [lang] * 3
    assert all(set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-") for code in codes(lang))


@pytest.mark.parametrize("text", [*OF_BEFORE, "TSHP1:1:2:NAN", "HELLO:NAN", f"TSHP1:{NUMBER}:4821:XXX", ":NAN", ""])
def test_what_does_not_say_or_is_none_of_ours_changes_no_language(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("printed", Lang)
@pytest.mark.parametrize("at", range(3))
def test_on_the_first_screen_the_slip_says_how_to_speak_and_later_she_has_said_it_herself(
    printed: Lang, at: int
) -> None:
    shown = Event(Ev.CODE_SHOWN, codes(printed)[at])
    for standing in Lang:
        assert advance(VisitState(lang=standing), shown)[0].lang is printed
        assert advance(VisitState(step=Step.CHOOSE, lang=standing), shown)[0].lang is standing
    assert advance(VisitState(lang=Lang.NAN), Event(Ev.CODE_SHOWN, OF_BEFORE[at]))[0].lang is Lang.NAN


WAYS_OUT = (
    (Ev.CLOSE,),
    (Ev.BACK,),
    (Ev.LEAVE,),
    (Ev.HELP, Ev.CLOSE, Ev.CLOSE),
    (Ev.TAKE_BACK, Ev.BACK),
    (Ev.IDLE_WARN, Ev.CLOSE, Ev.CLOSE),
)


def told(text: str, *told: str, begun: VisitState | None = None) -> VisitState:
    state = advance(begun or VisitState(), Event(Ev.CODE_SHOWN, text))[0]
    for key in told:
        state = advance(state, Event(Ev.PROGRESS, Line(key)))[0]
    return state


@pytest.mark.parametrize("way", WAYS_OUT, ids=lambda way: "-".join(kind.name for kind in way))
@pytest.mark.parametrize("printed", Lang)
@pytest.mark.parametrize("answers", [(), ("progress.noticed",)], ids=["not answered yet", "answered"])
def test_closed_on_the_first_screen_a_slip_leaves_nothing_to_the_next_one_there(
    way: tuple[EventKind[Any], ...], printed: Lang, answers: tuple[str, ...]
) -> None:
    state = told(slip_code(NUMBER, "4821", printed), *answers)
    assert state.lang is printed and not is_nobody_here(state)
    for kind in way:
        state = advance(state, Event(kind))[0]
    assert state == VisitState() and is_nobody_here(state)
    assert advance(state, Event(Ev.PROGRESS, Line("progress.approved")))[0] == state, "an answer that comes late"
    assert told("HELLO", "progress.no_slip").progress and told("HELLO", "progress.no_slip").overlay is Overlay.PROGRESS
    assert advance(told("HELLO", "progress.no_slip"), Event(Ev.CLOSE))[0] == VisitState()


def test_what_she_has_set_and_the_language_that_she_has_chosen_outlive_her_slip() -> None:
    large = Access(size=2)
    set_before = told(slip_code(NUMBER, "4821", Lang.CMN), "progress.noticed", begun=VisitState(access=large))
    assert advance(set_before, Event(Ev.CLOSE))[0] == VisitState(access=large)
    chosen = VisitState(step=Step.CHOOSE, lang=Lang.CMN)
    in_visit = told(slip_code(NUMBER, "4821", Lang.NAN), "progress.noticed", begun=chosen)
    assert advance(in_visit, Event(Ev.CLOSE))[0].lang is Lang.CMN
    settings = advance(VisitState(lang=Lang.CMN), Event(Ev.ACCESS))[0]
    assert advance(settings, Event(Ev.CLOSE))[0].lang is Lang.CMN, "no slip was there"


def test_an_answer_about_the_slip_of_before_never_stands_under_the_next_one() -> None:
    """She closed hers before the office answered, and the next person shows his at once."""
    other = mint("350213", 7, 8, "261124", 2)
    waiting = told(
        slip_code(other, "0412", Lang.NAN), begun=advance(told(slip_code(NUMBER, "4821", Lang.NAN)), Event(Ev.CLOSE))[0]
    )
    for late in (
        Event(Ev.PROGRESS, Line("progress.approved"), NUMBER),
        Event(Ev.LETTER, Letter(LetterStage.OFFERED), NUMBER),
    ):
        assert advance(waiting, late) == (waiting, ())
    own = advance(waiting, Event(Ev.PROGRESS, Line("progress.noticed"), other))[0]
    assert own.progress == Line("progress.noticed")
    making = advance(advance(own, Event(Ev.LETTER, Letter(LetterStage.OFFERED), other))[0], Event(Ev.LETTER_WANTED))[0]
    assert advance(making, Event(Ev.LETTER, Letter(LetterStage.PROVED), NUMBER)) == (making, ())
