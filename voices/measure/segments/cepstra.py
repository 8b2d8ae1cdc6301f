"""Mel cepstra of single instants: what a segment sounds like, without its pitch and its level.

Mel scale after Stevens, Volkmann & Newman 1937 in O'Shaughnessy's form; cepstra after Davis & Mermelstein 1980.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from voices.measure.segments.rendering import Samples

COUNT = 14
_BANDS, _LOW_HZ, _HIGH_HZ = 28, 80.0, 8000.0
_WINDOW_S = 0.020
_POINTS = 1024
_FLOOR = 1e-5
_LEVEL = 0.1
"""Root mean square that every sound is brought to."""


def cepstra(samples: Samples, rate: int, instants_s: Sequence[float]) -> Samples:
    """One row of 14 cepstra for each instant; outside the sound there is silence."""
    window = np.hanning(int(_WINDOW_S * rate))
    width = len(window)
    padded = np.concatenate([np.zeros(width), levelled(samples), np.zeros(width)])
    starts = np.clip(np.asarray(instants_s) * rate + width / 2, 0, len(samples) + width).astype(int)
    frames = np.asarray([padded[start : start + width] for start in starts])
    power = np.abs(np.fft.rfft(frames * window, _POINTS)) ** 2
    bands = np.log(power @ _filters(rate).T + _FLOOR)
    return np.asarray(bands @ _cosines().T)


def levelled(samples: Samples) -> Samples:
    """Brought to one level, measured where there is sound."""
    heard = samples[np.abs(samples) > 1e-3]
    loudness = float(np.sqrt(np.mean(heard**2))) if len(heard) else 1.0
    return np.asarray(samples * (_LEVEL / loudness))


def _mel(hertz: float) -> float:
    return 2595 * float(np.log10(1 + hertz / 700))


@lru_cache(maxsize=4)
def _filters(rate: int) -> Samples:
    """Triangles evenly spaced in mel, one a row."""
    edges_mel = np.linspace(_mel(_LOW_HZ), _mel(min(_HIGH_HZ, rate / 2)), _BANDS + 2)
    edges = 700 * (10 ** (edges_mel / 2595) - 1)
    at = np.fft.rfftfreq(_POINTS, 1 / rate)
    rising = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))


@lru_cache(maxsize=1)
def _cosines() -> Samples:
    """Orthonormal cosine transform (type II), the first rows."""
    at = np.arange(_BANDS) + 0.5
    rows = np.cos(np.pi / _BANDS * np.outer(np.arange(COUNT), at)) * np.sqrt(2 / _BANDS)
    rows[0] /= np.sqrt(2)
    return np.asarray(rows)
