"""Every contrast on a voice: identified by ear (cepstra, discriminant) and right by the textbook (one measure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voices.measure.segments.cepstra import cepstra
from voices.measure.segments.contrasts import DRAWS, Contrast, Utterance, utterances
from voices.measure.segments.lda import higher_share, identified
from voices.measure.segments.measures import MEASURES, Segment
from voices.measure.segments.rendering import Mark, Samples, SegmentVoice

LEAST_IDENTIFIED = 0.95
LEAST_RIGHT_WAY = 0.90

_INITIAL_S = np.arange(-0.240, 0.081, 0.020)
"""Around the beginning of the rime: the longest closure and friction lie before it."""
_VOWEL_SHARES = np.linspace(0.1, 0.92, 8)
_CODA_S = np.arange(-0.080, 0.121, 0.020)
"""Around the closing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """identified: share of renders put on the right side; right_way: share of pairs ordered as the textbook says."""

    contrast: Contrast
    renders: int
    identified: float
    right_way: float
    medians: tuple[float, float]
    """The measure's middle value of each member."""

    @property
    def passed(self) -> bool:
        return self.identified >= LEAST_IDENTIFIED and self.right_way >= LEAST_RIGHT_WAY


def judge(voice: SegmentVoice, contrast: Contrast, draws: int = DRAWS) -> Verdict:
    """:param draws: renders of each member in each context; fewer for a voice that is slow to render.
    :raises KeyError: the contrast names a measure that there is not.
    """
    measure = MEASURES[contrast.measure]
    said = tuple(utterances(contrast, draws))
    features: list[Samples] = []
    figures: list[float] = []
    for utterance in said:
        segment = _render(voice, utterance)
        instants = _instants(contrast.kind, segment.mark)
        features.append(cepstra(segment.rendering.samples, segment.rendering.rate, instants).ravel())
        figures.append(measure(segment))
    members, contexts = np.asarray([u.member for u in said]), np.asarray([u.context for u in said])
    told, values = identified(np.asarray(features), members, contexts), np.asarray(figures)
    higher, lower = values[members == contrast.higher], values[members != contrast.higher]
    medians = (float(np.median(values[members == 0])), float(np.median(values[members == 1])))
    return Verdict(contrast, len(said), told, higher_share(higher, lower), medians)


def _render(voice: SegmentVoice, utterance: Utterance) -> Segment:
    rendering = voice.render(utterance.words, utterance.percent, utterance.semitones)
    return Segment(rendering, rendering.marks[utterance.at], utterance.percent)


def _instants(kind: str, mark: Mark) -> Sequence[float]:
    if kind == "initial":
        return list(mark.rime_start_s + _INITIAL_S)
    if kind == "vowel":
        return list(mark.rime_start_s + (mark.vowel_end_s - mark.rime_start_s) * _VOWEL_SHARES)
    return list(mark.vowel_end_s + _CODA_S)
