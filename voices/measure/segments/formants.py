"""Formants by linear prediction (autocorrelation method, Markel & Gray 1976) for a voice of male pitch."""

from __future__ import annotations

import numpy as np

from voices.measure.segments.rendering import Rendering, Samples

_TOP_HZ = 5000.0
_ORDER = 10
_WINDOW_S = 0.028
_INSTANTS = 7
_WIDEST_HZ = 600.0
_LOWEST_HZ = 120.0
_PRE_EMPHASIS = 0.94


def median(of: Rendering, start_s: float, end_s: float, number: int) -> float:
    """Frequency of a formant (1 the lowest) in Hz, the middle one of several instants.

    :returns: 0 where that many formants are not found anywhere in the stretch.
    """
    found = [at_instant(of, at) for at in np.linspace(start_s, end_s, _INSTANTS)]
    heard = [each[number - 1] for each in found if len(each) >= number]
    return float(np.median(heard)) if heard else 0.0


def at_instant(of: Rendering, at_s: float) -> list[float]:
    """All formants up to 5 kHz around an instant, ascending."""
    half = _WINDOW_S / 2
    piece = of.samples[max(0, int((at_s - half) * of.rate)) : max(0, int((at_s + half) * of.rate))]
    if len(piece) < 200 or not np.any(piece):
        return []
    emphasised = np.append(piece[0], piece[1:] - _PRE_EMPHASIS * piece[:-1])
    lags = _autocorrelation(emphasised * np.hamming(len(piece)), of.rate)
    matrix = lags[np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))]
    matrix[np.diag_indices(_ORDER)] *= 1 + 1e-9
    roots = np.roots(np.concatenate([[1.0], -np.linalg.solve(matrix, lags[1 : _ORDER + 1])]))
    hertz = np.angle(roots) * _TOP_HZ / np.pi
    widths = -np.log(np.abs(roots) + 1e-12) * 2 * _TOP_HZ / np.pi
    return sorted(float(each) for each in hertz[(hertz > _LOWEST_HZ) & (widths < _WIDEST_HZ)])


def _autocorrelation(piece: Samples, rate: int) -> Samples:
    """Of the sound up to 5 kHz as if sampled at 10 kHz: the power spectrum is cut there and turned back."""
    points = 2048
    power = np.abs(np.fft.rfft(piece, points)) ** 2
    kept = power[: int(_TOP_HZ / rate * points) + 1]
    return np.asarray(np.fft.irfft(kept)[: _ORDER + 1])
