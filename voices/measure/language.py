"""Is what is heard the language that was asked for? The worker's sound against both languages' voices.

Each captured clause is compared with the engine's rendering of the Minnan and of the Mandarin reading of the same text.
Swapped packs, a swapped voice, or a silent fall from Minnan to Mandarin turn every row red.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voices import languages
from voices.measure import keys
from voices.measure.capture import Captured, capture
from voices.measure.gate import Bench, Gate
from voices.pipeline import accent as accents
from voices.pipeline.pitch import Samples
from voices.prompts import Words, load_words
from voices.worker import render
from voices.worker.espeak import Espeak
from voices.worker.layers import LIVE

BOTH = ("cmn", "nan")
"""Languages that could be taken for each other; they share their texts."""
TEXTS, FAST_TEXTS = 40, 5
_FRAME_S = 0.025
_BANDS = 24
_HIGHEST_HZ = 6000.0
_PLACES = 80
"""Frames that a clause of any length is stretched to."""

Picture = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """One clause: how far its spectrum is from each language's rendering of its text, in dB on an average."""

    key: str
    text: str
    apart_db: Mapping[str, float]

    @property
    def nearest(self) -> str:
        return min(self.apart_db, key=lambda lang: self.apart_db[lang])


def gates(bench: Bench) -> list[Gate]:
    words, known = load_words(), keys.load()
    accent = accents.names()[0]
    items = _shared(words, known)[::12][: FAST_TEXTS if bench.fast else TEXTS]
    found = {lang: capture(bench.data, lang, languages.of(lang).accent_of(accent), items) for lang in BOTH}
    engine = Espeak(bench.data)
    references = {lang: render_all(engine, words, lang, accent, items) for lang in BOTH}
    return [judge(lang, compare(clips, references)) for lang, clips in found.items()]


def _shared(words: Words, known: keys.Keys) -> list[keys.Item]:
    """Texts that both languages say in as many clauses, with values that are the same."""
    minnan = {item.key: item for item in keys.spoken(words, "nan", known)}
    return [
        item
        for item in keys.spoken(words, "cmn", known)
        if item == minnan.get(item.key)
        and len(words.spoken("cmn", item.key, item.args)) == len(words.spoken("nan", item.key, item.args))
    ]


def render_all(
    engine: Espeak, words: Words, lang: str, accent: str, items: Sequence[keys.Item]
) -> dict[tuple[str, int], Picture]:
    """Key and number of a clause -> its spectrum, by the language's own voice."""
    language = languages.of(lang)
    own = language.accent_of(accent)
    found: dict[tuple[str, int], Picture] = {}
    for item in items:
        for at, clause in enumerate(words.spoken(lang, item.key, item.args)):
            text = language.engine_text(clause.reading, own)
            samples = render.engine_sound(engine, language.voice(own), text)
            found[item.key, at] = picture(samples / 32768, engine.sample_rate)
    return found


def compare(clips: Sequence[Captured], references: Mapping[str, Mapping[tuple[str, int], Picture]]) -> list[Compared]:
    """Clips of the live engine; those of packs have another speaker and are measured elsewhere."""
    found: list[Compared] = []
    counted: dict[str, int] = {}
    for clip in clips:
        at = counted.get(clip.key, 0)
        counted[clip.key] = at + 1
        if clip.layer == LIVE:
            heard = picture(clip.samples, clip.rate)
            apart = {lang: float(np.abs(heard - known[clip.key, at]).mean()) for lang, known in references.items()}
            found.append(Compared(clip.key, clip.text, apart))
    return found


def picture(samples: Samples, rate: int) -> Picture:
    """Bands of a spectrum over time in dB, free of loudness: `_PLACES` by `_BANDS`."""
    size = int(_FRAME_S * rate)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, size)), size)[:: size // 2]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    edges = np.linspace(0, _HIGHEST_HZ * size / rate, _BANDS + 1).astype(int)
    bands = np.stack([power[:, a : b + 1].sum(axis=1) for a, b in itertools.pairwise(edges)], axis=1)
    levels = np.maximum(10 * np.log10(bands / bands.max() + 1e-6), -60)
    at = np.linspace(0, len(levels) - 1, _PLACES).round().astype(int)
    return np.asarray(levels[at])


def judge(lang: str, found: Sequence[Compared]) -> Gate:
    wrong = [f"{one.key} {one.text}: sounds {one.nearest}" for one in found if one.nearest != lang]
    return Gate(
        f"language {lang}",
        "every clause nearest to its own",
        f"{len(found) - len(wrong)} of {len(found)} clauses",
        not wrong and bool(found),
        {"wrong": wrong, "own_db": _mean(found, lang), "other_db": _mean(found, next(x for x in BOTH if x != lang))},
    )


def _mean(found: Sequence[Compared], lang: str) -> float:
    return round(float(np.mean([one.apart_db[lang] for one in found])), 2) if found else 0.0
