"""What happens to the samples on their way: silence trimmed, length stretched, level set. 16-bit mono."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_SILENT = 40
"""Largest sample that still counts as silence (about -58 dBFS)."""

CEILING = 10 ** (-2.0 / 20)
"""Peak limit, -2 dBFS."""
_KNEE = 0.6
"""Where the limiter begins to bend, as a share of full scale."""

VOLUME_DB = (-20.0, -15.0, -10.0, -5.0, 0.0, 4.0, 8.0)
"""Gain of volume steps 1 to 7; step 5 is the calibrated level (-20 LUFS). No step is larger than 5 dB."""


def trim(samples: Samples, rate: int) -> Samples:
    """Without the engine's own silence before and after; 10 ms are left so that nothing is cut off."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENT)
    if not len(loud):
        return samples[:0]
    margin = rate // 100
    return samples[max(int(loud[0]) - margin, 0) : int(loud[-1]) + margin]


def gain(samples: Samples, decibels: float) -> Samples:
    """Louder or softer; peaks bend before the ceiling instead of breaking."""
    scaled = samples.astype(np.float64) / 32768 * 10 ** (decibels / 20)
    size = np.abs(scaled)
    room = CEILING - _KNEE
    bent = np.where(size > _KNEE, _KNEE + room * np.tanh((size - _KNEE) / room), size)
    return np.asarray(np.round(np.sign(scaled) * bent * 32767), dtype=np.int16)


def stretch(samples: Samples, factor: float, rate: int) -> Samples:
    """Longer (factor > 1) at the same pitch: overlap-add with the best-fitting piece each time (WSOLA).

    For rates below what the engine renders by itself.
    """
    window = rate // 40
    hop, reach = window // 2, rate // 160
    shape = np.hanning(window)
    source = np.concatenate([samples.astype(np.float64), np.zeros(window + reach)])
    length = int(len(samples) * factor)
    out, weight = np.zeros(length + 2 * window), np.zeros(length + 2 * window)
    follow = 0
    for at in range(0, length, hop):
        ideal = int(at / factor)
        start = _best(source, ideal, follow, window, reach) if at else 0
        out[at : at + window] += source[start : start + window] * shape
        weight[at : at + window] += shape
        follow = start + hop
    body = out[:length] / np.maximum(weight[:length], 1e-3)
    return np.asarray(np.clip(body, -32768, 32767), dtype=np.int16)


def _best(source: npt.NDArray[np.float64], ideal: int, follow: int, window: int, reach: int) -> int:
    """The start near `ideal` whose piece goes on most smoothly from what was laid last."""
    last = len(source) - window
    if follow > last:
        return min(ideal, last)
    wanted = source[follow : follow + window]
    low, high = max(ideal - reach, 0), min(ideal + reach, last)
    starts = range(low, max(high, low + 1), 2)
    scores = [float(source[start : start + window] @ wanted) for start in starts]
    return starts[int(np.argmax(scores))] if scores else min(ideal, last)


def level_dbfs(samples: Samples) -> tuple[float, float]:
    """RMS and peak in dB below full scale; -120 for silence."""
    if not len(samples):
        return -120.0, -120.0
    scaled = samples.astype(np.float64) / 32768
    rms, peak = float(np.sqrt(np.mean(scaled**2))), float(np.abs(scaled).max())
    return tuple(round(20 * float(np.log10(max(value, 1e-6))), 1) for value in (rms, peak))  # type: ignore[return-value]  # two values
