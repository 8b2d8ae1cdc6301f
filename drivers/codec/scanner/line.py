"""What a serial code scanner sends: one code a line, decorated by its settings. Pure bytes in and out.

A code ends with CR, LF or both; a scanner set to no suffix is recognised by its silence. Chinese
payloads come as UTF-8 or as GB18030, and the code does not say which: UTF-8 is tried strictly first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers import faults
from drivers.api import CompletionCode, DeviceError, ScannedCode

MAX_CODE_BYTES = 8192
"""A QR code of version 40 holds 7,089 digits at most (ISO/IEC 18004)."""
STX, ETX = b"\x02", b"\x03"
SYMBOLOGY_OF_AIM: Mapping[str, str] = {
    "A": "code39",
    "C": "code128",
    "E": "ean",
    "I": "itf",
    "L": "pdf417",
    "Q": "qr",
    "d": "datamatrix",
    "z": "aztec",
}
"""AIM code characters, ISO/IEC 15424."""
UNKNOWN_SYMBOLOGY = "unknown"
_ENDS = re.compile(rb"[\r\n]+|(?<=\x03)(?=\x02)")
"""Line ends; and where one framed code is glued to the next."""


@dataclass(slots=True)
class LineAssembler:
    """Cuts the stream into codes; holds at most one code of the longest kind."""

    _pending: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[bytes]:
        """Codes completed by `data`, without their line ends. :raises DeviceError: SCN-001, too long for a code."""
        *whole, rest = _ENDS.split(bytes(self._pending) + data)
        self._pending = bytearray(rest)
        if len(rest) > MAX_CODE_BYTES:
            self._pending.clear()
            raise DeviceError(faults.SCN_UNREADABLE, "no line end", CompletionCode.INVALID_DATA)
        return [line for line in whole if line]

    def silence(self) -> list[bytes]:
        """The line fell silent: what is pending is a code of a scanner without a suffix."""
        code = bytes(self._pending)
        self._pending.clear()
        return [code] if code else []

    @property
    def pending(self) -> bool:
        return bool(self._pending)


def decode_code(line: bytes) -> ScannedCode:
    """One line to a code. `raw` is the payload without framing; `text` has no control or direction characters.

    :raises DeviceError: SCN-001 when the bytes are text in neither encoding, or no text at all.
    """
    payload = line.removeprefix(STX).removesuffix(ETX)
    symbology = UNKNOWN_SYMBOLOGY
    if aim := re.match(rb"\]([A-Za-z])[0-9A-Za-z]", payload):
        symbology = SYMBOLOGY_OF_AIM.get(aim[1].decode(), UNKNOWN_SYMBOLOGY)
        payload = payload[aim.end() :]
    text = "".join(c for c in _text(payload) if unicodedata.category(c) not in ("Cc", "Cf"))
    if not text:
        raise DeviceError(faults.SCN_UNREADABLE, "no text", CompletionCode.INVALID_DATA)
    return ScannedCode(symbology, text, payload)


def is_utf8(line: bytes) -> bool:
    """Noise hardly ever is; GB18030 it is nearly always."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = payload.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    # GB18030 maps nearly every byte pair; unassigned and private characters betray noise.
    if not text or any(unicodedata.category(c) in ("Cn", "Co", "Cs") for c in text):
        raise DeviceError(faults.SCN_UNREADABLE, f"{len(payload)} bytes", CompletionCode.INVALID_DATA)
    return text
