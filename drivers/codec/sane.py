"""What SANE's `scanimage` says: its statuses, its complaints, and whether a JPEG is whole. Pure.

Names are those of the SANE standard 1.x, 4.2.7 (SANE_Status). The exit code alone is no proof: a scanimage that is
hit by SIGPIPE while a backend's child ends has been seen to leave with 0 after an error, so its words count, too.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence

from drivers import faults
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hidden, stray
from drivers.faults import Fault

BUSY, JAMMED, NO_DOCS, COVER_OPEN, IO_ERROR, NO_MEM, DENIED = 3, 6, 7, 8, 9, 10, 11
CANCELLED = 2
_FAULT_OF_STATUS: Mapping[int, Fault] = {
    BUSY: faults.SHT_BUSY,
    JAMMED: faults.SHT_JAM,
    NO_DOCS: faults.SHT_ABSENT,
    COVER_OPEN: faults.SHT_COVER,
    DENIED: faults.SHT_DENIED,
}
"""Every other status is a scanner or backend that gave up."""
_STATUS_OF_WORDS: Mapping[str, int] = {
    "Device busy": BUSY,
    "Document feeder jammed": JAMMED,
    "Document feeder out of documents": NO_DOCS,
    "Scanner cover is open": COVER_OPEN,
    "Error during device I/O": IO_ERROR,
    "Access to resource has been denied": DENIED,
    "Operation was cancelled": CANCELLED,
    "Out of memory": NO_MEM,
    "End of file reached": 5,
}
"""sane_strstatus in the C locale."""
_FRAME_MARKERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""SOF0-SOF15 without DHT, JPG and DAC (ITU-T T.81, table B.1)."""


def fault_of(code: int, complaint: str) -> Fault | None:
    """What a run's end means; None when it went well."""
    for words, status in _STATUS_OF_WORDS.items():
        if f": {words}" in complaint:
            return _FAULT_OF_STATUS.get(status, faults.SHT_FAILED)
    if re.search(r"open of device .* failed", complaint) or "no SANE devices found" in complaint:
        return faults.DEV_NOT_FOUND
    if code in _FAULT_OF_STATUS:
        return _FAULT_OF_STATUS[code]
    return faults.SHT_FAILED if code or "sane_" in complaint else None


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None when it is no JPEG or its end is missing."""
    if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        length = struct.unpack_from(">H", data, at + 2)[0]
        if data[at + 1] in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return (width, height) if width and height else None
        at += 2 + max(2, length)
    return None


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """What the program was told and how it ended; of a picture only its length."""
    lines: list[WireLine] = []
    for passage in passages:
        first, _, complaint = passage.data.decode("utf-8", "replace").partition("\n")
        if passage.direction is Direction.TO_DEVICE:
            lines.append(WireLine(passage.at_s, passage.direction, first, "run", Sign.QUESTION, len(passage.data)))
        elif ended := re.fullmatch(r"exit (-?\d+) (\d+)", first):
            lines.append(_ended(passage.at_s, int(ended[1]), int(ended[2]), complaint))
        else:
            lines.append(stray(passage.at_s, passage.direction, passage.data))
    return lines


def _ended(at_s: float, code: int, size: int, complaint: str) -> WireLine:
    fault = fault_of(code, complaint)
    if fault is None:
        return WireLine(at_s, Direction.FROM_DEVICE, hidden(size), "ended well", Sign.ANSWER, size)
    meaning = f"ended with {code}: {fault.cause}"
    return WireLine(at_s, Direction.FROM_DEVICE, hidden(size), meaning, Sign.TROUBLE, size)
