"""What may lie over a step: help, a call, a refusal explained, leaving, the idle warning."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.bring import view as view_bring
from kiosk.domain.drafts import view as view_drafts
from kiosk.domain.slip import view as view_slips
from kiosk.domain.speech import Line, Priority, Privacy, Utterance
from kiosk.domain.view.parts import CLOSE, Choice, Over, View, over
from kiosk.domain.visit.machine import Ev, Event, Overlay, VisitState


def _help(state: VisitState, base: View) -> View:
    return over(
        state,
        base,
        Line("help.question"),
        Choice(Line("help.call"), Event(Ev.CALL), likely=True, icon="bell"),
        Choice(Line("help.aid"), Event(Ev.AID), icon="talk"),
        CLOSE,
        # Who has called already sees how that stands before she calls once more.
        body=(state.call_answer or Line(f"help.{state.step.value}"),),
    )


def _progress(state: VisitState, base: View) -> View:
    if state.progress is None:
        return replace(over(state, base, Line("progress.looking")), working=True)
    help_line = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
    bring = view_bring.bring_choice(state)
    close = replace(CLOSE, likely=not bring)
    # There is room for one of them, and somebody can be called from the bar below in any case.
    last = view_slips.letter_choice(state) or (help_line,)
    return over(state, base, state.progress, *bring, close, *view_slips.back_choice(state), *last)


def _leave(state: VisitState, base: View) -> View:
    if state.drafts.is_kept and not state.stored:
        return view_drafts.leave_kept(state, base)
    kept = "leave.stored" if state.stored or state.bring.is_done else "leave.not_kept"
    if state.money.in_flight:
        kept = "leave.paying"
    return over(
        state,
        base,
        Line("leave.question"),
        Choice(Line("leave.stay"), Event(Ev.CLOSE), likely=True),
        *view_drafts.fetch_choice(state),
        Choice(Line("leave.go"), Event(Ev.LEAVE_SURE)),
        body=(Line(kept),),
    )


def _idle(state: VisitState, base: View) -> View:
    shown = over(
        state,
        base,
        Line("idle.question"),
        Choice(Line("idle.stay"), Event(Ev.CLOSE), likely=True),
        Choice(Line("idle.go"), Event(Ev.LEAVE_SURE)),
        body=(Line("idle.cleared_soon"),),
    )
    said = (shown.question, *shown.body)
    return replace(shown, say=tuple(Utterance(line, Privacy.PUBLIC, Priority.NOW) for line in said))


OVERLAYS: dict[Overlay, Over] = {
    Overlay.HELP: _help,
    Overlay.LEAVE: _leave,
    Overlay.PROGRESS: _progress,
    Overlay.IDLE: _idle,
}
