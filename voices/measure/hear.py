"""What a measurement hears: surface syllables spoken one after another, and where each lies in the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voices.pipeline import pitch, tailo
from voices.worker.espeak import PHONEME_EVENT, WORD_EVENT, Espeak, Event
from voices.worker.render import common_words

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """samples: mono, -1…1 at `rate` Hz. rimes: start and end in seconds of each syllable's rime (its initial left
    out, since a voiced one carries the pitch on from the syllable before)."""

    samples: Samples
    rate: int
    rimes: tuple[tuple[float, float], ...]

    def contours(self, points: int) -> list[Samples]:
        """Each syllable's pitch, see `pitch.contour`.

        :raises ValueError: a syllable with too little voice.
        """
        found = pitch.track(self.samples, self.rate)
        return [pitch.contour(found.between(start_s, end_s), points) for start_s, end_s in self.rimes]


class Mouth(Protocol):
    """A voice under measurement; a test puts a wrong one in its place to see a gate go red."""

    def speak(self, voice: str, syllables: Sequence[str]) -> Heard:
        """:param voice: the engine's name of the accent's voice.
        :param syllables: letters and one tone code of the accent each: spoken as they are, no sandhi on top.
        """


class EngineMouth:
    """The built voice, through the library that the speech worker uses. One a process."""

    def __init__(self, data: Path) -> None:
        """:raises EngineError: no engine, or no voice in `data`."""
        self._engine = Espeak(data, phoneme_events=True)

    def speak(self, voice: str, syllables: Sequence[str]) -> Heard:
        self._engine.set_voice(voice)
        self._engine.set_rate(common_words(voice))
        pieces: list[bytes] = []
        events: list[Event] = []

        def keep(pcm: bytes) -> bool:
            pieces.append(pcm)
            return True

        self._engine.synthesise(" ".join(syllables), keep, events.append)
        samples = np.frombuffer(b"".join(pieces), dtype=np.int16).astype(np.float64) / 32768
        return Heard(samples, self._engine.sample_rate, _rimes(syllables, events, self._engine.sample_rate))


def _rimes(syllables: Sequence[str], events: Sequence[Event], rate: int) -> tuple[tuple[float, float], ...]:
    """A word event a syllable, then its phonemes, then a pause mark.

    :raises ValueError: the engine parted the text in another way.
    """
    found: list[tuple[float, float]] = []
    words = _words(events)
    if len(words) != len(syllables):
        raise ValueError(f"{len(syllables)} syllables were asked for, {len(words)} were spoken: {' '.join(syllables)}")
    for text, phonemes in zip(syllables, words, strict=True):
        first = 1 if initial(text) else 0
        sounded = [event for event in phonemes if not event.name.startswith("_")]
        if len(sounded) <= first:
            raise ValueError(f"{text} has no rime: {[event.name for event in phonemes]}")
        found.append((sounded[first].sample / rate, phonemes[-1].sample / rate))
    return tuple(found)


def _words(events: Sequence[Event]) -> list[list[Event]]:
    words: list[list[Event]] = []
    for event in events:
        if event.kind == WORD_EVENT:
            words.append([])
        elif event.kind == PHONEME_EVENT and words and not (words[-1] and words[-1][-1].name.startswith("_")):
            words[-1].append(event)
    return words


def initial(text: str) -> str:
    """The initial of a surface syllable; empty when it begins with its rime.

    :raises TailoError: no Minnan letters.
    """
    letters = text[:-1]
    # A surface syllable may carry any code on any rime (and Xiamen's has lost its -h): only the letters are read.
    for name in sorted(tailo.INITIALS, key=len, reverse=True):
        if letters.startswith(name) and letters[len(name) :] in tailo.FINALS:
            return name
    raise tailo.TailoError(f"{text!r} has no Minnan letters")
