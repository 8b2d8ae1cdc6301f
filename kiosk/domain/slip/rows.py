"""What the holder of a slip can take back: told what it means, asked twice, and only then sent."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.slip.codes import language_of, read_payload
from kiosk.domain.slip.state import NO_SLIP, Asked, Back, Letter, LetterStage, SlipShown
from kiosk.domain.speech import Lang, Line
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import DecisionKind, VisitState
from kiosk.domain.visit.transition import Answer, Part, always, always_plain, together
from kiosk.domain.visit.words import Do, Overlay, Step

TROUBLES = (
    *("progress.no_slip", "progress.ask_person", "progress.unreachable", "progress.withdrawn", "progress.refused"),
    *("progress.refused.ask", "progress.repeated"),
)
"""Answers after which there is nothing to take back here."""


def slip_of(text: str) -> SlipShown:
    read = read_payload(text)
    return SlipShown(*read) if read else NO_SLIP


def lang_of_holder(state: VisitState, code: str) -> Lang:
    """Before anybody has chosen a language, whoever holds a slip is spoken to in the one it was printed in."""
    printed_in = language_of(code) if state.step is Step.WELCOME else None
    return printed_in or state.lang


def put_away(before: VisitState, after: VisitState) -> VisitState:
    """Closed on the first screen, a slip leaves nothing behind: the next one hears the terminal's own language."""
    closed = before.overlay is not Overlay.NONE and after.overlay is Overlay.NONE
    has_told = after.slip != NO_SLIP or after.progress is not None
    if not (closed and has_told and before.step is after.step is Step.WELCOME):
        return after
    return replace(after, slip=NO_SLIP, progress=None, lang=VisitState().lang)


def may_take_back(state: VisitState) -> bool:
    return state.slip.opens and state.progress is not None and state.progress.key not in TROUBLES


def _begin(state: VisitState) -> Answer:
    if state.overlay is not Overlay.PROGRESS or not may_take_back(state):
        return state, ()
    return replace(state, overlay=Overlay.TAKE_BACK, slip=SlipShown(state.slip.number, state.slip.code)), ()


def _wish(state: VisitState, value: Back) -> Answer:
    if state.overlay is not Overlay.TAKE_BACK or state.slip.back is not None:
        return state, ()
    return replace(state, slip=replace(state.slip, back=value)), ()


def _sure(state: VisitState) -> Answer:
    slip = state.slip
    if state.overlay is not Overlay.TAKE_BACK or slip.back is None or slip.asked is Asked.SENT:
        return state, ()
    if slip.asked is Asked.MEANS:
        return replace(state, slip=replace(slip, asked=Asked.SURE)), ()
    return replace(state, slip=replace(slip, asked=Asked.SENT)), (Do.TAKE_BACK,)


def _slip_answered(state: VisitState, value: Line) -> Answer:
    if state.slip.asked is not Asked.SENT or state.slip.told is not None:
        return state, ()
    return replace(state, slip=replace(state.slip, told=value)), ()


def offers_letter(state: VisitState) -> bool:
    """The office has said that it has one for this slip's case."""
    return state.slip.opens and state.slip.letter is not None and state.progress is not None


def result_has_letter(state: VisitState) -> bool:
    """What was decided just now is in a letter, which the number and the code of this visit open."""
    decision = state.decision
    if decision is None or not decision.query_code or not state.case_no or decision.repeats:
        return False
    return decision.kind in (DecisionKind.APPROVED, DecisionKind.NOTICE)


def _letter_wanted(state: VisitState) -> Answer:
    making = Letter(LetterStage.MAKING)
    slip = state.slip
    if state.overlay is Overlay.LETTER and slip.letter is not None and slip.letter.stage is not LetterStage.MAKING:
        return replace(state, slip=replace(slip, letter=making)), (Do.MAKE_LETTER,)
    if state.overlay is Overlay.PROGRESS and offers_letter(state):
        return replace(state, overlay=Overlay.LETTER, slip=replace(slip, letter=making)), (Do.MAKE_LETTER,)
    if state.step is Step.RESULT and state.overlay is Overlay.NONE and result_has_letter(state):
        assert state.decision is not None
        own = SlipShown(state.case_no, state.decision.query_code, letter=making)
        return replace(state, overlay=Overlay.LETTER, slip=own), (Do.MAKE_LETTER,)
    return state, ()


def _letter_told(state: VisitState, value: Letter) -> Answer:
    is_offer = value.stage is LetterStage.OFFERED
    awaited = state.slip.letter is not None and state.slip.letter.stage is LetterStage.MAKING
    if is_offer and (state.layer is not Overlay.PROGRESS or state.progress is not None):
        return state, ()
    if not is_offer and not awaited:
        return state, ()
    return replace(state, slip=replace(state.slip, letter=value)), ()


PART = Part(
    everywhere=together(
        always_plain(Ev.LETTER_WANTED, _letter_wanted),
        always(Ev.LETTER, _letter_told),
        always_plain(Ev.TAKE_BACK, _begin),
        always(Ev.BACK_WISH, _wish),
        always_plain(Ev.BACK_SURE, _sure),
        always(Ev.TAKEN_BACK, _slip_answered),
    ),
)
