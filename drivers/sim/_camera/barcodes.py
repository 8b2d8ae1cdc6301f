"""Draws codes as a printer or a phone shows them. Pure: payload in, grey picture out.

QR (ISO/IEC 18004) by segno; EAN-13 (ISO/IEC 15420), Code 128 (ISO/IEC 15417) and Code 39 (ISO/IEC 16388) from
their tables here, so that what is read is not drawn by the library that reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
import segno
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
QUIET_MODULES_2D = 4
QUIET_MODULES_1D = 10

_EAN_LEFT = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
_EAN_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
"""How the first digit is told by the parity of the next six."""
_FLIP = str.maketrans("01", "10")

_CODE128_WIDTHS = re.findall(
    r"\d+",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112",
)
_START_B, _START_C, _TO_B, _STOP = 104, 105, 100, 106

_CODE39_ORDER = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *"
_CODE39_BARS = ("10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010", "00110")
_CODE39_SPACES = ("0100", "0010", "0001", "1000")


def ean13_check(digits: str) -> str:
    """The check digit of twelve digits."""
    return str(-sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10)


def _ean13(text: str) -> str:
    if len(text) not in (12, 13) or not (text.isascii() and text.isdigit()):
        raise ValueError("EAN-13 has 12 or 13 digits")
    digits = text[:12] + ean13_check(text[:12])
    if not digits.startswith(text):
        raise ValueError("EAN-13: the check digit does not fit")
    left = ""
    for digit, parity in zip(digits[1:7], _EAN_PARITY[int(digits[0])], strict=True):
        code = _EAN_LEFT[int(digit)]
        left += code if parity == "L" else code.translate(_FLIP)[::-1]
    right = "".join(_EAN_LEFT[int(digit)].translate(_FLIP) for digit in digits[7:])
    return f"101{left}01010{right}101"


def _code128(text: str) -> str:
    if not text or any(not " " <= c <= "~" for c in text):
        raise ValueError("Code 128 here has printable ASCII")
    even = len(text) // 2 * 2
    if even >= 4 and text.isdigit():
        values = [_START_C, *(int(text[at : at + 2]) for at in range(0, even, 2))]
        values += [_TO_B, ord(text[-1]) - 32] if len(text) % 2 else []
    else:
        values = [_START_B, *(ord(c) - 32 for c in text)]
    values.append((values[0] + sum(at * value for at, value in enumerate(values))) % 103)
    return _from_widths("".join(_CODE128_WIDTHS[value] for value in [*values, _STOP]))


def _code39(text: str) -> str:
    if not text or any(c not in _CODE39_ORDER[:-1] for c in text):
        raise ValueError("Code 39 has digits, capitals, space, hyphen and full stop here")
    widths = ""
    for character in f"*{text}*":
        row, column = divmod(_CODE39_ORDER.index(character), 10)
        pairs = zip(_CODE39_BARS[column], _CODE39_SPACES[row] + "0", strict=True)
        widths += "".join("13"[int(bar)] + "13"[int(space)] for bar, space in pairs)
    return _from_widths(widths[:-1])


def _from_widths(widths: str) -> str:
    return "".join(("0" if at % 2 else "1") * int(width) for at, width in enumerate(widths))


_LINEAR: Mapping[str, Callable[[str], str]] = {"ean13": _ean13, "code128": _code128, "code39": _code39}
SYMBOLOGIES = ("qr", *_LINEAR)


def draw_linear(symbology: str, text: str, module_px: int = 4, height_modules: int = 0) -> Picture:
    """Bars with their quiet zones; 0.5 as high as wide unless told. :raises ValueError: for text it cannot carry."""
    bars = _LINEAR[symbology](text)
    height = (height_modules or len(bars) // 2) * module_px
    modules = np.array([c == "0" for c in "0" * QUIET_MODULES_1D + bars + "0" * QUIET_MODULES_1D], np.uint8) * 255
    row = np.repeat(modules, module_px)
    margin = np.full((QUIET_MODULES_1D // 2 * module_px, row.size), 255, np.uint8)
    return np.concatenate([margin, np.tile(row, (height, 1)), margin])


def draw_qr(payload: bytes | str, module_px: int = 8, error: str = "m", eci: str = "") -> Picture:
    """A QR code. Bytes are written as they are, in byte mode and without a mark.

    :param eci: an encoding that is marked (`utf-8`, `gb18030`); the payload is text then.
    """
    if eci:
        code = segno.make_qr(payload, error=error, eci=True, encoding=eci, boost_error=False)
    else:
        code = segno.make_qr(
            payload, error=error, boost_error=False, mode="byte" if isinstance(payload, bytes) else None
        )
    light = np.array([[0 if dark else 255 for dark in row] for row in code.matrix], np.uint8)
    framed = np.pad(light, QUIET_MODULES_2D, constant_values=255)
    return np.asarray(np.kron(framed, np.ones((module_px, module_px), np.uint8)), dtype=np.uint8)


def draw(symbology: str, payload: bytes) -> Picture:
    """A code of that kind. :raises ValueError: for a payload it cannot carry, or an unknown kind."""
    if symbology == "qr":
        try:
            return draw_qr(payload)
        except segno.DataOverflowError as error:
            raise ValueError("too long for a QR code") from error
    if symbology not in _LINEAR:
        raise ValueError(f"symbology {symbology!r}; known: {', '.join(SYMBOLOGIES)}")
    return draw_linear(symbology, payload.decode("ascii"))
