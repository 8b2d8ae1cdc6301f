"""A chip card's dialogue told to a technician: every command with its name, of answers the status word alone.

The data of an answer is a resident's name and number; the data of a command may one day be a proof to the card.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.apdu import BLOCKED, NOT_SATISFIED
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

NAMES = {0xA4: "select", 0xB2: "read record", 0xC0: "fetch the answer", 0x20: "verify"}
STATUS = {
    0x9000: "done",
    0x6700: "wrong length",
    0x6A82: "no such file",
    0x6A83: "no such record",
    0x6A86: "wrong way of selecting",
    BLOCKED: "its PIN is blocked",
    **dict.fromkeys(NOT_SATISFIED, "wants a PIN or a security module"),
}
_DETOURS = (0x61, 0x6C)
_NO_TROUBLE = frozenset({0x9000, 0x6700, 0x6A82, 0x6A83, 0x6A86, BLOCKED}) | NOT_SATISFIED
"""A card may say these and be well: it is then asked in another way, or read as far as it is open."""


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a command and one an answer: PC/SC carries whole messages."""
    return [_command(p) if p.direction is Direction.TO_DEVICE else _answer(p) for p in passages]


def _command(passage: Passage) -> WireLine:
    data = passage.data
    if len(data) < 4:
        return stray(passage.at_s, passage.direction, data)
    shown = hexed(data[:4]) + (f" {hidden(len(data) - 4)}" if len(data) > 4 else "")
    meaning = f"{NAMES.get(data[1], 'another command')} P1 {data[2]:02X} P2 {data[3]:02X}"
    return WireLine(passage.at_s, passage.direction, shown, meaning, Sign.QUESTION, len(data))


def _answer(passage: Passage) -> WireLine:
    data = passage.data
    if len(data) < 2:
        return stray(passage.at_s, passage.direction, data)
    status = data[-2] << 8 | data[-1]
    well = status in _NO_TROUBLE or data[-2] in _DETOURS
    known = "more to come, or another length" if data[-2] in _DETOURS else STATUS.get(status, "refused")
    shown = (f"{hidden(len(data) - 2)} " if len(data) > 2 else "") + hexed(data[-2:])
    sign = Sign.ANSWER if well else Sign.TROUBLE
    return WireLine(passage.at_s, passage.direction, shown, f"{status:04X} {known}", sign, len(data))
