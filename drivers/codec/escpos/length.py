"""How much paper a job of ours takes: what a near-end estimate counts."""

from __future__ import annotations

from collections.abc import Iterable

from drivers.codec.escpos.jobs import ESC, GS
from drivers.codec.escpos.qr import qr_side_modules

DOTS_PER_MM = 8
_SPACING = ESC + b"3"
_FEED = ESC + b"J"
_PICTURE = GS + b"v0"
_QR_SIZE = GS + b"(k\x03\x00\x31\x43"
_QR_PRINT = GS + b"(k\x03\x00\x31\x51"
_QR_STORE_AT, _QR_STORE_DATA_AT = slice(5, 8), 8
_QR_STORE = b"\x31\x50\x30"


def paper_dots(commands: Iterable[bytes]) -> int:
    """Dot rows that the commands of `escpos.encode` feed; without the way to the cutter."""
    dots, qr_dots, qr_data = 0, 0, ""
    for command in commands:
        if command.startswith(_PICTURE):
            dots += int.from_bytes(command[6:8], "little")
        elif command.startswith(_FEED):
            dots += command[2]
        elif command.startswith(_QR_SIZE):
            qr_dots = command[7]
        elif command[:3] == GS + b"(k" and command[_QR_STORE_AT] == _QR_STORE:
            qr_data = command[_QR_STORE_DATA_AT:].decode("ascii")
        elif command.startswith(_QR_PRINT):
            dots += qr_side_modules(qr_data) * qr_dots
        elif command.endswith(b"\n") and (at := command.find(_SPACING)) >= 0:
            dots += command[at + 2]
    return dots
