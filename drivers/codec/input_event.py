"""Linux `struct input_event` (linux/input.h): pure bytes in and out."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

LAYOUT = struct.Struct("@llHHi")
"""struct timeval, type, code, value in the machine's own sizes: 24 bytes on 64 bits."""

EV_SYN = 0x00
SYN_DROPPED = 3
EV_KEY = 0x01
RELEASED, PRESSED, REPEATED = 0, 1, 2
"""Values of an EV_KEY event."""
EV_SW = 0x05
SW_HEADPHONE_INSERT = 0x02
EV_MAX = 0x1F
CODE_MAX = 0x2FF


class InputEvent(NamedTuple):
    seconds: int
    microseconds: int
    type: int
    code: int
    value: int

    @property
    def plausible(self) -> bool:
        return 0 <= self.microseconds < 1_000_000 and self.type <= EV_MAX and self.code <= CODE_MAX


@dataclass(slots=True)
class EventParser:
    """Cuts a stream into events. An impossible event moves on by one byte until one is possible again."""

    discarded_bytes: int = 0
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[InputEvent]:
        self._buffer += data
        found = []
        while len(self._buffer) >= LAYOUT.size:
            event = InputEvent(*LAYOUT.unpack_from(self._buffer))
            if event.plausible:
                found.append(event)
                del self._buffer[: LAYOUT.size]
            else:
                self.discarded_bytes += 1
                del self._buffer[:1]
        return found

    def silence(self) -> None:
        """The node fell silent within an event: the rest never comes, and the next event begins anew."""
        self.discarded_bytes += len(self._buffer)
        self._buffer.clear()

    @property
    def held_bytes(self) -> int:
        return len(self._buffer)


def encode_event(event: InputEvent) -> bytes:
    return LAYOUT.pack(*event)


def bit_is_set(bits: bytes, number: int) -> bool:
    """Of a kernel bit field as EVIOCGSW and EVIOCGBIT fill it."""
    return number // 8 < len(bits) and bool(bits[number // 8] >> (number % 8) & 1)
