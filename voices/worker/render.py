"""From what is to be said to samples as they are fed: the engine's or a clip's, at one loudness and any pace."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from voices.worker import loudness, sound
from voices.worker.espeak import SLOWEST, Espeak
from voices.worker.sound import Samples

PERCENT = (50.0, 200.0)
"""Slowest and fastest pace; 100 is about 165 characters a minute, pauses between clauses not counted."""
_COMMON_WORDS = {"nan": 106, "cmn": 126}
"""The engine's own rate at 100 %, by language: Mandarin's words are longer."""
_NEAR = 0.01
"""A length so near to what is wanted is left alone."""


def _always() -> bool:
    return True


def common_words(voice: str) -> int:
    """The engine's rate in words a minute at 100 % for a voice, e.g. `nan-tongan` or `cmn`."""
    return _COMMON_WORDS.get(voice.partition("-")[0], _COMMON_WORDS["cmn"])


def engine_sound(
    engine: Espeak, voice: str, text: str, percent: float = 100.0, go_on: Callable[[], bool] = _always
) -> Samples:
    """`text` by the live engine at -20 LUFS.

    The engine's length does not follow its rate exactly, and below 80 words a minute not at all: it renders as
    near as it can, and what is left is stretched. A thousandth of the sound's length, so twice is nothing.

    :param go_on: asked every 40 ms of sound; False ends the rendering with what there is.
    :raises EngineError: no such voice.
    """
    engine.set_voice(voice)
    words = common_words(voice)
    common = _rendered(engine, text, words, go_on)
    if percent == 100:
        return loudness.level(common, engine.sample_rate)
    wanted = len(common) * 100 / percent
    near = _rendered(engine, text, max(round(words * percent / 100), SLOWEST), go_on)
    return loudness.level(_fitted(near, wanted, engine.sample_rate), engine.sample_rate)


def take_sound(samples: Samples, rate: int, percent: float = 100.0) -> Samples:
    """A clip at -20 LUFS; 100 % is the pace that it was spoken at."""
    return loudness.level(_fitted(samples, len(samples) * 100 / percent, rate), rate)


def _rendered(engine: Espeak, text: str, words: int, go_on: Callable[[], bool]) -> Samples:
    pieces: list[bytes] = []

    def keep(pcm: bytes) -> bool:
        pieces.append(pcm)
        return go_on()

    engine.set_rate(words)
    engine.synthesise(text, keep)
    return sound.trim(np.frombuffer(b"".join(pieces), dtype=np.int16), engine.sample_rate)


def _fitted(samples: Samples, wanted: float, rate: int) -> Samples:
    factor = wanted / len(samples) if len(samples) else 1.0
    return samples if abs(factor - 1) < _NEAR else sound.stretch(samples, factor, rate)
