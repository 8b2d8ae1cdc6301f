"""Silence off both ends, by level: where the sound begins is not where its first token was planned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
LEAD_S = 0.040
"""Kept before the first sound: with the level that counts as sound, less than 80 ms lie before what is heard."""
TAIL_S = 0.120
_WINDOW_S = 0.010
_HEARD_DB = 36.0
"""Below the loudest window; fainter is not missed."""


def trimmed(samples: Samples, rate: int) -> Samples:
    """:raises ValueError: nothing but silence."""
    first, last = heard(samples, rate)
    return samples[max(0, first - int(LEAD_S * rate)) : last + int(TAIL_S * rate)]


def heard(samples: Samples, rate: int) -> tuple[int, int]:
    """First and last sample of what is heard. :raises ValueError: nothing is."""
    window = int(_WINDOW_S * rate)
    count = len(samples) // window
    power = np.mean(samples[: count * window].reshape(count, window) ** 2, axis=1)
    loud = np.flatnonzero(power > np.max(power, initial=0.0) * 10 ** (-_HEARD_DB / 10))
    if not len(loud):
        raise ValueError("nothing but silence was rendered")
    return int(loud[0]) * window, int(loud[-1] + 1) * window
