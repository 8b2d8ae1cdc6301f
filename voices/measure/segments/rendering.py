"""What a voice must give to have its segments measured: sound, and where in it each syllable lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one syllable lies, in seconds from the first sample; the four do not decrease.

    start_s: its initial begins; the silence of a closure belongs to the initial.
    rime_start_s: its rime (glide, vowel or syllabic nasal) begins, after burst and breath of the initial;
        the same as start_s without an initial.
    vowel_end_s: the coda begins (nasal, or the silence of -p -t -k -h); the same as end_s without a coda.
    end_s: the next syllable or the pause begins.
    """

    start_s: float
    rime_start_s: float
    vowel_end_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Rendering:
    """samples: mono, -1…1; rate: samples a second; marks: one for each syllable asked for, in order."""

    samples: Samples
    rate: int
    marks: tuple[Mark, ...]


class SegmentVoice(Protocol):
    """A voice under measurement."""

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        """:param words: surface syllables, letters and one tone code of the accent each (`phah4`): spoken as they
            are, no sandhi on top.
        :param percent: speed; 100 is the voice's normal.
        :param semitones: how far the whole is moved from the voice's normal pitch.
        """
