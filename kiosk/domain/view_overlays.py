"""What may lie over a step: help, a call, a refusal explained, leaving, the idle warning."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.speech import Line, Priority, Privacy, Utterance
from kiosk.domain.view_parts import Choice, Over, View
from kiosk.domain.visit import Ev, Event, Overlay, VisitState


def _over(state: VisitState, base: View, question: Line, *choices: Choice, body: tuple[Line, ...] = ()) -> View:
    """An overlay hides the step's own content, keeps its place in the visit and has its own choices."""
    return View(
        state.step, state.overlay, question, body=body, choices=choices, progress=base.progress, case_no=base.case_no
    )


_CLOSE = Choice(Line("overlay.close"), Event(Ev.CLOSE))


def _help(state: VisitState, base: View) -> View:
    return _over(
        state,
        base,
        Line("help.question"),
        Choice(Line("help.call"), Event(Ev.CALL), likely=True, icon="bell"),
        _CLOSE,
        body=(Line(f"help.{state.step.value}"),),
    )


def _called(state: VisitState, base: View) -> View:
    answer = state.call_answer or Line("help.calling")
    shown = _over(state, base, answer, replace(_CLOSE, likely=True), body=(Line("help.kept"),))
    return replace(shown, working=state.call_answer is None)


def _progress(state: VisitState, base: View) -> View:
    if state.progress is None:
        return replace(_over(state, base, Line("progress.looking")), working=True)
    help_line = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
    return _over(state, base, state.progress, replace(_CLOSE, likely=True), help_line)


def _cannot(state: VisitState, base: View) -> View:
    return _over(
        state,
        base,
        Line("cannot.question"),
        Choice(Line("cannot.register"), Event(Ev.CALL), likely=True, icon="bell"),
        _CLOSE,
        body=(Line(state.note or f"cannot.{state.step.value}"), Line("cannot.kept")),
    )


def _leave(state: VisitState, base: View) -> View:
    kept = "leave.stored" if state.stored else "leave.not_kept"
    if state.money.in_flight:
        kept = "leave.paying"
    return _over(
        state,
        base,
        Line("leave.question"),
        Choice(Line("leave.stay"), Event(Ev.CLOSE), likely=True),
        Choice(Line("leave.go"), Event(Ev.LEAVE_SURE)),
        body=(Line(kept),),
    )


def _idle(state: VisitState, base: View) -> View:
    shown = _over(
        state,
        base,
        Line("idle.question"),
        Choice(Line("idle.stay"), Event(Ev.CLOSE), likely=True),
        Choice(Line("idle.go"), Event(Ev.LEAVE_SURE)),
        body=(Line("idle.cleared_soon"),),
    )
    return replace(shown, say=(Utterance(Line("idle.question"), Privacy.PUBLIC, Priority.NOW),))


OVERLAYS: dict[Overlay, Over] = {
    Overlay.HELP: _help,
    Overlay.CALLED: _called,
    Overlay.CANNOT: _cannot,
    Overlay.LEAVE: _leave,
    Overlay.PROGRESS: _progress,
    Overlay.IDLE: _idle,
}
