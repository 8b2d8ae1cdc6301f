"""The soft click of a press: a few milliseconds on the way that the voice goes, whether something is said or not."""

from __future__ import annotations

import numpy as np

from voices.worker.sound import Samples

_PEAK_DBFS = -26.0
"""At the calibrated level: heard, and far softer than a word."""
_TONE_HZ = 900.0
_FADE_S, _LENGTH_S = 0.003, 0.012
_REST_S = 0.05
"""Silence behind it, that pushes it out of a player which waits for a whole period."""


def samples(rate: int, gain_db: float) -> Samples:
    """One click, 16-bit mono. :param gain_db: over the calibrated level, as for the voice."""
    at_s = np.arange(round(_LENGTH_S * rate)) / rate
    peak = 32767 * 10 ** (min(_PEAK_DBFS + gain_db, 0.0) / 20)
    sound = peak * np.sin(2 * np.pi * _TONE_HZ * at_s) * np.exp(-at_s / _FADE_S)
    return np.concatenate([sound, np.zeros(round(_REST_S * rate))]).astype(np.int16)


def mixed(piece: Samples, click: Samples) -> Samples:
    """The piece with the click on its beginning; what does not fit is cut off."""
    count = min(len(piece), len(click))
    out = piece.astype(np.int32)
    out[:count] += click[:count]
    return np.clip(out, -32768, 32767).astype(np.int16)
