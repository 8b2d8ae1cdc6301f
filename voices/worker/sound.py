"""What happens to the samples on their way: silence trimmed, rate of samples and pace changed. 16-bit mono."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]

_SILENT = 40
"""Largest sample that still counts as silence (about -58 dBFS)."""

_WINDOW_S, _REACH_S = 0.025, 0.00625
"""Pieces that are laid over each other: more than two periods of a low voice; searched half a period each way."""
_COARSE = 4
"""The search looks at every fourth place first."""

VOLUME_STEP_DB = 4.0
VOLUME_DB = tuple(VOLUME_STEP_DB * step for step in range(-12, 3))
"""Gain of volume steps 1 to 15 over the calibrated level (-20 LUFS): 56 dB, of which the limiter leaves 53.

A range of 50 dB in steps of at most 5 is the Korean kiosk rule's. EN 301 549 clause 8.2.1.2 asks for an intermediate
step 12 dB above the lowest: step 4. The highest are the site's to bound, by its calibration.
"""
DEFAULT_STEP = VOLUME_DB.index(0.0) + 1


def trim(samples: Samples, rate: int) -> Samples:
    """Without the engine's own silence before and after; 10 ms are left so that nothing is cut off."""
    return samples[heard(samples, rate)]


def heard(samples: Samples, rate: int) -> slice:
    """What `trim` leaves."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENT)
    margin = rate // 100
    return slice(max(int(loud[0]) - margin, 0), int(loud[-1]) + margin) if len(loud) else slice(0, 0)


def resample(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at `wanted` Hz."""
    return samples if rate == wanted else np.asarray(soxr.resample(samples, rate, wanted), dtype=np.int16)


def stretch(samples: Samples, factor: float, rate: int) -> Samples:
    """`factor` times as long at the same pitch, 0.5 to 2: pieces laid over each other, each taken from where it goes
    on most smoothly (WSOLA, Verhelst and Roelands 1993)."""
    if not len(samples) or factor == 1:
        return samples
    hop = int(_WINDOW_S * rate / 2)
    window, reach = 2 * hop, int(_REACH_S * rate)
    shape = np.hanning(window + 1)[:-1]
    source = np.concatenate([samples.astype(np.float64), np.zeros(2 * (window + reach))])
    length = round(len(samples) * factor)
    out = np.zeros(length + window)
    # Half a window before the beginning, so that the first samples, too, are the sum of two pieces.
    out[:hop] = source[:hop] * shape[hop:]
    start = -hop
    for at in range(0, length, hop):
        start = _best(source, min(int(at / factor), len(samples)), start + hop, window, reach)
        out[at : at + window] += source[start : start + window] * shape
    return np.asarray(np.clip(np.round(out[:length]), -32768, 32767), dtype=np.int16)


def _best(source: _Floats, ideal: int, follow: int, window: int, reach: int) -> int:
    """The start near `ideal` whose piece is most like the one that would follow what was laid last."""
    wanted = source[follow : follow + window]
    low, high = max(ideal - reach, 0), min(ideal + reach, len(source) - window)
    near = low + _COARSE * _likest(source[low : high + window : _COARSE], wanted[::_COARSE])
    low, high = max(near - _COARSE, low), min(near + _COARSE, high)
    return low + _likest(source[low : high + window], wanted)


def _likest(region: _Floats, wanted: _Floats) -> int:
    """Where in `region` the piece stands that correlates best, whatever its loudness."""
    likeness = np.correlate(region, wanted, mode="valid")
    power = np.concatenate([[0.0], np.cumsum(region**2)])
    return int(np.argmax(likeness / np.sqrt(power[len(wanted) :] - power[: -len(wanted)] + 1.0)))


def write_wave(path: Path, samples: Samples, rate: int) -> None:
    """16-bit mono, whole or not at all. :raises OSError: it cannot be written there."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file, wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(samples.tobytes())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def level_dbfs(samples: Samples) -> tuple[float, float]:
    """RMS and peak in dB below full scale; -120 for silence."""
    if not len(samples):
        return -120.0, -120.0
    scaled = samples.astype(np.float64) / 32768
    rms, peak = float(np.sqrt(np.mean(scaled**2))), float(np.abs(scaled).max())
    return _decibels(rms), _decibels(peak)


def _decibels(size: float) -> float:
    return round(20 * float(np.log10(max(size, 1e-6))), 1)
