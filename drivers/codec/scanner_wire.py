"""A code scanner's traffic told to a technician: that a code came, how long and how encoded; never what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.api import DeviceError
from drivers.codec.scanner_line import decode_code
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

SILENCE_S = 0.1


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a code; pieces that follow within 100 ms are one code, and no hand shows a code twice in that time."""
    lines: list[WireLine] = []
    held, since_s, last_s, before = b"", 0.0, 0.0, _Before()
    for passage in passages:
        if passage.direction is Direction.TO_DEVICE:
            shown = hexed(passage.data)
            lines.append(WireLine(passage.at_s, passage.direction, shown, "setting", Sign.COMMAND, len(passage.data)))
            continue
        if held and passage.at_s - last_s > SILENCE_S:
            lines.append(before.told(held, last_s, _code(since_s, held)))
            held = b""
        if not held:
            since_s = passage.at_s
        data = passage.data
        if not held and before.ended_with_cr and data.startswith(b"\n"):
            data = data[1:]  # the second half of a line end that came in two pieces
        held, last_s = held + data, passage.at_s
        *whole, held = re.split(rb"(?<=[\r\n])(?![\r\n])", held)
        lines += [before.told(line, passage.at_s, _code(since_s, line)) for line in whole]
    return [*lines, *([before.told(held, last_s, _code(since_s, held))] if held else [])]


class _Before:
    """The code before this one."""

    def __init__(self) -> None:
        self._line, self._at_s = b"", 0.0

    @property
    def ended_with_cr(self) -> bool:
        return self._line.endswith(b"\r")

    def told(self, line: bytes, at_s: float, described: WireLine) -> WireLine:
        doubled = line == self._line and at_s - self._at_s < SILENCE_S
        self._line, self._at_s = line, at_s
        if not doubled:
            return described
        return stray(described.at_s, described.direction, line, "the same code a second time within 100 ms")


def _code(at_s: float, line: bytes) -> WireLine:
    payload = line.rstrip(b"\r\n")
    if not payload:
        return stray(at_s, Direction.FROM_DEVICE, line, "a line end without a code")
    ending = {b"\r": "CR", b"\n": "LF", b"\r\n": "CR LF", b"": "none"}.get(line[len(payload) :], "several")
    try:
        symbology = decode_code(payload).symbology
    except DeviceError as error:
        return stray(at_s, Direction.FROM_DEVICE, line, f"unreadable ({error.fault.code}), line end {ending}")
    meaning = f"a code of {len(payload)} bytes, symbology {symbology}, line end {ending}"
    return WireLine(at_s, Direction.FROM_DEVICE, hidden(len(line)), meaning, Sign.EVENT, len(line))
