"""Screens and drawings that will be wanted, made while nobody waits: after the first frame, one a turn of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from kivy.clock import Clock

from kiosk.ui.drawing.theme import ICON_MM, LIST_ICON_MM
from kiosk.ui.router import Router
from kiosk.ui.screens.sheet import PICTURE_STEP_MM
from kiosk.ui.screens.table import NAMES
from kiosk.ui.stage import Stage

_EACH_S = 0.05
_ICONS = (
    "alert",
    "tick",
    "print",
    "bell",
    "size",
    "theme",
    "sound",
    "next",
    "back",
    "more",
    "again",
    "leave",
    "access",
)
_PICTURES = {
    "house": "welcome",
    "card_down": "identify",
    "card_up": "take_card",
    "look_up": "prepare",
    "send": "submit",
    "slip_wait": "print",
    "slip": "print",
    "helper": "overlay",
    "door": "overlay",
}
"""Picture -> the screen whose size it has."""
_FACES = 5
_CATEGORIES: tuple[str, ...] = ("pension", "work", "medical", "welfare", "disability", "health")
_CATEGORIES += ("police", "housing", "farming", "veterans", "market", "utilities")


def draw_ahead(stage: Stage, router: Router) -> None:
    """Icons at their one size, pictures at the heights that screens give them when there is room."""
    steps = chain(_screens(router), stage.raster.warm(_wanted(stage, router)))

    def step(_dt: float) -> None:
        if next(steps, steps) is None:
            Clock.schedule_once(step, _EACH_S)

    Clock.schedule_once(step, _EACH_S)


def _screens(router: Router) -> Iterator[None]:
    for name in NAMES:
        router.one(name)
        yield


def _wanted(stage: Stage, router: Router) -> Iterator[tuple[str, int]]:
    mm = stage.look.mm
    unit = mm(PICTURE_STEP_MM)
    for name in (*_ICONS, *_CATEGORIES):
        yield name, mm(ICON_MM)
    for name, screen in _PICTURES.items():
        yield name, mm(router.one(screen).anatomy.picture_mm) // unit * unit
    for level in range(1, _FACES + 1):
        yield f"face_{level}", mm(LIST_ICON_MM)
