"""What a microphone would give: the engine's voice as the speaker, with room before and after, at 48 kHz."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from voices.pipeline import accent as accents
from voices.reading import Reading
from voices.worker import loudness
from voices.worker.espeak import Espeak

RATE = 48_000
SPEAKER = ["--speaker", "speaker-1", "--consent", "box 1", "--author", "wang"]
Samples = npt.NDArray[np.int16]


class Speaker:
    """Reads a clause aloud."""

    def __init__(self, data: Path) -> None:
        self._engine = Espeak(data)
        self._accent = accents.load("tongan")
        self._engine.set_voice(self._accent.voice)

    def say(self, reading: Reading) -> Samples:
        pieces: list[bytes] = []

        def keep(pcm: bytes) -> bool:
            pieces.append(pcm)
            return True

        self._engine.synthesise(accents.surface_text(self._accent, reading.script, reading.sound), keep)
        spoken = np.frombuffer(b"".join(pieces), dtype=np.int16)
        at_rate = np.asarray(soxr.resample(spoken, self._engine.sample_rate, RATE), dtype=np.int16)
        return loudness.level(at_rate, RATE, -26.0)


def in_a_room(
    speech: Samples, gain_db: float = 0.0, room_db: float = -80.0, before_s: float = 1.6, after_s: float = 1.5
) -> Samples:
    """`room_db`: RMS of the room's noise below full scale; beyond full scale the converter clips."""
    wave = np.concatenate([np.zeros(int(before_s * RATE)), speech / 32768, np.zeros(int(after_s * RATE))])
    noise = np.random.default_rng(1).normal(size=len(wave)) * 10 ** (room_db / 20)
    whole = wave * 10 ** (gain_db / 20) + noise
    return np.asarray(np.clip(np.round(whole * 32768), -32768, 32767), dtype=np.int16)
