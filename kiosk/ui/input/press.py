"""The one touch rule, pure: who owns a press, and whether lifting the finger fires it.

A press belongs to the button whose drawn box, grown by half the gap and at most 4 mm, holds the
touch-down. It fires when the finger lifts within 8 mm of that box, however long it stayed; lifted
farther away nothing fires. After a fire no press is taken for 500 ms. A second finger is ignored.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import hypot
from typing import Generic, TypeVar

from kiosk.domain.timing import REFIRE_S

GROW_MM = 4.0
SLACK_MM = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """Left, bottom, width, height in pixels, origin at the bottom left."""

    x: float
    y: float
    width: float
    height: float

    def distance(self, x: float, y: float) -> float:
        """From a point to the box; 0 inside."""
        dx = max(self.x - x, 0.0, x - (self.x + self.width))
        dy = max(self.y - y, 0.0, y - (self.y + self.height))
        return hypot(dx, dy)


T = TypeVar("T")


class PressRule(Generic[T]):
    """Feed it `down`, `move`, `up`; it holds the one press that there can be."""

    def __init__(self, px_per_mm: float):
        self._px_per_mm = px_per_mm
        self.refire_s = REFIRE_S
        """Shorter where hands are steady and a number is typed."""
        self._finger: Hashable = None
        self._target: T | None = None
        self._box: Box | None = None
        self._fired_at: float | None = None

    @property
    def target(self) -> T | None:
        return self._target

    def down(self, finger: Hashable, x: float, y: float, boxes: Iterable[tuple[T, Box]], now_s: float) -> T | None:
        """The button that takes this press, or None."""
        if self._target is not None:
            return None
        if self._fired_at is not None and now_s - self._fired_at < self.refire_s:
            return None
        owner = self._owner(x, y, boxes)
        if owner is None:
            return None
        self._finger, (self._target, self._box) = finger, owner
        return self._target

    def _owner(self, x: float, y: float, boxes: Iterable[tuple[T, Box]]) -> tuple[T, Box] | None:
        """The nearest box: being nearer to it than to any other is what "half the gap" means."""
        limit = GROW_MM * self._px_per_mm
        near = [(box.distance(x, y), at, target, box) for at, (target, box) in enumerate(boxes)]
        near = [entry for entry in near if entry[0] <= limit]
        if not near:
            return None
        _, _, target, box = min(near, key=lambda entry: entry[:2])
        return target, box

    def owns(self, finger: Hashable) -> bool:
        """True for the finger whose press this is."""
        return self._target is not None and finger == self._finger

    def holds(self, finger: Hashable, x: float, y: float) -> bool:
        """True while lifting this finger here would fire."""
        return (
            self._target is not None
            and self._box is not None
            and finger == self._finger
            and self._box.distance(x, y) <= SLACK_MM * self._px_per_mm
        )

    def up(self, finger: Hashable, x: float, y: float, now_s: float) -> tuple[T | None, bool]:
        """(The button that is let go, whether it fires); (None, False) for any other finger."""
        if self._target is None or finger != self._finger:
            return None, False
        target, fires = self._target, self.holds(finger, x, y)
        self.cancel()
        if fires:
            self._fired_at = now_s
        return target, fires

    def wait(self, now_s: float) -> None:
        """As after a fire: what this finger has brought on the screen is not pressed by its trembling."""
        self.cancel()
        self._fired_at = now_s

    def cancel(self) -> None:
        """The button has gone, e.g. the screen changed."""
        self._target, self._box, self._finger = None, None, None
