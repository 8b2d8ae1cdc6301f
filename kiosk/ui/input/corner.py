"""The way into technician mode: one finger rests on the upper left corner of the first screen for five seconds.

Nobody who wants something of the screen does that: there is no button there, and every button acts at once.
Pure: fed by the shell.
"""

from __future__ import annotations

from collections.abc import Hashable

CORNER_MM = 30.0
HOLD_S = 5.0
MOST_S = 20.0
"""Something that lies on the corner for longer is no finger."""


class CornerHold:
    def __init__(self, px_per_mm: float, height_px: int):
        self._side = CORNER_MM * px_per_mm
        self._height = height_px
        self._finger: Hashable = None
        self._since_s = 0.0

    def _inside(self, x: float, y: float) -> bool:
        return x <= self._side and y >= self._height - self._side

    def down(self, finger: Hashable, x: float, y: float, now_s: float) -> None:
        self._finger = finger if self._inside(x, y) else None
        self._since_s = now_s

    def up(self, finger: Hashable, x: float, y: float, now_s: float) -> bool:
        """True when the finger that is lifted here has rested long enough."""
        held = self._finger is not None and finger == self._finger
        self._finger = None
        return held and self._inside(x, y) and HOLD_S <= now_s - self._since_s <= MOST_S
