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
_WINDOW_S = 0.040
_STEP_S = 0.005
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


def read_wave(path: Path) -> tuple[Samples, int]:
    """Mono 16-bit samples in -1…1 and their rate in Hz."""
    with wave.open(str(path), "rb") as sound:
        frames, rate = sound.readframes(sound.getnframes()), sound.getframerate()
    return np.frombuffer(frames, dtype="<i2").astype(np.float64) / 32768, rate


def track(samples: Samples, rate: int) -> Track:
    window, step = int(_WINDOW_S * rate), int(_STEP_S * rate)
    shortest, longest = int(rate / CEILING_HZ), int(rate / FLOOR_HZ)
    loud = 0.05 * float(np.max(np.abs(samples), initial=1e-9))
    found = [
        _frame(samples[at : at + window + longest], window, shortest, longest, rate, loud)
        for at in range(0, len(samples) - window - longest, step)
    ]
    return Track(_STEP_S, np.asarray(found, dtype=np.float64))


def _frame(frame: Samples, window: int, shortest: int, longest: int, rate: int, loud: float) -> float:
    head = frame[:window] - frame[:window].mean()
    if float(np.abs(frame[:window]).max(initial=0.0)) < loud:
        return 0.0
    energy = float(head @ head)
    others = np.lib.stride_tricks.sliding_window_view(frame, window)[shortest:longest]
    means = others.mean(axis=1)
    # The head has no mean, so the others' means fall out of the product; they remain in the energies.
    energies = np.einsum("ij,ij->i", others, others) - window * means**2
    scores = (others @ head) / (np.sqrt(energy * np.maximum(energies, 0.0)) + 1e-12)
    best = float(scores.max())
    if best < _VOICED:
        return 0.0
    # The first peak that is nearly as high as the best: a double period is no lower voice.
    rising = np.flatnonzero(scores >= 0.93 * best)
    at = int(rising[0])
    while at + 1 < len(scores) and scores[at + 1] > scores[at]:
        at += 1
    return rate / (shortest + at + _vertex(scores, at))


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
