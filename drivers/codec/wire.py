"""What passed on a wire, and how a codec tells it to a technician: time, direction, bytes that may be shown, meaning.

A description never carries personal data: content that a resident's card, code or slip put on the wire is
replaced by its length, and so is every byte that fits no message, since it may be a piece of such content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    TO_DEVICE = "to device"
    FROM_DEVICE = "from device"


class Sign(StrEnum):
    """What one line of a description says about the health of the line."""

    QUESTION = "question"
    """Something that the device has to answer."""
    COMMAND = "command"
    """Something that it need not answer."""
    ANSWER = "answer"
    EVENT = "event"
    """Something that the device tells unasked, as it should."""
    TROUBLE = "trouble"
    """A well-formed message in which the device refuses or reports a fault."""
    STRAY = "stray"
    """Bytes that are no message, or an answer that nobody asked for."""


@dataclass(frozen=True, slots=True, repr=False)
class Passage:
    """Bytes as they passed. The repr shows none of them."""

    at_s: float
    direction: Direction
    data: bytes

    def __repr__(self) -> str:
        return f"Passage({self.at_s:.3f} s, {self.direction.value}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class WireLine:
    """One message, told. `shown` is hex, with `<n bytes hidden>` where it was personal or no message."""

    at_s: float
    direction: Direction
    shown: str
    meaning: str
    sign: Sign
    length: int


Describer = Callable[[Sequence[Passage]], list[WireLine]]
"""Every driver module may expose `DESCRIBE: Describer`, made of functions of its codec."""


def hexed(data: bytes) -> str:
    return data.hex(" ").upper()


def hidden(count: int) -> str:
    return f"<{count} byte{'s' if count != 1 else ''} hidden>"


def stray(at_s: float, direction: Direction, data: bytes, meaning: str = "fits no message") -> WireLine:
    """Bytes without a meaning. They may be a spoiled piece of something personal, so they are counted, not shown."""
    return WireLine(at_s, direction, hidden(len(data)), meaning, Sign.STRAY, len(data))


def describe_unknown(passages: Sequence[Passage]) -> list[WireLine]:
    """For a driver without a description: lengths and times only."""
    return [
        WireLine(p.at_s, p.direction, hidden(len(p.data)), "no description for this model", Sign.EVENT, len(p.data))
        for p in passages
    ]


@dataclass(frozen=True, slots=True)
class LineHealth:
    """What a description says about the line as a whole."""

    questions: int = 0
    answers: int = 0
    stray_bytes: int = 0
    troubles: tuple[str, ...] = ()

    @property
    def unanswered(self) -> int:
        return max(0, self.questions - self.answers)

    @property
    def surplus(self) -> int:
        return max(0, self.answers - self.questions)


def health(lines: Sequence[WireLine]) -> LineHealth:
    def count(sign: Sign) -> int:
        return sum(line.sign is sign for line in lines)

    troubles = tuple(line.meaning for line in lines if line.sign is Sign.TROUBLE)
    return LineHealth(
        questions=count(Sign.QUESTION),
        answers=count(Sign.ANSWER) + len(troubles),
        stray_bytes=sum(line.length for line in lines if line.sign is Sign.STRAY),
        troubles=troubles,
    )
