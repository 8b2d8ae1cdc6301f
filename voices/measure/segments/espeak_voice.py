"""The espeak voice under measurement: its own phoneme events say where each syllable lies."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from voices.measure.segments.rendering import Mark, Rendering, Samples
from voices.pipeline import tailo
from voices.worker.driver import NOMINAL_WORDS
from voices.worker.espeak import WORD_EVENT, Espeak, Event

_OWN_PITCH = 50
_PITCH_STEPS_A_SEMITONE = 6.9
"""Measured on high level tones: the engine moves only the floor of the voice, the tones stand on it."""
_CODAS = ("p", "t", "k", "h", "m", "n", "ng")
_SYLLABIC = ("m", "ng")


class MarksError(RuntimeError):
    """The engine's events do not fit the syllables that were asked for."""


@dataclass(slots=True)
class _Word:
    """Samples at which the word, its phonemes and the pause after it begin."""

    start: int
    phonemes: list[int] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)


class EspeakVoice:
    """One accent's voice out of a built data folder."""

    def __init__(self, data: Path, voice: str) -> None:
        """:param data: folder that holds `espeak-ng-data`.
        :raises EngineError: no engine, no data or no such voice.
        """
        self._engine = Espeak(data, phoneme_events=True)
        self._engine.set_voice(voice)

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        """See SegmentVoice. :raises MarksError: a word that the engine did not take for one syllable."""
        pieces: list[bytes] = []
        events: list[Event] = []

        def keep(pcm: bytes) -> bool:
            pieces.append(pcm)
            return True

        self._engine.set_rate(round(NOMINAL_WORDS * percent / 100))
        self._engine.set_pitch(round(_OWN_PITCH + _PITCH_STEPS_A_SEMITONE * semitones))
        self._engine.synthesise(" ".join(words), keep, events.append)
        samples = np.frombuffer(b"".join(pieces), dtype=np.int16).astype(np.float64) / 32768
        rate = self._engine.sample_rate
        return Rendering(samples, rate, _marks(words, _spoken(events), samples, rate))


def _spoken(events: Sequence[Event]) -> list[_Word]:
    words: list[_Word] = []
    for event in events:
        if event.kind == WORD_EVENT:
            words.append(_Word(event.sample))
        elif words and event.name.startswith("_"):
            words[-1].pauses.append(event.sample)
        elif words:
            words[-1].phonemes.append(event.sample)
    return words


def _marks(words: Sequence[str], spoken: Sequence[_Word], samples: Samples, rate: int) -> tuple[Mark, ...]:
    told = all(
        word.pauses and len(word.phonemes) > bool(parts(text)[0]) for text, word in zip(words, spoken, strict=False)
    )
    if len(words) != len(spoken) or not told:
        raise MarksError(f"{' '.join(words)!r} was not spoken as {len(words)} syllables")
    marks: list[Mark] = []
    for text, word, after in itertools.zip_longest(words, spoken, spoken[1:]):
        initial, coda = parts(text)
        rime = word.phonemes[1 if initial else 0]
        end = word.pauses[0] if after is None else after.start
        vowel_end = _heard_until(samples, word.phonemes[-1], rime) if coda else end
        marks.append(Mark(word.start / rate, rime / rate, vowel_end / rate, end / rate))
    return tuple(marks)


def _heard_until(samples: Samples, coda: int, rime: int) -> int:
    """The engine tells of a stop when its silence is over: back to where the vowel was last heard."""
    heard = np.flatnonzero(samples[rime:coda])
    return rime + int(heard[-1]) + 1 if len(heard) else coda


def parts(text: str) -> tuple[str, str]:
    """Initial and coda of a surface syllable, each empty when there is none.

    :raises TailoError: no Minnan syllable.
    """
    letters = text.rstrip("0123456789")
    found = tailo.syllable(letters + ("4" if letters[-1] in "ptkh" else "1"))
    coda = next((each for each in reversed(_CODAS) if found.final.endswith(each)), "")
    nasal_vowel = found.final.endswith("nn")
    return found.initial, "" if nasal_vowel or found.final in _SYLLABIC else coda
