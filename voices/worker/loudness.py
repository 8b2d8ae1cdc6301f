"""Every clause equally loud: programme loudness after ITU-R BS.1770-4, true peak after its annex 2. Pure functions.

K-weighting is applied to the spectrum: the standard's two filters as a product of frequency responses, which costs
a small part of what a sample-by-sample filter costs in Python and is exact but for the filters' ringing beyond
`_TAIL_S`, which is inaudible.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]

TARGET_LUFS = -20.0
CEILING_DBTP = -2.0
SILENT_LUFS = -70.0
"""Absolute gate of the standard: what is softer is no programme."""

_BLOCK_S, _STEP_S = 0.4, 0.1
_RELATIVE_GATE_LU = 10.0
_OFFSET_DB = -0.691
_OVERSAMPLING = 4
_ATTACK_S = 0.002
"""The limiter begins this long before a peak and ends as long after it."""
_ROUNDS = 3
"""A limited peak takes some loudness away: levelled again, at most so often."""
_NEAR_LU = 0.1
_MARGIN_DB = 0.15
"""The limiter aims this much below the ceiling: its own gain, too, makes something between the samples."""
_CEILING = 10 ** ((CEILING_DBTP - _MARGIN_DB) / 20)
_TAPS = 24
_TAIL_S = 0.3


def level(samples: Samples, rate: int, target_lufs: float = TARGET_LUFS) -> Samples:
    """The same sound at `target_lufs`, true peak at most -2 dBTP.

    :param samples: 16-bit mono at `rate` Hz, one clause without long silence around it.
    :returns: as many samples; silence as it came.
    """
    source = samples.astype(np.float64) / 32768
    now_lufs = _loudness(source, rate)
    if now_lufs <= SILENT_LUFS:
        return samples
    gain_db = target_lufs - now_lufs
    peaks = _true_peaks(source)
    out = _limited(source, peaks, gain_db, rate)
    for _ in range(_ROUNDS if float(peaks.max()) * 10 ** (gain_db / 20) > _CEILING else 0):
        short_db = target_lufs - _loudness(out, rate)
        if abs(short_db) <= _NEAR_LU:
            break
        gain_db += short_db
        out = _limited(source, peaks, gain_db, rate)
    return _whole(out)


def limit(samples: Samples, rate: int, gain_db: float = 0.0) -> Samples:
    """Louder or softer by `gain_db`; where a true peak would pass -2 dBTP, softer for a few milliseconds."""
    source = samples.astype(np.float64) / 32768
    return _whole(_limited(source, _true_peaks(source), gain_db, rate))


def integrated(samples: Samples, rate: int) -> float:
    """Gated programme loudness in LUFS; -120 for silence. A clip shorter than a block of 400 ms is one block."""
    return _loudness(samples.astype(np.float64) / 32768, rate)


def _whole(samples: _Floats) -> Samples:
    return np.asarray(np.round(np.clip(samples, -1.0, 1.0) * 32767), dtype=np.int16)


def _loudness(samples: _Floats, rate: int) -> float:
    if not len(samples) or not samples.any():
        return -120.0
    powers = _block_powers(samples, rate)
    kept = powers[powers > _power(SILENT_LUFS)]
    if not len(kept):
        return max(_lufs(float(powers.max())), -120.0)
    return _lufs(float(kept[kept > _power(_lufs(float(kept.mean())) - _RELATIVE_GATE_LU)].mean()))


def _block_powers(samples: _Floats, rate: int) -> _Floats:
    """Mean square of the weighted sound in blocks of 400 ms, each beginning 100 ms after the last."""
    weighted = _weighted(samples, rate)
    block, step = min(round(_BLOCK_S * rate), len(samples)), round(_STEP_S * rate)
    sums = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, len(samples) - block + 1, step)
    return np.asarray(np.maximum(sums[starts + block] - sums[starts], 1e-20) / block)


def _weighted(samples: _Floats, rate: int) -> _Floats:
    size = _handy(len(samples) + int(_TAIL_S * rate))
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * _k_response(size, rate), size)[: len(samples)])


def _handy(size: int) -> int:
    """A size that transforms quickly, and few different ones, so that responses are found again."""
    return -(-size // 8192) * 8192


@lru_cache(maxsize=64)
def _k_response(size: int, rate: int) -> npt.NDArray[np.complex128]:
    """Frequency response of the standard's shelf and high-pass, whose 48 kHz coefficients are given in its tables 1
    and 2, at any rate (centre frequency, Q and gain that reproduce those tables)."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k, q, high = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    bend = high**0.4996667741545416
    shelf = _biquad(
        (high + bend * k / q + k * k, 2 * (k * k - high), high - bend * k / q + k * k),
        (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k),
        z,
    )
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    norm = 1 + k / q + k * k
    high_pass = _biquad((norm, -2 * norm, norm), (norm, 2 * (k * k - 1), 1 - k / q + k * k), z)
    return np.asarray(shelf * high_pass)


def _biquad(
    top: tuple[float, float, float], bottom: tuple[float, float, float], z: npt.NDArray[np.complex128]
) -> npt.NDArray[np.complex128]:
    return np.asarray((top[0] + top[1] * z + top[2] * z * z) / (bottom[0] + bottom[1] * z + bottom[2] * z * z))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10 * float(np.log10(power))


def _limited(samples: _Floats, peaks: _Floats, gain_db: float, rate: int) -> _Floats:
    gain = 10 ** (gain_db / 20)
    if float(peaks.max(initial=0.0)) * gain <= _CEILING:
        return samples * gain
    wanted = np.minimum(1.0, _CEILING / np.maximum(peaks * gain, 1e-9))
    reach = max(round(_ATTACK_S * rate), 1)
    window = 2 * reach + 1
    held = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, 2 * reach, constant_values=1.0), window).min(axis=1)
    shape = np.hanning(window + 2)[1:-1]
    return np.asarray(samples * gain * np.convolve(held, shape / shape.sum(), mode="valid"))


def _true_peaks(samples: _Floats) -> _Floats:
    """For each sample the largest magnitude from it to the next, four times oversampled."""
    peaks = np.abs(samples)
    if not len(samples):
        return peaks
    for phase in range(1, _OVERSAMPLING):
        between = np.convolve(samples, _interpolator(phase))[_TAPS // 2 :][: len(samples)]
        np.maximum(peaks, np.abs(between), out=peaks)
    return peaks


@lru_cache(maxsize=_OVERSAMPLING)
def _interpolator(phase: int) -> _Floats:
    """What gives the value `phase` quarters of a step after a sample: a windowed sinc, as annex 2 proposes one."""
    distance = np.arange(-_TAPS // 2, _TAPS // 2) + phase / _OVERSAMPLING
    return np.asarray(np.sinc(distance) * np.kaiser(_TAPS, 5.0))
