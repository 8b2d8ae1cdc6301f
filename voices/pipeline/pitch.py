"""Pitch of a recording by normalised autocorrelation, and how well a contour follows Chao levels.

Made for the synthetic voice of this project: one speaker, no noise, pitch range known. The ceiling must be
the voice's own: a higher one takes the burst of an aspirated stop for voice.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FLOOR_HZ = 60.0
CEILING_HZ = 220.0
_WINDOW_S = 0.020
"""Two periods of the lowest voice: a fall through half the range within a checked syllable (0.11 s) blurs in a longer
one, and its middle is lost."""
_STEP_S = 0.005
_CENTRE_S = _WINDOW_S / 2 + 0.004
"""A frame and the one a period later are compared: the middle of both, for a period of 8 ms."""
_LEAP, _NEIGHBOURS = 1.3, 12
_VOICED = 0.6
"""Least normalised autocorrelation of a voiced frame."""

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """Fundamental frequency every 5 ms; 0 where there is no voice."""

    step_s: float
    hz: Samples

    def voiced(self) -> Samples:
        return np.asarray(self.hz[self.hz > 0], dtype=np.float64)

    def between(self, start_s: float, end_s: float) -> Track:
        """The frames whose middle lies there, in seconds from the first sample."""
        centres = np.arange(len(self.hz)) * self.step_s + _CENTRE_S
        return Track(self.step_s, self.hz[(centres >= start_s) & (centres < end_s)])


def read_wave(path: Path) -> tuple[Samples, int]:
    """Mono 16-bit samples in -1…1 and their rate in Hz."""
    with wave.open(str(path), "rb") as sound:
        frames, rate = sound.readframes(sound.getnframes()), sound.getframerate()
    return np.frombuffer(frames, dtype="<i2").astype(np.float64) / 32768, rate


def track(samples: Samples, rate: int) -> Track:
    window, step = int(_WINDOW_S * rate), int(_STEP_S * rate)
    shortest, longest = int(rate / CEILING_HZ), int(rate / FLOOR_HZ)
    if len(samples) <= window + longest:
        return Track(_STEP_S, np.zeros(0))
    frames = np.lib.stride_tricks.sliding_window_view(samples, window + longest)[::step]
    scores = _scores(frames, window, longest)[:, shortest:]
    loud = 0.05 * float(np.max(np.abs(samples), initial=1e-9))
    voiced = (np.abs(frames[:, :window]).max(axis=1) >= loud) & (scores.max(axis=1) >= _VOICED)
    found = [_pitch(row, shortest, rate) if heard else 0.0 for row, heard in zip(scores, voiced, strict=True)]
    return Track(_STEP_S, _without_leaps(np.asarray(found, dtype=np.float64)))


def _scores(frames: Samples, window: int, longest: int) -> Samples:
    """Normalised correlation of each frame's head with what follows it by 0 … `longest` - 1 samples."""
    heads = frames[:, :window] - frames[:, :window].mean(axis=1, keepdims=True)
    size = 1 << (frames.shape[1] + window).bit_length()
    spectra = np.conj(np.fft.rfft(heads, size)) * np.fft.rfft(frames, size)
    # The head has no mean, so the others' means fall out of the product; they remain in the energies.
    products = np.fft.irfft(spectra, size)[:, :longest]
    sums, squares = (_sliding(values, window)[:, :longest] for values in (frames, frames**2))
    energies = np.maximum(squares - sums**2 / window, 0.0) * (heads**2).sum(axis=1, keepdims=True)
    return np.asarray(products / (np.sqrt(energies) + 1e-12))


def _sliding(values: Samples, window: int) -> Samples:
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def _pitch(scores: Samples, shortest: int, rate: int) -> float:
    # The first peak that is nearly as high as the best: a double period is no lower voice.
    at = int(np.flatnonzero(scores >= 0.93 * scores.max())[0])
    while at + 1 < len(scores) and scores[at + 1] > scores[at]:
        at += 1
    return rate / (shortest + at + _vertex(scores, at))


def _without_leaps(hz: Samples) -> Samples:
    """A frame far from its neighbours, as one of half the pitch, is an error of the tracker: no voice there."""
    kept = hz.copy()
    voiced = np.flatnonzero(hz > 0)
    for at, frame in enumerate(voiced):
        near = hz[voiced[max(at - _NEIGHBOURS, 0) : at + _NEIGHBOURS + 1]]
        if not 1 / _LEAP < hz[frame] / float(np.median(near)) < _LEAP:
            kept[frame] = 0.0
    return kept


def _vertex(scores: Samples, at: int) -> float:
    """Where the parabola through three neighbours has its top, in lags from `at`."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    left, mid, right = (float(scores[at + d]) for d in (-1, 0, 1))
    bend = left - 2 * mid + right
    return 0.0 if bend == 0 else 0.5 * (left - right) / bend


def contour(found: Track, points: int = 7) -> Samples:
    """The voiced part in semitones above 55 Hz at `points` places from 8 % to 92 %.

    :raises ValueError: nothing is voiced.
    """
    voiced = found.voiced()
    if len(voiced) < points:
        raise ValueError("too little voice to follow")
    semitones = 12 * np.log2(voiced / 55.0)
    places = np.linspace(0.08, 0.92, points) * (len(semitones) - 1)
    return np.asarray(np.interp(places, np.arange(len(semitones)), semitones))


def wanted(levels: Sequence[int], points: int = 7) -> Samples:
    """Chao levels at the same places, joined by straight lines."""
    at = np.linspace(0, 1, len(levels))
    return np.asarray(np.interp(np.linspace(0.08, 0.92, points), at, np.asarray(levels, dtype=np.float64)))
