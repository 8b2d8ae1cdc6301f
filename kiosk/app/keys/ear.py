"""States whose screens have the words of choosing by ear and of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.ear.state import WORDS, Ear
from kiosk.domain.screens.compose import TEXT_SIZES, THEMES
from kiosk.domain.slip.told import NAMES
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import Access, Overlay, Printing, Step, VisitState

_ON = Access(slow=True, low_reach=True, explore=True, screen_off=True, voice=False)


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    panel = replace(base, overlay=Overlay.ACCESS)
    for size in range(TEXT_SIZES):
        for theme in THEMES:
            yield replace(panel, access=Access(size=size, theme=theme))
    for page in range(4):
        for access in (Access(), _ON):
            yield replace(panel, access=access, ear=Ear(panel=page))
    for ear in (Ear(on=True), Ear(on=True, at=0), Ear(on=True, at=WORDS, waits=True)):
        yield replace(base, step=Step.CHOOSE, ear=ear)
    yield replace(base, step=Step.REVIEW, ear=Ear(headphone=True))
    figures = tuple((name, Arg(ArgKind.DIGITS, "4821")) for name in NAMES)
    printed = replace(base, step=Step.PRINT, printing=Printing.PROVED, slip_figures=figures)
    yield replace(printed, ear=Ear(headphone=True))


def lines() -> Iterator[Line]:
    """A masked value of which only the end is left."""
    yield Line("ear.fact.tail", {"label": Arg(ArgKind.KEY, "fact.phone"), "tail": Arg(ArgKind.DIGITS, "8000")})
