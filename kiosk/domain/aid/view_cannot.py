"""办不成事: why it could not be done, who hears of it, and the number it has then. Never only a no."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.aid.state import Cause, SlipTold
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import CLOSE, Choice, Fact, View, over
from kiosk.domain.visit.machine import DecisionKind, Ev, Event, Step, VisitState
from kiosk.domain.visit.readiness import IDENTIFY, Capability

MOST_CAUSES = 4
_COMMON = (Cause.MISSING, Cause.REFUSED, Cause.DEVICE, Cause.NETWORK, Cause.CANNOT_PAY, Cause.NOT_MINE)
_FIRST: dict[Step, tuple[Cause, ...]] = {
    Step.GUIDE: (Cause.NOT_MINE, Cause.MISSING, Cause.DEVICE),
    Step.IDENTIFY: (Cause.DEVICE, Cause.MISSING, Cause.NOT_MINE),
    Step.CONFIRM_WHO: (Cause.NOT_MINE, Cause.DEVICE),
    Step.TAKE_CARD: (Cause.DEVICE,),
    Step.COMMIT: (Cause.NOT_MINE,),
    Step.SUBMIT: (Cause.NETWORK, Cause.DEVICE),
    Step.PRINT: (Cause.DEVICE,),
}
"""What most probably failed on a step's screen."""


def causes(state: VisitState) -> tuple[Cause, ...]:
    """At most four, the likely ones of this screen first."""
    first: list[Cause] = []
    if state.decision is not None and state.decision.kind is DecisionKind.NOTICE:
        first += (Cause.MISSING, Cause.REFUSED, Cause.NOT_MINE)
    if state.card_fault or state.print_fault or not state.capabilities.usable & IDENTIFY:
        first.append(Cause.DEVICE)
    if state.offline:
        first.append(Cause.NETWORK)
    if "pay" in state.step.value:
        first.append(Cause.CANNOT_PAY)
    first += _FIRST.get(state.step, ())
    return tuple(dict.fromkeys((*first, *_COMMON)))[:MOST_CAUSES]


def cannot(state: VisitState, base: View) -> View:
    """What failed, in her own choice of words; one touch registers it."""
    cards = tuple(
        Choice(Line(f"cannot.cause.{cause.value}"), Event(Ev.REGISTER, cause), icon=f"cause_{cause.value}")
        for cause in causes(state)
    )
    other = Choice(Line("cannot.cause.other"), Event(Ev.REGISTER, Cause.OTHER))
    body = (*_why(state, base), Line("cannot.kept"))
    # The number of her matter stands on what she came from and on what she is given: here it would only crowd.
    return replace(over(state, base, Line("cannot.question"), other, CLOSE, body=body), cards=cards, case_no="")


def _why(state: VisitState, base: View) -> tuple[Line, ...]:
    """The reason of this screen: the office's own where it has decided."""
    if state.note:
        return (Line(state.note),)
    if state.decision is not None and state.decision.kind is DecisionKind.NOTICE and state.decision.reasons:
        return state.decision.reasons[:2]
    return (Line(f"cannot.{state.step.value}"),)


def registered(state: VisitState, base: View) -> View:
    """The number, who hears of it, until when somebody answers; all of it on paper, too."""
    taken = state.aid.taken
    if taken is None:
        return replace(over(state, base, Line("cannot.registering"), body=(Line("cannot.kept"),)), working=True)
    call = Choice(Line("help.call"), Event(Ev.CALL), icon="bell")
    if not taken.is_kept:
        return over(state, base, Line("help.not_stored"), replace(call, likely=True), CLOSE)
    slip, told = slip_choice(state)
    choices = (*slip, call, replace(CLOSE, likely=not slip))
    shown = over(
        state,
        base,
        Line("cannot.registered"),
        *choices,
        body=(taken.line or Line("cannot.queued"), Line("cannot.told"), *told),
    )
    due = tuple(_due(level, taken.due[level]) for level in ("window", "district") if level in taken.due)
    busy = state.aid.slip is SlipTold.BUSY
    return replace(shown, facts=due, working=busy, case_no="" if taken.number else state.case_no)


def _due(level: str, day: str) -> Fact:
    date = Arg(ArgKind.DATE, day)
    return Fact(f"cannot.due.{level}", date, words=Line("shown.date", {"date": date}))


def slip_choice(state: VisitState) -> tuple[tuple[Choice, ...], tuple[Line, ...]]:
    """The choice to have what is told on paper, and how far the paper has come."""
    slip = state.aid.slip
    if not state.capabilities.has(Capability.PRINT_SLIP):
        return (), (Line("help.slip.none"),)
    told = () if slip is SlipTold.NONE else (Line(f"help.slip.{slip.value}"),)
    if slip in (SlipTold.BUSY, SlipTold.OUT):
        return (), told
    return (Choice(Line("help.slip.print"), Event(Ev.PRINT_HELP), likely=True, icon="print"),), told
