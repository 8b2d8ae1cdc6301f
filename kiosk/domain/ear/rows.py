"""Rows of the machine for choosing by ear and by keys."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.ear.state import ROUNDS, WORDS, Ear
from kiosk.domain.event import Event
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Answer, Part, always, always_plain, together
from kiosk.domain.visit.words import Do, Overlay, Step

_KEEPS_PLACE = frozenset(
    (
        *(Ev.EAR_ON, Ev.EAR_UNASKED, Ev.EAR_KEPT, Ev.EAR_HELP, Ev.EAR_OFF, Ev.EAR_NEXT),
        *(Ev.SETTING, Ev.LANGUAGE, Ev.HEADPHONE, Ev.AGAIN),
    )
)
"""After these the same choices stand there: reading goes on where it is."""

_ASKED = (Overlay.LISTEN, Overlay.UNPLUGGED)
"""Questions that are answered by a setting."""


def followed(before: VisitState, after: VisitState, event: Event) -> VisitState:
    """What was lit belongs to the screen it was lit on: on the next one reading begins with its words."""
    ear = after.ear
    if ear.panel and after.overlay is not Overlay.ACCESS:
        ear = replace(ear, panel=0)
    if event.kind not in _KEEPS_PLACE and after != before:
        if ear.unasked:
            ear = replace(ear, on=False, unasked=False)
        ear = replace(ear, at=WORDS, rounds=0, waits=False, helped=False)
    if event.kind is Ev.SETTING and before.layer in _ASKED:
        is_asked = before.overlay in _ASKED
        after = replace(after, overlay=Overlay.NONE if is_asked else after.overlay, under=Overlay.NONE)
    return after if ear == after.ear else replace(after, ear=ear)


def _on(state: VisitState) -> Answer:
    """Names the first choice at once: who asks for it has heard the screen's words, or can hear them again."""
    return _with(state, replace(state.ear, on=True, at=0, rounds=0, waits=False)), ()


def _unasked(state: VisitState) -> Answer:
    """Somebody stands there and touches nothing: perhaps she cannot read what there is to choose."""
    if state.ear.on:
        return state, ()
    return _with(state, replace(state.ear, on=True, unasked=True, at=0, rounds=0, waits=False)), ()


def _kept(state: VisitState) -> Answer:
    return _with(state, replace(state.ear, unasked=False)), ()


def _help(state: VisitState) -> Answer:
    return _with(state, replace(state.ear, helped=True)), ()


def _off(state: VisitState) -> Answer:
    return _with(state, replace(state.ear, on=False, unasked=False, at=WORDS, rounds=0, waits=False)), ()


def _next(state: VisitState, count: int) -> Answer:
    """:param count: how many choices the screen has."""
    ear = state.ear
    if not ear.on or ear.waits or count <= 0:
        return state, ()
    if ear.at + 1 < count:
        return _with(state, replace(ear, at=ear.at + 1)), ()
    if ear.rounds + 1 < ROUNDS:
        return _with(state, replace(ear, at=0, rounds=ear.rounds + 1)), ()
    return _with(state, replace(ear, at=WORDS, rounds=ROUNDS, waits=True)), ()


def _panel(state: VisitState, value: int) -> Answer:
    return (_with(state, replace(state.ear, panel=value)) if state.overlay is Overlay.ACCESS else state), ()


def _headphone(state: VisitState, plugged: bool) -> Answer:
    """In: she is asked whether she wants to hear only. Out: the screen is there again, and she is asked, too."""
    changed = _with(state, replace(state.ear, headphone=plugged))
    if state.step is Step.WIPE or plugged == state.ear.headphone:
        return changed, ()
    if plugged:
        return replace(changed, overlay=Overlay.LISTEN if _may_ask(state) else state.overlay), ()
    seen = replace(changed, access=replace(state.access, screen_off=False))
    return replace(seen, overlay=Overlay.UNPLUGGED), ()


def _may_ask(state: VisitState) -> bool:
    return state.overlay in (Overlay.NONE, Overlay.UNPLUGGED) and not state.access.screen_off


def _with(state: VisitState, ear: Ear) -> VisitState:
    return replace(state, ear=ear)


PART = Part(
    everywhere=together(
        always_plain(Ev.AGAIN, lambda state: (state, (Do.SAY_AGAIN,))),
        always_plain(Ev.EAR_ON, _on),
        always_plain(Ev.EAR_UNASKED, _unasked),
        always_plain(Ev.EAR_KEPT, _kept),
        always_plain(Ev.EAR_HELP, _help),
        always_plain(Ev.EAR_OFF, _off),
        always(Ev.EAR_NEXT, _next),
        always(Ev.PANEL, _panel),
        always(Ev.HEADPHONE, _headphone),
    )
)
