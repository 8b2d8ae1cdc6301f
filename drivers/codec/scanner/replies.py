"""Tells a scanner's command replies from the codes it reads: both share one line. Pure bytes in and out.

A reply is recognised by its prefix before anything else looks at the bytes. A reply that is spoiled takes
everything up to the next line end or silence with it: nobody can say where it ended, and a code that is
lost is shown again, while a code with a reply's rest in it would be a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ANSWER_S = 0.5
"""Makers give 500 ms for an answer."""


class Verdict(StrEnum):
    """What a scanner thinks of a command: ACK done, NAK value out of range, ENQ unknown command."""

    ACK = "ack"
    NAK = "nak"
    ENQ = "enq"


VERDICT_OF_BYTE: Mapping[bytes, Verdict] = {b"\x06": Verdict.ACK, b"\x15": Verdict.NAK, b"\x05": Verdict.ENQ}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `tag` names the command where the family says it; `value` is what was asked for."""

    verdict: Verdict
    tag: str = ""
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Request:
    """One command. `tag` is what its reply must carry; `says` what a reply that repeats its data repeats; `answered`
    False: the family answers nothing to it.
    """

    data: bytes
    tag: str = ""
    answered: bool = True
    says: bytes = b""

    def is_answered_by(self, reply: Reply) -> bool:
        """A late reply to the opposite command has the same tag and says something else."""
        return reply.tag == self.tag and (not self.says or reply.value in (b"", self.says))


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a reply stands in the buffer. `reply` None: not whole yet, or `spoiled`."""

    start: int
    end: int = 0
    reply: Reply | None = None
    spoiled: bool = False


class Family(Protocol):
    """One maker's way of talking; each is a module-level object of a `scanner_*` codec."""

    @property
    def name(self) -> str: ...

    @property
    def query(self) -> Request:
        """A question that changes nothing; its ACK proves the family."""

    @property
    def product_query(self) -> Request | None:
        """Asks for the product's name; None when the family cannot say it."""

    def trigger(self, on: bool) -> Request: ...

    def mode(self, answer: Reply, by_command: bool) -> Request | None:
        """Sets reading by command or by sight until power-off; None when `answer` to `query` says it is so."""

    def first_cut(self, buffer: bytes) -> Cut | None:
        """The first reply, or what may become one, in `buffer`."""

    def is_debris(self, line: bytes) -> bool:
        """Is this the rest of a reply whose prefix was spoiled, and no code?"""


@dataclass(slots=True)
class StreamSplitter:
    """Parts the stream of one scanner; holds at most one unfinished reply."""

    family: Family
    spoiled: int = 0
    _held: bytes = b""
    _poisoned: bool = False

    def feed(self, data: bytes) -> list[bytes | Reply | None]:
        """Code bytes, replies, and None for each spoiled reply, in the order they came."""
        pieces: list[bytes | Reply | None] = []
        buffer = self._held + data
        self._held = b""
        while buffer:
            if self._poisoned:
                buffer = self._skip_poison(buffer)
                continue
            cut = self.family.first_cut(buffer)
            if cut is None:
                pieces.append(buffer)
                break
            if cut.start:
                pieces.append(buffer[: cut.start])
            if cut.spoiled:
                self.spoiled += 1
                self._poisoned = True
                pieces.append(None)
                buffer = buffer[cut.start :]
            elif cut.reply is None:
                self._held = buffer[cut.start :]
                break
            else:
                pieces.append(cut.reply)
                buffer = buffer[cut.end :]
        return pieces

    def silence(self) -> list[bytes | Reply | None]:
        """The line fell silent: a held beginning of a prefix was code after all, a longer one is a spoiled reply."""
        held, self._held = self._held, b""
        self._poisoned = False
        if not held:
            return []
        only_a_beginning = self.family.first_cut(held + b"\xff") is None
        if only_a_beginning:
            return [held]
        self.spoiled += 1
        return [None]

    @property
    def pending(self) -> bool:
        return bool(self._held) or self._poisoned

    @property
    def in_reply(self) -> bool:
        """A reply has begun and may still come whole: on a busy machine its bytes come in pieces."""
        return bool(self._held)

    def _skip_poison(self, buffer: bytes) -> bytes:
        end = re.search(rb"[\r\n]", buffer)
        if end is None:
            return b""
        self._poisoned = False
        return buffer[end.start() :]


@dataclass(slots=True)
class EchoFilter:
    """Takes the echo of a command away (RS-485 adapters return what was sent); anything else stays as it is."""

    _expected: bytes = b""
    _matched: int = 0

    def sent(self, data: bytes) -> None:
        self._expected, self._matched = data, 0

    def feed(self, data: bytes) -> bytes:
        """`data` without an echo at its front; empty data is a silence, and gives back what was held in doubt."""
        if not self._expected:
            return data
        at = 0
        while at < len(data) and self._matched < len(self._expected) and data[at] == self._expected[self._matched]:
            at, self._matched = at + 1, self._matched + 1
        if self._matched == len(self._expected):
            self.sent(b"")
            return data[at:]
        if at == len(data) and data:
            return b""
        held = self._expected[: self._matched]
        if data:
            self.sent(b"")
        else:
            self._expected, self._matched = (b"", 0) if held else (self._expected, 0)
        return held + data[at:]


def unfinished(buffer: bytes, prefix: bytes) -> int:
    """Where `buffer` ends with a beginning of `prefix`; -1 when it does not."""
    for size in range(min(len(prefix) - 1, len(buffer)), 0, -1):
        if buffer.endswith(prefix[:size]):
            return len(buffer) - size
    return -1


def only_controls(line: bytes) -> bool:
    return all(byte < 0x20 for byte in line)
