"""Rows of the access list that the machine itself answers for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from drivers import faults
from kiosk.adapters.words import VoicesWords
from kiosk.domain.event import EventKind
from kiosk.domain.speech import Lang
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.machine import Event, Overlay, Step, VisitState, advance

UNASKED = (
    *(Ev.CARD_SEEN, Ev.CARD_REMOVED, Ev.PRINTED, Ev.STORED, Ev.DECIDED, Ev.UNSENT, Ev.WIPED, Ev.CALL_ANSWERED),
    *(Ev.PROGRESS, Ev.CARD_FAILED),
)
"""What devices and services say without anybody having touched anything."""
VALUES: dict[EventKind[Any], object] = {Ev.CARD_FAILED: "card_place_again", Ev.STORED: "n"}


@pytest.mark.parametrize("step", Step)
def test_nothing_covers_a_screen_unasked_but_the_idle_warning(step: Step) -> None:
    """No pop-ups: what devices and services report changes the screen it belongs to or nothing."""
    for kind in UNASKED:
        if kind in (Ev.PRINTED, Ev.DECIDED, Ev.CALL_ANSWERED, Ev.PROGRESS):
            continue  # Their values belong to screens that wait for them.
        after, _ = advance(VisitState(step=step, case_no="3502130078261124000017"), Event(kind, VALUES.get(kind)))
        assert after.overlay is Overlay.NONE, (step, kind)
    warned, _ = advance(VisitState(step=step, case_no="3502130078261124000017"), Event(Ev.IDLE_WARN))
    assert warned.overlay is (Overlay.NONE if step in (Step.WELCOME, Step.WIPE) else Overlay.IDLE)


@pytest.mark.parametrize("lang", Lang)
def test_every_fault_that_a_resident_can_meet_has_its_words(
    lang: Lang, record_property: Callable[[str, object], None]
) -> None:
    """At most two sentences, no code, and always something to do or somebody to wait for."""
    words = VoicesWords()
    names = [fault.name for fault in faults.CATALOGUE.values()]
    for name in names:
        shown = words.show(lang, f"fault.{name}", {})
        assert shown, name
        assert sum(shown.count(mark) for mark in "。！？") <= 3, (name, shown)
        assert not any(char.isascii() and char.isupper() for char in shown), (name, shown)
    record_property("figure", f"{lang.value}: {len(names)} faults")
