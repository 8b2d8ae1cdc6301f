"""What may lie over a step: help, a call, a refusal explained, settings, leaving, the idle warning."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.speech import RATES, VOLUME_STEPS, Line, Priority, Privacy, Utterance
from kiosk.domain.view_parts import Choice, Over, Scale, View
from kiosk.domain.visit import Access, Ev, Event, Overlay, VisitState


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


def _toggle(access: Access, **changes: object) -> Event:
    # Named fields of Access, each given with its own type below.
    return Event(Ev.SETTING, replace(access, **changes))  # type: ignore[arg-type]


TEXT_SIZES = 4
"""Text sizes that are offered, each a press further; after the largest comes the common one."""
THEMES = ("day", "light", "dark", "glare")
"""Colours that are offered, in the order of the presses."""


def _access(state: VisitState, base: View) -> View:
    access = state.access
    size = (access.size + 1) % TEXT_SIZES
    theme = THEMES[(THEMES.index(access.theme) + 1) % len(THEMES)]
    shown = _over(
        state,
        base,
        Line("access.question"),
        Choice(Line(f"access.size.{size}"), _toggle(access, size=size), icon="size"),
        Choice(Line(f"access.theme.{theme}"), _toggle(access, theme=theme), icon="theme"),
        replace(_CLOSE, line=Line("access.done"), likely=True),
    )
    return replace(shown, scales=(_volume(access), _rate(access)))


def _volume(access: Access) -> Scale:
    softer = Choice(Line("access.softer"), Event(Ev.SETTING, access.louder(-1)))
    louder = Choice(Line("access.louder"), Event(Ev.SETTING, access.louder(1)))
    return Scale(Line("access.volume"), softer, louder, access.volume, VOLUME_STEPS)


def _rate(access: Access) -> Scale:
    slower = Choice(Line("access.slower"), Event(Ev.SETTING, access.faster(-1)))
    faster = Choice(Line("access.faster"), Event(Ev.SETTING, access.faster(1)))
    return Scale(Line("access.rate"), slower, faster, RATES.index(access.rate_percent) + 1, len(RATES))


def _leave(state: VisitState, base: View) -> View:
    kept = "leave.stored" if state.stored else "leave.not_kept"
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
    Overlay.ACCESS: _access,
    Overlay.LEAVE: _leave,
    Overlay.PROGRESS: _progress,
    Overlay.IDLE: _idle,
}
