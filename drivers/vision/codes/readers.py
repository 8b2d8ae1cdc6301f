"""The two code readers, each asked for named kinds only: every kind more costs time and invents codes.

zxing-cpp is the better one for QR and steep angles, ZBar for bars in bad light. OpenCV's own readers are not used:
they read less than either and can raise within a frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

from drivers.codec.code_text import marked_text, plain_text, shown
from drivers.vision.frames import Picture

_ZXING_KINDS: Mapping[zxingcpp.BarcodeFormat, str] = {
    zxingcpp.BarcodeFormat.QRCode: "qr",
    zxingcpp.BarcodeFormat.PDF417: "pdf417",
    zxingcpp.BarcodeFormat.Code128: "code128",
    zxingcpp.BarcodeFormat.EAN13: "ean",
    zxingcpp.BarcodeFormat.EAN8: "ean",
    zxingcpp.BarcodeFormat.UPCA: "ean",
    zxingcpp.BarcodeFormat.Code39: "code39",
    zxingcpp.BarcodeFormat.ITF: "itf",
    zxingcpp.BarcodeFormat.Codabar: "codabar",
}
_ZXING_FORMATS = zxingcpp.barcode_formats_from_str("QRCode|PDF417|Code128|EAN13|EAN8|UPCA|Code39|ITF|Codabar")
_ZBAR_KINDS: Mapping[str, str] = {
    "QRCODE": "qr",
    "CODE128": "code128",
    "EAN13": "ean",
    "EAN8": "ean",
    "CODE39": "code39",
    "I25": "itf",
    "CODABAR": "codabar",
}
_ZBAR_SYMBOLS = [ZBarSymbol[name] for name in _ZBAR_KINDS]
_UPC_A_DIGITS = 12


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """A code that a reader saw in one frame. The repr shows no content."""

    symbology: str
    text: str
    raw: bytes

    def __repr__(self) -> str:
        return f"Found({self.symbology}, {len(self.raw)} bytes)"


def read_zxing(gray: Picture) -> list[Found]:
    """Codes with a text that zxing-cpp sees."""
    seen = zxingcpp.read_barcodes(gray, formats=_ZXING_FORMATS, text_mode=zxingcpp.TextMode.HexECI)
    return [found for code in seen if (found := _from_zxing(code)) is not None]


def _from_zxing(code: zxingcpp.Barcode) -> Found | None:
    kind, raw = _ZXING_KINDS.get(code.format), bytes(code.bytes)
    if kind is None or not code.valid:
        return None
    # With this text mode `.text` is hex: the AIM identifier, ECI marks where the code has them, and the very bytes.
    told = bytes.fromhex(code.text)
    identifier, payload = told[:3], told[3:]
    is_marked = kind == "qr" and identifier[:2] == b"]Q" and identifier[2:3] in b"246"
    text = marked_text(payload) if is_marked else plain_text(raw)
    if not text or not (text := shown(text)):
        return None
    return _normal(kind, text, raw)


def read_zbar(gray: Picture) -> list[Found]:
    """Codes that ZBar sees. Its QR text is re-encoded and the bytes are lost, so only ASCII of it is believed."""
    found = []
    for code in pyzbar.decode(gray, symbols=_ZBAR_SYMBOLS):
        kind, raw = _ZBAR_KINDS.get(code.type), bytes(code.data)
        if kind is not None and raw.isascii() and (text := shown(raw.decode("ascii"))):
            found.append(_normal(kind, text, raw))
    return found


def _normal(kind: str, text: str, raw: bytes) -> Found:
    """UPC-A is EAN-13 with a leading nought; readers differ in telling it."""
    if kind == "ean" and len(text) == _UPC_A_DIGITS:
        return Found(kind, "0" + text, b"0" + raw)
    return Found(kind, text, raw)
