"""Pitch and energy for the decoder, two values a frame: the accent's contours, closures, voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voices.neural import plan
from voices.neural.plan import Token
from voices.neural.recipe import Energy, Pitch, Recipe

Track = npt.NDArray[np.float64]
HALVES = 2
"""Values a frame."""

Contours = Mapping[str, Sequence[int]]
"""Tone code -> Chao levels."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a syllable lies, in frames: initial, rime, coda (or end), end of the coda or of the rime."""

    word: str
    start: int
    rime: int
    vowel_end: int
    end: int
    final: bool
    """Before a pause or at the end; its rime is rendered longer than `end` and faded out."""


def spans(words: Sequence[str], tokens: Sequence[Token], afterglow: int) -> list[Span]:
    """One for each syllable; pauses are left out."""
    edges = np.concatenate([[0], np.cumsum([token.frames for token in tokens])])
    found = []
    for at, word in enumerate(word for word in words if word != plan.PAUSE):
        own = [place for place, token in enumerate(tokens) if token.syllable == at]
        rime = [place for place in own if tokens[place].kind != plan.INITIAL]
        coda = [place for place in rime if tokens[place].kind in (plan.NASAL, plan.CODA)]
        final = any(tokens[place].kind == plan.GLOW for place in own)
        end = int(edges[own[-1] + 1]) - (afterglow if final else 0)
        start, opened = int(edges[own[0]]), int(edges[rime[0]])
        found.append(Span(word, start, opened, int(edges[coda[0]]) if coda else end, end, final))
    return found


def pitch(found: Sequence[Span], frames: int, contours: Contours, shape: Pitch, glow: int) -> Track:
    """Hz; 0 is no voice."""
    track = np.zeros(frames * HALVES)
    for span in found:
        this = plan.spoken(span.word)
        levels = contours[this.code]
        voiced_end = span.vowel_end if this.checked else span.end
        rime = slice(span.rime * HALVES, voiced_end * HALVES)
        track[rime] = _contour(levels, rime.stop - rime.start, shape, span.final)
        if this.initial not in plan.VOICELESS:
            track[span.start * HALVES : rime.start] = shape.hz(levels[0])
        after = slice(rime.stop, (span.end + (glow if span.final else 0)) * HALVES)
        track[after] = shape.hz(levels[-1])
    return track


def _contour(levels: Sequence[int], count: int, shape: Pitch, final: bool) -> Track:
    progress = np.linspace(0, 1, count)
    first, last = shape.final if final else shape.inside
    if len(levels) == 2:
        places: Sequence[float] = (0.0, first, 1 - last, 1.0)
        levels = (levels[0], levels[0], levels[1], levels[1])
    else:
        places = [float(place) for place in np.linspace(0, 1, len(levels))]
    chao = np.interp(progress, places, np.asarray(levels, dtype=np.float64))
    return np.asarray([shape.hz(float(level)) for level in chao])


def energy(found: Sequence[Span], predicted: Track, recipe: Recipe) -> Track:
    """The predictor's energy, delayed as the sound is, with closures, voice bars and a floor under the vowels."""
    track = delayed(predicted, recipe.timing.shift * HALVES)
    shape, glow = recipe.energy, recipe.timing.afterglow
    for span in found:
        this = plan.spoken(span.word)
        start, rime = span.start * HALVES, span.rime * HALVES
        stop = span.vowel_end if this.checked else span.end + (glow if span.final else 0)
        body = track[rime : stop * HALVES]
        np.maximum(body, shape.vowel_floor, out=body)
        _initial(track, this.initial, start, rime, shape)
        if this.checked:
            coda = track[span.vowel_end * HALVES + 1 : span.end * HALVES]
            np.minimum(coda, shape.coda_closed, out=coda)
    if found:
        track[: max(0, found[0].start * HALVES - HALVES)] = shape.silence
        last = found[-1].end + (glow if found[-1].final else 0)
        track[last * HALVES + HALVES :] = shape.silence
    return track


def _initial(track: Track, initial: str, start: int, rime: int, shape: Energy) -> None:
    if initial in shape.closures:
        track[start : start + shape.closures[initial]] = shape.closed
    elif initial in shape.voice_bars:
        level, count = shape.voice_bars[initial]
        track[start : min(start + count, rime)] = level
    elif initial in shape.murmurs:
        body = track[start:rime]
        np.maximum(body, shape.murmurs[initial], out=body)


def delayed(track: Track, by: int) -> Track:
    """The first value again `by` times, the last ones dropped."""
    values = np.asarray(track, dtype=np.float64)
    return np.concatenate([np.repeat(values[:1], by), values[: len(values) - by]])
