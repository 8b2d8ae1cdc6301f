"""Surface Tâi-lô to sound: plan, features, tracks, decoder, finish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from voices.neural import features, finish, plan, tracks
from voices.neural.engine import FRAME_SAMPLES, Engine
from voices.neural.recipe import Recipe
from voices.neural.tracks import Contours, Span

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Speech:
    """`samples` at 24 kHz, as the decoder gives them but for fades and levels; `spans` in frames of 600 samples."""

    samples: Samples
    spans: tuple[Span, ...]


class Minnan:
    """The voice for one accent's contours."""

    def __init__(self, engine: Engine, recipe: Recipe, contours: Contours) -> None:
        """:raises NaturalVoiceError: the voice lacks a symbol of the recipe."""
        engine.tokens(sorted(recipe.symbols()))
        self._engine = engine
        self._recipe = recipe
        self._contours = contours
        self._marks = {code: recipe.marks[_mark(levels)] for code, levels in contours.items()}

    def speak(
        self, words: Sequence[str], speed: float = 1.0, semitones: float = 0.0, ends: frozenset[int] = frozenset()
    ) -> Speech:
        """:param words: surface syllables of the accent (`phah4`), `|` for a pause.
        :param semitones: how far all is moved.
        :param ends: syllables that end a tone group.
        :raises TailoError: no surface syllable.
        """
        recipe, engine = self._recipe, self._engine
        tokens = plan.plan(words, recipe, speed, self._marks, ends)
        numbers = engine.tokens([token.symbol for token in tokens])
        lengths = np.array([[token.frames for token in tokens]], dtype=np.int64)
        style = engine.style(recipe.style, recipe.row)
        found = tracks.spans(words, tokens, recipe.timing.afterglow)
        shape = replace(recipe.pitch, base_hz=recipe.pitch.base_hz * 2 ** (semitones / 12))
        pitch = tracks.pitch(found, int(lengths.sum()), self._contours, shape, recipe.timing.afterglow)
        _, predicted = engine.predict(numbers, style, lengths)
        energy = tracks.energy(found, predicted.astype(np.float64), recipe)
        each = np.repeat(features.features(engine, tokens, recipe), lengths[0], axis=1)
        shift = recipe.timing.shift
        late = np.concatenate([np.repeat(each[:, :1], shift, axis=1), each[:, : each.shape[1] - shift]], axis=1)
        raw = engine.decode(late, pitch.astype(np.float32), energy.astype(np.float32), style)
        made = finish.shaped(raw.astype(np.float64), found, recipe, FRAME_SAMPLES)
        return Speech(made, tuple(found))


def _mark(levels: Sequence[int]) -> str:
    if max(levels) <= 2:
        return "low"
    if levels[-1] == levels[0]:
        return "level"
    return "rising" if levels[-1] > levels[0] else "falling"
