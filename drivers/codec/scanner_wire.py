"""A code scanner's traffic told to a technician: that a code came, how long and how encoded; never what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.api import DeviceError
from drivers.codec.scanner_line import decode_code
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

SILENCE_S = 0.1


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a code; pieces that follow within 100 ms are one code."""
    lines: list[WireLine] = []
    held, since_s, last_s = b"", 0.0, 0.0
    for passage in passages:
        if passage.direction is Direction.TO_DEVICE:
            shown = hexed(passage.data)
            lines.append(WireLine(passage.at_s, passage.direction, shown, "setting", Sign.COMMAND, len(passage.data)))
            continue
        if held and passage.at_s - last_s > SILENCE_S:
            lines.append(_code(since_s, held))
            held = b""
        if not held:
            since_s = passage.at_s
        held, last_s = held + passage.data, passage.at_s
        *whole, held = re.split(rb"(?<=[\r\n])(?![\r\n])", held)
        lines += [_code(since_s, line) for line in whole]
    return [*lines, *([_code(since_s, held)] if held else [])]


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
