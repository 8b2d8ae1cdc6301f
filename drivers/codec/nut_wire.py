"""A power service's traffic told to a technician. How full a battery is, is nobody's secret: everything is shown."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.nut import LOGOUT, Mark, Refusal, Variable, reply_in
from drivers.codec.wire import Direction, Passage, Sign, WireLine, stray


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a line of text."""
    lines: list[WireLine] = []
    held = dict.fromkeys(Direction, b"")
    at_s = 0.0
    for passage in passages:
        at_s = passage.at_s
        *whole, held[passage.direction] = (held[passage.direction] + passage.data).split(b"\n")
        told = _asked if passage.direction is Direction.TO_DEVICE else _answered
        lines += [told(at_s, line) for line in whole]
    if rest := held[Direction.FROM_DEVICE]:
        lines.append(stray(at_s, Direction.FROM_DEVICE, rest, "half a line"))
    return lines


def _asked(at_s: float, line: bytes) -> WireLine:
    text = line.decode("ascii", "replace")
    if text == LOGOUT:
        return WireLine(at_s, Direction.TO_DEVICE, text, "goodbye", Sign.COMMAND, len(line) + 1)
    return WireLine(at_s, Direction.TO_DEVICE, text, "how is the supply", Sign.QUESTION, len(line) + 1)


def _answered(at_s: float, line: bytes) -> WireLine:
    text = line.decode("utf-8", "replace")
    reply, sign = reply_in(text), Sign.EVENT
    match reply:
        case Refusal(word):
            meaning, sign = f"refused: {word}", Sign.TROUBLE
        case Variable(_, name, value):
            meaning = f"{name} is {value}"
        case Mark(_, begins):
            meaning, sign = ("the list begins", Sign.EVENT) if begins else ("the list ends", Sign.ANSWER)
        case None if text.startswith("OK"):
            meaning = "goodbye"
        case None:
            return stray(at_s, Direction.FROM_DEVICE, line + b"\n", "no line of this protocol")
    return WireLine(at_s, Direction.FROM_DEVICE, text, meaning, sign, len(line) + 1)
