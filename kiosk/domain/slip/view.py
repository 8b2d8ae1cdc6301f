"""Screens for what the holder of a slip can take back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.slip.rows import may_take_back, offers_letter
from kiosk.domain.slip.state import Asked, Back, LetterStage
from kiosk.domain.speech import Line
from kiosk.domain.view.parts import CLOSE, Choice, Over, View, over
from kiosk.domain.visit.machine import Ev, Event, Overlay, VisitState

_LEAVE_IT = replace(CLOSE, line=Line("takeback.leave"), likely=True)
_CALL = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")


def back_choice(state: VisitState) -> tuple[Choice, ...]:
    """Beside how the case stands."""
    return (Choice(Line("takeback"), Event(Ev.TAKE_BACK)),) if may_take_back(state) else ()


def _take_back(state: VisitState, base: View) -> View:
    slip = state.slip
    if slip.back is None:
        each = (Choice(Line(f"takeback.{back.value}"), Event(Ev.BACK_WISH, back)) for back in Back)
        return over(state, base, Line("takeback.which"), *each, _LEAVE_IT)
    if slip.told is not None:
        return over(state, base, slip.told, replace(CLOSE, likely=True), _CALL)
    if slip.asked is Asked.SENT:
        return replace(over(state, base, Line("takeback.sending")), working=True)
    question = f"takeback.{slip.back.value}.{slip.asked.value}"
    yes = Choice(Line(f"takeback.{slip.asked.value}.yes"), Event(Ev.BACK_SURE))
    return over(state, base, Line(question), _LEAVE_IT, yes)


def letter_choice(state: VisitState) -> tuple[Choice, ...]:
    """Beside how the case stands."""
    return (Choice(Line("letter.print"), Event(Ev.LETTER_WANTED), icon="print"),) if offers_letter(state) else ()


def _letter(state: VisitState, base: View) -> View:
    letter = state.slip.letter
    close, again = replace(CLOSE, likely=True), Choice(Line("print.again"), Event(Ev.LETTER_WANTED), icon="print")
    match letter.stage if letter is not None else LetterStage.MAKING:
        case LetterStage.PROVED:
            return replace(over(state, base, Line("letter.take"), close), picture="slip")
        case LetterStage.UNKNOWN:
            return replace(over(state, base, Line("letter.unknown"), close, again), picture="slip")
        case LetterStage.ELSEWHERE:
            return over(state, base, Line("letter.elsewhere"), close)
        case LetterStage.FAILED:
            fault = letter.fault if letter is not None else ""
            question = Line(f"fault.{fault}") if fault else Line("letter.failed")
            return over(state, base, question, replace(again, likely=True), CLOSE, body=(Line("letter.counter"),))
        case _:
            return replace(over(state, base, Line("letter.making")), working=True)


OVERLAYS: dict[Overlay, Over] = {Overlay.TAKE_BACK: _take_back, Overlay.LETTER: _letter}
