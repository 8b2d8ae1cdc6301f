"""A slip says in which language it was printed: who shows it on the first screen is answered in that one."""

from __future__ import annotations

import pytest

from kiosk.domain.case_number import mint
from kiosk.domain.slip_codes import (
    appointment_code,
    draft_code,
    language_of,
    read_appointment,
    read_draft,
    read_payload,
    slip_code,
)
from kiosk.domain.speech import Lang
from kiosk.domain.visit import Ev, Event, Step, VisitState, advance

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
