"""The text of a code from its bytes. Pure.

A QR code may mark its encoding (ECI, ISO/IEC 18004 7.4.2, numbers by AIM ITS/04-023); hardly any code in use does,
and the readers' own guess makes Latin or Japanese of Chinese. So: the mark decides; without one strict UTF-8 is
tried first, then GB18030.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

ENCODING_OF_ECI: Mapping[int, str] = {
    3: "iso8859-1",
    20: "shift_jis",
    26: "utf-8",
    27: "ascii",
    28: "big5",
    29: "gb18030",
    30: "euc_kr",
    31: "gb18030",
    32: "gb18030",
    170: "ascii",
}
"""GB 2312 (29) and GBK (31) are parts of GB18030 (32)."""
_MARK = re.compile(rb"\\(\d{6})")
_BEHIND_LATIN = 0x7FF
"""Last character that UTF-8 writes with two bytes; no Chinese is before it."""


def plain_text(payload: bytes) -> str | None:
    """The text of unmarked bytes; None when they are text in neither encoding.

    GBK of one to four characters can be valid UTF-8 by chance; it is Latin, Greek or Arabic then. A code whose only
    foreign characters are of those is Chinese if GB18030 makes Chinese of it.
    """
    gb = _strict(payload, "gb18030")
    utf = _strict(payload, "utf-8")
    if utf is None:
        return gb if gb is not None and _is_assigned(gb) else None
    foreign = [character for character in utf if character > "\x7f"]
    if foreign and all(ord(character) <= _BEHIND_LATIN for character in foreign) and gb is not None and _is_chinese(gb):
        return gb
    return utf


def marked_text(payload: bytes) -> str | None:
    """The text of a payload in the ECI protocol: `\\NNNNNN` before each part, a backslash doubled (ISO/IEC 15424).

    Bytes before the first mark are unmarked. None when a part is no text in its encoding, or the mark is unknown.
    """
    parts: list[str] = []
    encoding: str | None = None
    held, at = b"", 0
    while at < len(payload):
        if payload.startswith(b"\\\\", at):
            held, at = held + b"\\", at + 2
        elif mark := _MARK.match(payload, at):
            parts.append(_part(held, encoding))
            if (encoding := ENCODING_OF_ECI.get(int(mark[1]))) is None:
                return None
            held, at = b"", mark.end()
        else:
            held, at = held + payload[at : at + 1], at + 1
    parts.append(_part(held, encoding))
    return None if _NO_TEXT in parts else "".join(parts)


_NO_TEXT = "\ufffe"
"""A noncharacter: no encoding here yields it."""


def _part(payload: bytes, encoding: str | None) -> str:
    text = plain_text(payload) if encoding is None else _strict(payload, encoding)
    return _NO_TEXT if text is None else text


def shown(text: str) -> str:
    """Without control and direction characters."""
    return "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cf"))


def _strict(payload: bytes, encoding: str) -> str | None:
    try:
        return payload.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_assigned(text: str) -> bool:
    """GB18030 maps nearly every byte pair; unassigned and private characters betray noise."""
    return all(unicodedata.category(character) not in ("Cn", "Co", "Cs") for character in text)


def _is_chinese(text: str) -> bool:
    foreign = [character for character in text if character > "\x7f"]
    return bool(foreign) and all(_is_han_or_mark(character) for character in foreign)


def _is_han_or_mark(character: str) -> bool:
    """CJK punctuation, ideographs, full-width forms."""
    return any(low <= ord(character) <= high for low, high in ((0x3000, 0x9FFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF)))
