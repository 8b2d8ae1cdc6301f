"""What an ESC/POS printer says about itself: single status bytes, told apart and decoded by bits.

Bit tables: Epson ESC/POS command reference (DLE EOT n, GS r n, GS a n), confirmed by the manuals of
Citizen, Ithaca and Rongta. A byte that does not fit its mask is no status: it is noise, and noise
never becomes "fine".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

XON = 0x11
XOFF = 0x13

OFFLINE_QUERY = 1
COVER_QUERY = 2
ERROR_QUERY = 3
PAPER_QUERY = 4
QUERIES = (OFFLINE_QUERY, COVER_QUERY, ERROR_QUERY, PAPER_QUERY)


class ByteKind(Enum):
    """Whose answer a byte can be; the fixed bits make the kinds disjoint."""

    REAL_TIME = auto()
    """DLE EOT n: bit 0 clear, bits 1 and 4 set, bit 7 clear."""
    QUEUED = auto()
    """GS r n: bits 4 and 7 clear."""
    AUTOMATIC = auto()
    """The first byte of an automatic status (GS a): bits 0, 1 and 7 clear, bit 4 set."""
    FLOW = auto()
    """XON or XOFF: bits 0 and 4 set."""
    NOISE = auto()


def kind_of(byte: int) -> ByteKind:
    if (byte & 0x93) == 0x12:
        return ByteKind.REAL_TIME
    if (byte & 0x93) == 0x10:
        return ByteKind.AUTOMATIC
    if byte in (XON, XOFF):
        return ByteKind.FLOW
    if (byte & 0x90) == 0:
        return ByteKind.QUEUED
    return ByteKind.NOISE


_AUTOMATIC_REST = 3
"""Bytes 2 to 4 of an automatic status; alone they look like answers to GS r."""


class Sorter:
    """Tells the bytes of a printer apart across reads: a whole automatic status is AUTOMATIC, not its first byte only.

    A status whose end is lost takes an answer with it: then a slip is left open, never proved falsely.
    """

    def __init__(self) -> None:
        self._awaited = 0

    def forget(self) -> None:
        """What comes next does not continue what came."""
        self._awaited = 0

    @property
    def is_broken_off(self) -> bool:
        """An automatic status was begun and its end did not come yet."""
        return self._awaited > 0

    def sorted(self, data: bytes) -> list[tuple[int, ByteKind]]:
        return [(byte, self._kind(byte)) for byte in data]

    def _kind(self, byte: int) -> ByteKind:
        kind = kind_of(byte)
        broken = self._awaited > 0
        if kind is ByteKind.AUTOMATIC:
            self._awaited = _AUTOMATIC_REST
        elif kind is ByteKind.QUEUED and broken:
            self._awaited -= 1
            return ByteKind.AUTOMATIC
        # An echoed question begins like a status, and what answers it stands in the middle of that: noise.
        return ByteKind.NOISE if broken and kind is not ByteKind.FLOW else kind


@dataclass(frozen=True, slots=True)
class PrinterBits:
    """The answers to DLE EOT 1 to 4, decoded. Every flag is one bit or the OR of a sensor's two bits."""

    offline: bool = False
    cover_open: bool = False
    feeding_by_button: bool = False
    stopped_by_paper_end: bool = False
    error: bool = False
    recoverable_error: bool = False
    cutter_error: bool = False
    unrecoverable_error: bool = False
    head_hot: bool = False
    """Auto-recoverable error: the head's temperature (or voltage) is out of range for a while."""
    paper_low: bool = False
    paper_out: bool = False


def decode(answers: dict[int, int]) -> PrinterBits:
    """The state from the answers to the queries asked so far, `{query: byte}`.

    :raises ValueError: when a byte is no DLE EOT answer.
    """
    for query, byte in answers.items():
        if kind_of(byte) is not ByteKind.REAL_TIME:
            raise ValueError(f"0x{byte:02X} is no answer to DLE EOT {query}")
    offline, cover, error, paper = (answers.get(query, 0) for query in QUERIES)
    return PrinterBits(
        offline=bool(offline & 0x08),
        cover_open=bool(cover & 0x04),
        feeding_by_button=bool(cover & 0x08),
        stopped_by_paper_end=bool(cover & 0x20),
        error=bool(cover & 0x40),
        recoverable_error=bool(error & 0x04),
        cutter_error=bool(error & 0x08),
        unrecoverable_error=bool(error & 0x20),
        head_hot=bool(error & 0x40),
        # Clones wire one sensor to one of the two bits: either one counts.
        paper_low=bool(paper & 0x0C),
        paper_out=bool(paper & 0x60),
    )


@dataclass(frozen=True, slots=True)
class QueuedPaper:
    """The answer to GS r 1. It is queued behind the job, so it also proves that the job was processed."""

    low: bool
    out: bool


def decode_queued(byte: int) -> QueuedPaper:
    """:raises ValueError: when the byte is no GS r answer."""
    if kind_of(byte) is not ByteKind.QUEUED:
        raise ValueError(f"0x{byte:02X} is no answer to GS r 1")
    return QueuedPaper(low=bool(byte & 0x03), out=bool(byte & 0x0C))


LONGEST_TEXT_BYTES = 82
"""GS I: a header, at most 80 bytes, NUL."""
_TEXT_HEADER = 0x5F


def text_in(heard: bytes) -> str | None:
    """The text of a GS I answer (`_`, text, NUL) at the end of what was heard; None while none is whole.

    Unprintable bytes in it are noise: such a text is empty, never guessed.
    """
    if not heard.endswith(b"\0") or (start := heard.find(_TEXT_HEADER)) < 0:
        return None
    text = heard[start + 1 : -1]
    return text.decode("ascii").strip() if all(0x20 <= byte < 0x7F for byte in text) else ""
