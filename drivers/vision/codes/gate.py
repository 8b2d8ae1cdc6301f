"""Says when something moves before the camera, on a picture of 160 x 90. Pure."""

from __future__ import annotations

import numpy as np

from drivers.vision.frames import Picture

LEAST_STEP = 6.0
"""Grey levels; an eighth-size picture has an eighth of the sensor's noise."""
NOISE_FACTOR = 6.0
MOVED_SHARE = 0.002
KEEP_FRAMES = 8
"""A thing that creeps in is seen against a picture from half a second ago."""


class MotionGate:
    """Compares with a picture from a moment ago; a lamp that flickers is no motion."""

    def __init__(self) -> None:
        self._before: Picture | None = None
        self._age = 0

    def moved(self, thumb: Picture) -> bool:
        """Whether something moved since the picture before. The first picture counts as motion."""
        before, self._age = self._before, self._age + 1
        if before is None or before.shape != thumb.shape:
            self._keep(thumb)
            return True
        step = thumb.astype(np.int16) - before
        step -= np.int16(np.median(step))  # the whole picture brighter or darker: light, not motion
        size = np.abs(step)
        limit = max(LEAST_STEP, NOISE_FACTOR * float(np.median(size)))
        is_motion = bool(np.count_nonzero(size > limit) > MOVED_SHARE * size.size)
        if is_motion or self._age >= KEEP_FRAMES:
            self._keep(thumb)
        return is_motion

    def _keep(self, thumb: Picture) -> None:
        self._before, self._age = thumb.copy(), 0
