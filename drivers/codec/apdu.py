"""Command and response APDUs of chip cards (ISO/IEC 7816-4, short length), and their two detours.

A card may keep its answer back (61xx: fetch it by GET RESPONSE) or name the length it wants (6Cxx: ask again).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers import faults
from drivers.api import CompletionCode, DeviceError

Transmit = Callable[[bytes], bytes]
"""Carries one command to the card and brings its answer. :raises DeviceError:"""

OK = 0x9000
WRONG_LENGTH = 0x6700
NOT_SATISFIED = frozenset({0x6982, 0x6985})
"""Security status, conditions of use: something must be proved to the card first."""
BLOCKED = 0x6983
MOST_ROUNDS = 32
"""No answer of a social card needs more than two; a card that goes on is broken."""
LONGEST_ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Command:
    """`le` None expects no data, 0 means up to 256 bytes."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytes:
        """:raises ValueError: for more than 255 bytes of data."""
        head = bytes((self.cla, self.ins, self.p1, self.p2))
        body = bytes((len(self.data),)) + self.data if self.data else b""
        return head + body + (b"" if self.le is None else bytes((self.le,)))


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """The whole answer. The repr shows no data: it may be personal."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        return self.sw == OK

    @property
    def tries_left(self) -> int | None:
        """How many PIN tries a card says are left (63Cx); None when it says nothing of the kind."""
        return self.sw & 0x0F if self.sw & 0xFFF0 == 0x63C0 else None

    @property
    def locked(self) -> bool:
        """The card wants a PIN or a security module, or has blocked its PIN."""
        return self.sw in NOT_SATISFIED or self.sw == BLOCKED or self.tries_left is not None

    @property
    def blocked(self) -> bool:
        return self.sw == BLOCKED or self.tries_left == 0

    def __repr__(self) -> str:
        return f"Reply({len(self.data)} bytes, {self.sw:04X})"


def decode_reply(raw: bytes) -> Reply:
    """:raises DeviceError: CHP-006 when there is no status word."""
    if len(raw) < 2:
        raise DeviceError(faults.CHP_DATA, f"an answer of {len(raw)} bytes", CompletionCode.INVALID_DATA)
    return Reply(raw[:-2], raw[-2] << 8 | raw[-1])


def exchange(transmit: Transmit, command: Command) -> Reply:
    """Send a command and follow 61xx and 6Cxx to the end; other status words are the caller's to judge.

    :raises DeviceError: CHP-006 when the answer has no status word or no end, or what `transmit` raises.
    """
    data = b""
    for _ in range(MOST_ROUNDS):
        reply = decode_reply(transmit(command.encode()))
        data += reply.data
        high, low = reply.sw >> 8, reply.sw & 0xFF
        if len(data) > LONGEST_ANSWER_BYTES:
            break
        if high == 0x61:
            command = Command(command.cla & 0x03, 0xC0, 0, 0, le=low)
        elif high == 0x6C and command.le != low:
            command = replace(command, le=low)
        else:
            return Reply(data, reply.sw)
    raise DeviceError(faults.CHP_DATA, "an answer without an end", CompletionCode.INVALID_DATA)
