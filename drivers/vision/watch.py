"""Tells from the pictures whether the camera still sees. Pure: the clock comes with every call."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from drivers import faults
from drivers.faults import Fault

SILENT_S = 2.5
"""Behind the source's own 2 s, so that what it found out is told and not the mere silence."""
FROZEN_S = 5.0
"""A living sensor has noise: the same bytes for so long come from no sensor."""
COVERED_BELOW = 8.0
WASHED_OUT_ABOVE = 245.0
"""Mean brightness, 0 to 255."""
RATE_WINDOW_S = 4.0
RATE_SPAN_S = 0.9
"""Of the window so much must be filled before a rate is told."""
HOLDS_S = 1.0
"""A hand that passes over the lens is no covered camera."""
LOOKS = 4
"""So many pictures running must show it as well: on a machine without time a second may have one or two."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the watch needs of a frame. `size` is the thumb's: columns, rows."""

    at_s: float
    digest: bytes
    mean: float
    size: tuple[int, int]


class PictureRate:
    """How many pictures a second came lately, also those that nobody looked at."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def saw(self, at_s: float, number: int) -> None:
        """:param number: the picture's, counted by the source; it begins anew when the camera is opened again."""
        if self._seen and number < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((at_s, number))
        while at_s - self._seen[0][0] > RATE_WINDOW_S:
            self._seen.popleft()

    def per_s(self) -> float | None:
        """None while too little time has passed."""
        if len(self._seen) < 2:
            return None
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return round((last - first) / (last_s - first_s), 1) if last_s - first_s >= RATE_SPAN_S else None


class CameraWatch:
    """Feed it every frame and every trouble; ask it at any time."""

    def __init__(self, thumb_size: tuple[int, int] | None, began_s: float) -> None:
        """:param thumb_size: what `Look.size` should be; None when any size is right."""
        self._wanted = thumb_size
        self._last_good_s = self._seen_s = began_s
        self._is_seen = False
        self._spoiled_since_good = False
        self._trouble: Fault | None = None
        self._digest = b""
        self._digest_since_s = began_s
        self._digest_looks = 0
        self._light: Fault | None = None
        self._light_since_s = began_s
        self._light_looks = 0
        self._size: Fault | None = None

    @property
    def is_seen(self) -> bool:
        """A picture came since the start."""
        return self._is_seen

    def saw(self, look: Look) -> None:
        """A frame that could be decoded."""
        self._is_seen, self._spoiled_since_good, self._trouble = True, False, None
        self._last_good_s = self._seen_s = look.at_s
        if look.digest != self._digest:
            self._digest, self._digest_since_s, self._digest_looks = look.digest, look.at_s, 0
        self._digest_looks += 1
        light = _light(look.mean)
        if light is not self._light:
            self._light, self._light_since_s, self._light_looks = light, look.at_s, 0
        self._light_looks += 1
        self._size = None if self._wanted in (None, look.size) else faults.CAM_SIZE

    def spoiled(self) -> None:
        """A frame that could not be decoded."""
        self._spoiled_since_good = True

    def stalled(self, seconds: float) -> None:
        """This process itself stood still: what it did not see then is not the camera's silence.

        What pictures show is counted in pictures besides: it holds however long the machine takes to look at each.
        """
        self._last_good_s += seconds

    def failed(self, fault: Fault) -> None:
        """The camera could not be opened or read: this holds until the next good frame."""
        self._trouble = fault

    def verdict(self, now_s: float) -> Fault | None:
        """The one fault to tell, the most fundamental first; None when the camera sees, or has only just begun."""
        if self._trouble is not None:
            return self._trouble
        if now_s - self._last_good_s >= SILENT_S:
            return faults.DEV_GARBLED if self._spoiled_since_good else faults.DEV_SILENT
        if self._size is not None:
            return self._size
        if self._light is not None and self._shown_for(self._light_since_s, self._light_looks, HOLDS_S):
            return self._light
        if self._is_seen and self._shown_for(self._digest_since_s, self._digest_looks, FROZEN_S):
            return faults.CAM_FROZEN
        return None

    def _shown_for(self, since_s: float, looks: int, hold_s: float) -> bool:
        """Between the first and the newest picture that show it; a silence behind them proves nothing."""
        return looks >= LOOKS and self._seen_s - since_s >= hold_s


def _light(mean: float) -> Fault | None:
    if mean < COVERED_BELOW:
        return faults.CAM_COVERED
    return faults.CAM_WASHED_OUT if mean > WASHED_OUT_ABOVE else None
