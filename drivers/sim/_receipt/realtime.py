"""Real-time commands: a printer's receiver obeys them as the bytes come in, whatever they stand in.

Also inside picture data, as Epson's reference warns of DLE EOT. The bytes stay in the stream, where
the interpreter skips them as a command or counts them as data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_DLE, _EOT, _ENQ = 0x10, 0x04, 0x05


@dataclass(frozen=True, slots=True)
class Question:
    """DLE EOT n, n = 1..4."""

    n: int


@dataclass(frozen=True, slots=True)
class Clear:
    """DLE ENQ n; `forget` for n = 2: everything received so far is dropped, this command included."""

    forget: bool


class RealTime:
    """Splits what comes in, in any chunks, into bytes for the buffer and commands obeyed at once."""

    def __init__(self) -> None:
        self._tail = b""
        """The last bytes when they may be the beginning of a command."""

    def split(self, data: bytes) -> Iterator[bytes | Question | Clear]:
        """In order: bytes to buffer (the command's own first), then the command."""
        passed = bytearray()
        for byte in data:
            passed.append(byte)
            self._tail = self._next_tail(byte)
            if len(self._tail) < 3:
                continue
            command = self._command(self._tail)
            self._tail = b""
            if command is not None:
                yield bytes(passed)
                passed.clear()
                yield command
        if passed:
            yield bytes(passed)

    def _next_tail(self, byte: int) -> bytes:
        tail = self._tail
        if len(tail) == 2 or (len(tail) == 1 and byte in (_EOT, _ENQ)):
            return tail + bytes((byte,))
        return bytes((byte,)) if byte == _DLE else b""

    def _command(self, command: bytes) -> Question | Clear | None:
        if command[1] == _EOT and 1 <= command[2] <= 4:
            return Question(command[2])
        if command[1] == _ENQ and command[2] in (1, 2):
            return Clear(forget=command[2] == 2)
        return None
