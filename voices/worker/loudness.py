"""Every clause equally loud: programme loudness after ITU-R BS.1770-4, true peak after its annex 2. Pure functions.

She waits for the first sample while this runs: a clause of four seconds takes a few milliseconds. Powers are taken
from the spectra of pieces of 100 ms, weighted by the frequency response of the standard's two filters; what a filter
would carry from one piece into the next is a few hundredths of a decibel.
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

_STEP_S, _BLOCK_STEPS = 0.1, 4
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
_NEAR_PEAK = 0.6
"""Only near samples of at least this share of the ceiling can the sound pass it: it overshoots by less than 4 dB."""
_TAPS = 24


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
    for _ in range(_ROUNDS):
        out, limited = _limited(source, gain_db, rate)
        short_db = target_lufs - _loudness(out, rate) if limited else 0.0
        if abs(short_db) <= _NEAR_LU:
            break
        gain_db += short_db
    return _whole(out)


def limit(samples: Samples, rate: int, gain_db: float = 0.0) -> Samples:
    """Louder or softer by `gain_db`; where a true peak would pass -2 dBTP, softer for a few milliseconds."""
    return _whole(_limited(samples.astype(np.float64) / 32768, gain_db, rate)[0])


def integrated(samples: Samples, rate: int) -> float:
    """Gated programme loudness in LUFS; -120 for silence. A clip shorter than a block of 400 ms is one block."""
    return _loudness(samples.astype(np.float64) / 32768, rate)


def _whole(samples: _Floats) -> Samples:
    return np.asarray(np.round(np.clip(samples, -1.0, 1.0) * 32767), dtype=np.int16)


def _loudness(samples: _Floats, rate: int) -> float:
    """Mean of the loudness with and without the last, begun block: a clause is no long programme, and whether its end
    counts can move the relative gate past a soft beginning (2 LU for 毋是我)."""
    if not len(samples) or not samples.any():
        return -120.0
    powers = _block_powers(samples, rate)
    begun = len(powers) > 1 and len(samples) % round(_STEP_S * rate) != 0
    return (_gated(powers) + _gated(powers[:-1])) / 2 if begun else _gated(powers)


def _gated(powers: _Floats) -> float:
    kept = powers[powers > _power(SILENT_LUFS)]
    if not len(kept):
        return max(_lufs(float(powers.max())), -120.0)
    return _lufs(float(kept[kept > _power(_lufs(float(kept.mean())) - _RELATIVE_GATE_LU)].mean()))


def _block_powers(samples: _Floats, rate: int) -> _Floats:
    """Weighted mean square in blocks of 400 ms, each beginning 100 ms after the last; the last may end in silence."""
    step = round(_STEP_S * rate)
    if len(samples) < _BLOCK_STEPS * step:
        return _powers(samples[np.newaxis], rate)
    pieces = _powers(np.pad(samples, (0, -len(samples) % step)).reshape(-1, step), rate)
    return np.asarray(np.convolve(pieces, np.full(_BLOCK_STEPS, 1 / _BLOCK_STEPS), mode="valid"))


def _powers(pieces: _Floats, rate: int) -> _Floats:
    """Weighted mean square of each row, by Parseval's theorem."""
    size = pieces.shape[1]
    spectra = np.fft.rfft(pieces, axis=1)
    squares = spectra.real**2 + spectra.imag**2
    return np.asarray(np.maximum(squares @ _k_weights(size, rate), 1e-20) / size**2)


@lru_cache(maxsize=8)
def _k_weights(size: int, rate: int) -> _Floats:
    """Squared response at the frequencies of a real transform, each counted as often as it stands in a complex one.

    The standard's shelf and high-pass, whose 48 kHz coefficients are given in its tables 1 and 2, at any rate (centre
    frequency, Q and gain that reproduce those tables).
    """
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
    twice = np.full(len(z), 2.0)
    twice[0] = 1.0
    if size % 2 == 0:
        twice[-1] = 1.0
    return np.asarray(twice * np.abs(shelf * high_pass) ** 2)


def _biquad(
    top: tuple[float, float, float], bottom: tuple[float, float, float], z: npt.NDArray[np.complex128]
) -> npt.NDArray[np.complex128]:
    return np.asarray((top[0] + top[1] * z + top[2] * z * z) / (bottom[0] + bottom[1] * z + bottom[2] * z * z))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10 * float(np.log10(power))


def _limited(samples: _Floats, gain_db: float, rate: int) -> tuple[_Floats, bool]:
    """The louder or softer sound, and whether a peak had to be limited."""
    out = samples * 10 ** (gain_db / 20)
    places = np.flatnonzero(np.abs(out) > _NEAR_PEAK * _CEILING)
    peaks = _true_peaks(out, places)
    over = peaks > _CEILING
    places, peaks = places[over], peaks[over]
    if not len(places):
        return out, False
    reach = max(round(_ATTACK_S * rate), 1)
    for group in np.split(np.arange(len(places)), np.flatnonzero(np.diff(places) > 4 * reach) + 1):
        _duck(out, places[group], _CEILING / peaks[group], reach)
    return out, True


def _duck(out: _Floats, places: npt.NDArray[np.intp], factors: _Floats, reach: int) -> None:
    """Multiply around `places` by a smooth gain that is at most `factors` there, in place."""
    start = int(places[0]) - 3 * reach
    wanted = np.ones(int(places[-1]) + 3 * reach + 1 - start)
    wanted[places - start] = factors
    window = 2 * reach + 1
    held = np.lib.stride_tricks.sliding_window_view(wanted, window).min(axis=1)
    shape = np.hanning(window + 2)[1:-1]
    gains = np.convolve(np.pad(held, 2 * reach, constant_values=1.0), shape / shape.sum(), mode="valid")
    first, last = max(start, 0), min(start + len(gains), len(out))
    out[first:last] *= gains[first - start : last - start]


def _true_peaks(samples: _Floats, places: npt.NDArray[np.intp]) -> _Floats:
    """The largest magnitude from the sample before to the one after each place, four times oversampled."""
    padded = np.pad(samples, _TAPS)
    around = np.lib.stride_tricks.sliding_window_view(padded, _TAPS)
    before, after = (
        np.abs(around[places + shift] @ _interpolators()).max(axis=1) for shift in (_TAPS // 2, _TAPS // 2 + 1)
    )
    return np.asarray(np.maximum(np.maximum(before, after), np.abs(samples[places])))


@lru_cache(maxsize=1)
def _interpolators() -> _Floats:
    """A column for each quarter of a step after the middle of as many samples: a windowed sinc, as annex 2 proposes."""
    at = np.arange(_TAPS) - (_TAPS // 2 - 1)
    phases = np.arange(1, _OVERSAMPLING) / _OVERSAMPLING
    return np.asarray(np.sinc(phases - at[:, np.newaxis]) * np.kaiser(_TAPS, 5.0)[:, np.newaxis])
