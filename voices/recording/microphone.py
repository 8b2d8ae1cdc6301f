"""The microphone through `arecord` (alsa-utils): a child whose sound is looked at while it comes."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from voices.packs.wav import Samples

RATE = 48_000
COUNTDOWN_S = 1.5
"""The room is listened to first; she is to begin when it is over."""
_PIECE_S = 0.05
_SILENCE_S = 1.2
"""So much room after speech ends a take by itself."""
_LONGEST_S = 25.0
_SPEECH_OVER_ROOM_DB = 15.0
_SOFTEST_DB = -55.0

OnPiece = Callable[[float, float], bool]
"""Gets seconds since the take began and the level in dB below full scale; returns False to end the take."""


class MicrophoneError(RuntimeError):
    """No recording program, no such device, or it stopped; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Microphone:
    device: str = "default"

    def take(self, on_piece: OnPiece) -> Samples:
        """Record until silence follows speech, `on_piece` says enough, or 25 s have passed.

        :returns: 16-bit mono at 48 kHz, with the room before and after.
        :raises MicrophoneError: nothing can be recorded.
        """
        command = ["arecord", "-q", "-D", self.device, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE)]
        try:
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise MicrophoneError("没有录音程序 arecord。请安装软件包 alsa-utils。") from error
        try:
            return _listen(child, on_piece)
        finally:
            child.kill()
            with contextlib.suppress(OSError):
                child.communicate()


def _listen(child: subprocess.Popen[bytes], on_piece: OnPiece) -> Samples:
    assert child.stdout is not None and child.stderr is not None
    pieces: list[bytes] = []
    ears = _Ears()
    size = int(_PIECE_S * RATE) * 2
    while True:
        piece = child.stdout.read(size)
        if len(piece) < size:
            said = child.stderr.read().decode(errors="replace").strip().splitlines()
            why = said[-1] if said else "the program ended"
            raise MicrophoneError(f"录不了音({why})。请检查话筒,用 arecord -L 看设备名,再用 --device 指定。")
        pieces.append(piece)
        level_db = _level_db(piece)
        at_s = len(pieces) * _PIECE_S
        wanted = on_piece(at_s, level_db)
        if ears.heard_enough(at_s, level_db) or not wanted or at_s >= _LONGEST_S:
            return np.frombuffer(b"".join(pieces), dtype="<i2").astype(np.int16)


@dataclass(slots=True)
class _Ears:
    """Decides when she has finished."""

    room: list[float] = field(default_factory=list)
    quiet_s: float = 0.0
    spoken: bool = False

    def heard_enough(self, at_s: float, level_db: float) -> bool:
        if at_s <= COUNTDOWN_S:
            self.room.append(level_db)
            return False
        if level_db > max(median(self.room) + _SPEECH_OVER_ROOM_DB, _SOFTEST_DB):
            self.spoken, self.quiet_s = True, 0.0
            return False
        self.quiet_s += _PIECE_S
        return self.spoken and self.quiet_s >= _SILENCE_S


def _level_db(piece: bytes) -> float:
    samples = np.frombuffer(piece, dtype="<i2").astype(np.float64) / 32768
    return round(10 * float(np.log10(float(np.mean(samples**2)) + 10**-9.6)), 1)
