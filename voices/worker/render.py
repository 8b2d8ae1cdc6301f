"""From what is to be said to samples as they are fed: the engine's or a clip's, at one loudness and any pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from voices import languages
from voices.language import COMMON_WORDS
from voices.worker import loudness, sound
from voices.worker.espeak import SLOWEST, WORD_EVENT, Espeak, Event
from voices.worker.sound import Samples

PERCENT = (50.0, 200.0)
"""Slowest and fastest pace; 100 is about 165 characters a minute, pauses between clauses not counted."""
_NEAR = 0.01
"""A length so near to what is wanted is left alone."""


def _always() -> bool:
    return True


def common_words(voice: str) -> int:
    """The engine's rate in words a minute at 100 % for a voice, e.g. `nan-tongan` or `cmn`."""
    language = languages.of_voice(voice)
    return language.words_a_minute if language else COMMON_WORDS


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the engine's text begins."""

    sample: int
    location: int
    """Its first character, from 1."""
    length: int


def engine_sound(
    engine: Espeak,
    voice: str,
    text: str,
    percent: float = 100.0,
    go_on: Callable[[], bool] = _always,
    words: list[Word] | None = None,
) -> Samples:
    """`text` by the live engine at -20 LUFS.

    The engine's length does not follow its rate exactly, and below 80 words a minute not at all: it renders as
    near as it can, and what is left is stretched. A thousandth of the sound's length, so twice is nothing.

    :param go_on: asked every 40 ms of sound; False ends the rendering with what there is.
    :param words: gets where each word begins in what is returned.
    :raises EngineError: no such voice.
    """
    engine.set_voice(voice)
    rate = common_words(voice)
    samples, begun = _rendered(engine, text, rate, go_on)
    if percent != 100:
        wanted = len(samples) * 100 / percent
        near, begun = _rendered(engine, text, max(round(rate * percent / 100), SLOWEST), go_on)
        samples = _fitted(near, wanted, engine.sample_rate)
        begun = [replace(word, sample=word.sample * len(samples) // len(near)) for word in begun if len(near)]
    if words is not None:
        words += begun
    return loudness.level(samples, engine.sample_rate)


def take_sound(samples: Samples, rate: int, percent: float = 100.0) -> Samples:
    """A clip at -20 LUFS; 100 % is the pace that it was spoken at."""
    return loudness.level(_fitted(samples, len(samples) * 100 / percent, rate), rate)


def _rendered(engine: Espeak, text: str, rate: int, go_on: Callable[[], bool]) -> tuple[Samples, list[Word]]:
    pieces: list[bytes] = []
    events: list[Event] = []

    def keep(pcm: bytes) -> bool:
        pieces.append(pcm)
        return go_on()

    engine.set_rate(rate)
    engine.synthesise(text, keep, events.append)
    whole = np.frombuffer(b"".join(pieces), dtype=np.int16)
    kept = sound.heard(whole, engine.sample_rate)
    words = [
        Word(max(event.sample - kept.start, 0), event.position, event.length)
        for event in events
        if event.kind == WORD_EVENT
    ]
    return whole[kept], words


def _fitted(samples: Samples, wanted: float, rate: int) -> Samples:
    factor = wanted / len(samples) if len(samples) else 1.0
    return samples if abs(factor - 1) < _NEAR else sound.stretch(samples, factor, rate)
