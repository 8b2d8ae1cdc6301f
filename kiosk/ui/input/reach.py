"""Where hands reach: everything that can be touched stands between two heights over the floor. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.ui.drawing.theme import ScreenConfig

LOWEST_MM, HIGHEST_MM = 400, 1220
"""Over the floor, from a wheelchair (KS X 9211; EN 301 549 8.3 asks 380 to 1,220 mm)."""


@dataclass(frozen=True, slots=True)
class Above:
    """Room above everything that can be touched, in pixels from the bottom."""

    floor: int
    ceiling: int


NOWHERE = Above(0, 0)


@dataclass(frozen=True, slots=True)
class Band:
    """What lies within reach, in pixels from the bottom of the screen."""

    bottom: int
    top: int
    height: int
    """Of the whole screen."""

    @property
    def above(self) -> Above:
        return Above(self.top, self.height) if self.top < self.height else NOWHERE


def band(screen: ScreenConfig, low_reach: bool) -> Band:
    """The whole screen, or as much of it as is reached. A screen that hangs out of reach altogether stays whole."""
    whole = Band(0, screen.height_px, screen.height_px)
    if not low_reach:
        return whole
    foot_mm = screen.mount_height_mm - screen.height_px / screen.px_per_mm
    bottom = max(round((LOWEST_MM - foot_mm) * screen.px_per_mm), 0)
    top = min(int((HIGHEST_MM - foot_mm) * screen.px_per_mm), screen.height_px)
    return Band(bottom, top, screen.height_px) if top > bottom else whole
