"""Old ears in a village hall: a voice heard through murmur, with little left above 4 kHz.

Presbycusis takes the high frequencies first (ISO 7029); the murmur has the fall of running speech, 6 dB an octave
above 500 Hz. What only a quiet room lets one tell apart fails here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voices.measure.segments.rendering import Rendering, SegmentVoice

SPEECH_OVER_MURMUR_DB = 15.0
_HEARD_UP_TO_HZ = 4000.0
_FALLS_FROM_HZ = 500.0


@dataclass(frozen=True, slots=True)
class InTheHall:
    """The voice as it arrives; the murmur is another for every utterance, the same every time."""

    voice: SegmentVoice

    def render(self, words: Sequence[str], percent: int, semitones: float) -> Rendering:
        """See SegmentVoice."""
        near = self.voice.render(words, percent, semitones)
        seed = hashlib.sha256(f"{list(words)} {percent} {semitones}".encode()).digest()
        count = len(near.samples)
        at = np.fft.rfftfreq(count, 1 / near.rate)
        white = np.fft.rfft(np.random.default_rng(list(seed)).normal(size=count))
        murmur = np.fft.irfft(white / np.sqrt(1 + (at / _FALLS_FROM_HZ) ** 2), count)
        heard = near.samples[np.abs(near.samples) > 1e-3]
        wanted = np.sqrt(np.mean(heard**2)) * 10 ** (-SPEECH_OVER_MURMUR_DB / 20)
        mixed = np.fft.rfft(near.samples + murmur * wanted / np.sqrt(np.mean(murmur**2)))
        dulled = np.fft.irfft(mixed / (1 + (at / _HEARD_UP_TO_HZ) ** 8), count)
        return Rendering(np.asarray(dulled), near.rate, near.marks)
