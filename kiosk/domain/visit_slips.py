"""What the holder of a slip can take back: told what it means, asked twice, and only then sent."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.slip_codes import language_of, read_payload
from kiosk.domain.slip_state import NO_SLIP, Asked, Back, SlipShown
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit_rows import Answer, Part
from kiosk.domain.visit_state import VisitState
from kiosk.domain.visit_words import Do, Ev, Overlay, Step

TROUBLES = ("progress.no_slip", "progress.ask_person", "progress.unreachable", "progress.withdrawn", "progress.refused")
"""Answers after which there is nothing to take back here."""


def slip_of(text: object) -> SlipShown:
    read = read_payload(str(text))
    return SlipShown(*read) if read else NO_SLIP


def lang_of_holder(state: VisitState, value: object) -> Lang:
    """Before anybody has chosen a language, whoever holds a slip is spoken to in the one it was printed in."""
    printed_in = language_of(str(value)) if state.step is Step.WELCOME else None
    return printed_in or state.lang


def may_take_back(state: VisitState) -> bool:
    return state.slip.opens and state.progress is not None and state.progress.key not in TROUBLES


def _begin(state: VisitState, value: object) -> Answer:
    if state.overlay is not Overlay.PROGRESS or not may_take_back(state):
        return state, ()
    return replace(state, overlay=Overlay.TAKE_BACK, slip=SlipShown(state.slip.number, state.slip.code)), ()


def _wish(state: VisitState, value: object) -> Answer:
    if state.overlay is not Overlay.TAKE_BACK or state.slip.back is not None:
        return state, ()
    assert isinstance(value, Back)
    return replace(state, slip=replace(state.slip, back=value)), ()


def _sure(state: VisitState, value: object) -> Answer:
    slip = state.slip
    if state.overlay is not Overlay.TAKE_BACK or slip.back is None or slip.asked is Asked.SENT:
        return state, ()
    if slip.asked is Asked.MEANS:
        return replace(state, slip=replace(slip, asked=Asked.SURE)), ()
    return replace(state, slip=replace(slip, asked=Asked.SENT)), (Do.TAKE_BACK,)


def _slip_answered(state: VisitState, value: object) -> Answer:
    if state.slip.asked is not Asked.SENT or state.slip.told is not None:
        return state, ()
    assert isinstance(value, Line)
    return replace(state, slip=replace(state.slip, told=value)), ()


PART = Part(
    everywhere={Ev.TAKE_BACK: _begin, Ev.BACK_WISH: _wish, Ev.BACK_SURE: _sure, Ev.TAKEN_BACK: _slip_answered},
)
