"""The voice before the gate of segments.

The renders are kept on disk by recipe and words: a measurement that was interrupted goes on, and contrasts that
share words share their sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from voices.measure.segments import contrasts
from voices.measure.segments.bench import Verdict, judge
from voices.measure.segments.contrasts import Contrast
from voices.measure.segments.rendering import Mark, Rendering
from voices.neural import passed, recipe
from voices.neural.engine import FRAME_SAMPLES, RATE, Engine
from voices.neural.synth import Minnan, Speech
from voices.pipeline import accent as accents

_DRAWS = 5
"""60 renders of a contrast: a render takes half a second of a quiet core and more."""
_SHARED = "neural"
"""Seed of every contrast's draw: the same neighbourhoods, so that a syllable is rendered once for all its pairs."""


class MinnanVoice:
    """SegmentVoice of this voice; its marks are its own durations."""

    def __init__(self, voice: Minnan, cache: Path, made_of: str) -> None:
        """:param made_of: digest of recipe and graph: renders of another one are not used."""
        self._voice, self._folder = voice, cache / made_of[:16]
        self._folder.mkdir(parents=True, exist_ok=True)

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        """See SegmentVoice."""
        path = self._folder / f"{hashlib.sha256(f'{words} {percent} {semitones}'.encode()).hexdigest()[:24]}.npz"
        if not path.is_file():
            _keep(path, self._voice.speak(words, percent / 100, semitones))
        with np.load(path) as kept:
            marks = tuple(Mark(*(float(at) for at in row)) for row in kept["marks"])
            return Rendering(kept["samples"].astype(np.float64) / 32768, RATE, marks)


def _keep(path: Path, speech: Speech) -> None:
    edges = [(span.start, span.rime, span.vowel_end, span.end) for span in speech.spans]
    marks = np.asarray(edges) * FRAME_SAMPLES / RATE
    samples = np.round(np.clip(speech.samples, -1, 1) * 32767).astype(np.int16)
    half = path.with_suffix(".half.npz")
    np.savez(half, samples=samples, marks=marks)
    half.replace(path)


def measure(voice: MinnanVoice, contrast: Contrast) -> Verdict:
    """One contrast, on neighbourhoods that it shares with the others."""
    return replace(judge(voice, replace(contrast, name=_SHARED), _DRAWS), contrast=contrast)


def run(data: Path, accent: str, file: Path, names: Sequence[str], tell: Callable[[str], None]) -> None:
    """Measure, and write each result as it comes; results of the same recipe that are there already stay.

    :param names: which contrasts; all when empty.
    :raises NaturalVoiceError: the voice was not fetched.
    :raises ResultError: a name that is none.
    """
    every = contrasts.load()
    wanted = {contrast.name: contrast for contrast in every}
    if unknown := set(names) - set(wanted):
        raise passed.ResultError(f"there is no contrast {sorted(unknown)[0]}; there are {', '.join(wanted)}")
    made_of, engine = recipe.load(), Engine(data)
    voice = MinnanVoice(Minnan(engine, made_of, accents.load(accent).contours), data / "renders", made_of.digest)
    rows = passed.rows(file, made_of.digest)
    for name in names or [name for name in wanted if name not in rows]:
        verdict = measure(voice, wanted[name])
        rows[name] = passed.Row(verdict.renders, verdict.identified, verdict.right_way, verdict.passed)
        passed.write(file, passed.Result(made_of.digest, engine.digest, accent, _today(), len(every), rows))
        tell(
            f"{name}: identified {verdict.identified:.3f}, right way {verdict.right_way:.3f}, {verdict.renders} renders"
        )


def _today() -> str:
    return date.today().isoformat()
