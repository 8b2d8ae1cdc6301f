"""How well measured contours follow tone letters: one straight line from semitones to Chao levels for a whole voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voices.pipeline import pitch

Contour = npt.NDArray[np.float64]
Levels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """slope: Chao levels a semitone, offset: Chao level of 55 Hz; correlation and error_chao (root of the mean square)
    over all points of all contours. A voice without any melody correlates with nothing: 0."""

    slope: float
    offset: float
    correlation: float
    error_chao: float

    def chao(self, contour: Contour) -> Contour:
        return np.asarray(self.slope * contour + self.offset)


def fit(heard: Sequence[Contour], wanted: Sequence[Contour]) -> Fit:
    """:param heard: contours in semitones; wanted: the same places in Chao levels."""
    semitones, levels = np.concatenate(heard), np.concatenate(wanted)
    if float(np.ptp(semitones)) < 1e-6:
        return Fit(0.0, float(levels.mean()), 0.0, float(levels.std()))
    slope, offset = np.polyfit(semitones, levels, 1)
    correlation = float(np.corrcoef(semitones, levels)[0, 1])
    error = float(np.sqrt(np.mean((slope * semitones + offset - levels) ** 2)))
    return Fit(float(slope), float(offset), correlation, error)


def nearest(chao: Contour, candidates: Mapping[str, Sequence[int]]) -> str:
    """The candidate whose levels are nearest, on an average over the contour; of equal ones the first."""
    return min(candidates, key=lambda name: _distance(chao, candidates[name]))


def _distance(chao: Contour, levels: Sequence[int]) -> float:
    return float(np.mean((chao - pitch.wanted(levels, len(chao))) ** 2))
