"""The settings: what is seen, what is heard, how hands reach, how the ear chooses. At most one thing a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.event import Event
from kiosk.domain.speech import RATES, VOLUME_STEPS, Line
from kiosk.domain.view.parts import Choice, Over, Scale, View
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import Access, VisitState
from kiosk.domain.visit.words import Overlay

TEXT_SIZES = 4
"""Text sizes that are offered, each a press further; after the largest comes the common one."""
THEMES = ("day", "light", "dark", "glare")
"""Colours that are offered, in the order of the presses."""

Rows = tuple[tuple[Scale, ...], tuple[Choice, ...]]


def _access(state: VisitState, base: View) -> View:
    page = min(state.ear.panel, len(_PAGES) - 1)
    scales, choices = _PAGES[page](state.access)
    pager = []
    if page > 0:
        pager.append(Choice(Line("browse.previous"), Event(Ev.PANEL, page - 1)))
    if page + 1 < len(_PAGES):
        pager.append(Choice(Line("browse.next"), Event(Ev.PANEL, page + 1)))
    done = Choice(Line("access.done"), Event(Ev.CLOSE), likely=True)
    return View(
        state.step,
        state.overlay,
        Line(_QUESTIONS[page]),
        scales=scales,
        choices=(*choices, done),
        pager=tuple(pager),
        progress=base.progress,
        case_no="",
    )


def _seen(access: Access) -> Rows:
    size = (access.size + 1) % TEXT_SIZES
    theme = THEMES[(THEMES.index(access.theme) + 1) % len(THEMES)]
    return (), (
        Choice(Line(f"access.size.{size}"), _with(access, size=size), icon="size"),
        Choice(Line(f"access.theme.{theme}"), _with(access, theme=theme), icon="theme"),
        *_at_first(access),
    )


def _at_first(access: Access) -> tuple[Choice, ...]:
    """One button puts all back, where anything differs."""
    return () if access == Access() else (Choice(Line("access.reset"), Event(Ev.SETTING, Access()), icon="again"),)


def _heard(access: Access) -> Rows:
    return (_volume(access), _rate(access)), (_switch(access, "voice", "sound"),)


def _reached(access: Access) -> Rows:
    return (), (_switch(access, "low_reach", "low"), _switch(access, "slow", "slow"))


def _by_ear(access: Access) -> Rows:
    return (), (_switch(access, "explore", "hand"), _switch(access, "screen_off", "screen_off"))


_PAGES: tuple[Callable[[Access], Rows], ...] = (_seen, _heard, _reached, _by_ear)
_QUESTIONS = ("access.question", "access.question.heard", "access.question.reached", "access.question.ear")


def _switch(access: Access, name: str, icon: str) -> Choice:
    """What a press does: begin it, or end it."""
    on = bool(getattr(access, name))
    return Choice(Line(f"access.{name}.{'end' if on else 'begin'}"), _with(access, **{name: not on}), icon=icon)


def _with(access: Access, **changes: Any) -> Event:
    # Named fields of Access, each given with its own type above.
    return Event(Ev.SETTING, replace(access, **changes))


def _volume(access: Access) -> Scale:
    softer = Choice(Line("access.softer"), Event(Ev.SETTING, access.louder(-1)))
    louder = Choice(Line("access.louder"), Event(Ev.SETTING, access.louder(1)))
    return Scale(Line("access.volume"), softer, louder, access.volume, VOLUME_STEPS)


def _rate(access: Access) -> Scale:
    slower = Choice(Line("access.slower"), Event(Ev.SETTING, access.faster(-1)))
    faster = Choice(Line("access.faster"), Event(Ev.SETTING, access.faster(1)))
    return Scale(Line("access.rate"), slower, faster, RATES.index(access.rate_percent) + 1, len(RATES))


OVERLAYS: dict[Overlay, Over] = {Overlay.ACCESS: _access}
