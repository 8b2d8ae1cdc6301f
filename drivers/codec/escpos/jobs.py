"""ESC/POS: rows of a receipt to the bytes of a thermal printer with a GBK font.

Text goes as text (fast, and legible on every printer); a line with a character that the printer's
ROM cannot have, and large print, go as pictures. Command bytes: Epson ESC/POS command reference,
the common subset of printers sold in China. A job is a tuple of commands: a sender may stop
between two of them and the printer is never left inside one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL.Image import Image

from drivers.api import BoxRow, FeedRow, PairRow, QrRow, ReceiptRow, RuleRow, TextRow
from drivers.codec.escpos import raster as raster
from drivers.codec.escpos.fonts import FontBook
from drivers.codec.escpos.layout import Cluster, clusters, gbk_bytes, is_native, width, wrap
from drivers.codec.escpos.qr import qr_picture

ESC, FS, GS, DLE = b"\x1b", b"\x1c", b"\x1d", b"\x10"

INIT = ESC + b"@"
CHINESE_ON = FS + b"&"
CHINESE_OFF = FS + b"."
FEED_AND_CUT = GS + b"V\x42\x00"
"""Feed to the cutter, then partial cut: the slip hangs by one point and does not fall to the floor."""
PARTIAL_CUT = ESC + b"m"
"""Cut where the paper is: such a printer does not add the way from the head to the cutter by itself."""
QUEUED_PAPER_STATUS = GS + b"r\x01"
QUEUED_PAPER_STATUS_OLD = ESC + b"v"
"""ESC v, declared obsolete by Epson and what many small printers know instead of GS r; the same bits."""
AUTOMATIC_STATUS_OFF = GS + b"a\x00"
"""Nothing is told unasked until the printer is switched on again or initialised, when its own switches count."""
CLEAR_BUFFERS = DLE + b"\x05\x02"
"""DLE ENQ 2: recover from an error and forget what was received: nothing is printed hours later."""


def status_query(n: int) -> bytes:
    """DLE EOT n, n = 1..4; answered at once, also while printing, offline or out of paper."""
    return DLE + bytes((0x04, n))


FIRMWARE, MODEL_NAME, SERIAL_NUMBER = 65, 67, 68


def who_are_you(n: int) -> bytes:
    """GS I n; answered in its turn by `_`, the text and NUL."""
    return GS + bytes((0x49, n))


FONT_DOTS = 24
"""Height of the ROM font; a Latin character is half as wide."""
COLUMN_DOTS = 12
LINE_DOTS = {1: 34, 2: 56, 3: 80}
"""Line feed by scale: letters of 24, 48 and 72 dots with air between."""
_MAX_SCALE = 3
_ALIGN = {"left": 0, "center": 1, "right": 2}
_QR_LEVEL_M = 0x31


@dataclass(frozen=True, slots=True)
class EscposOptions:
    """What is known about the printer."""

    width_dots: int = 576
    smooth_from_scale: int = 3
    """Rows of this scale and larger are sent as pictures, with smooth edges; 4 = never."""
    fonts: FontBook = field(default_factory=FontBook)
    native_qr: bool = True
    """The printer draws QR codes by itself (GS ( k); otherwise they go as pictures."""
    band_rows: int = raster.BAND_ROWS
    """Rows of a picture in one command: what its receive buffer can hold."""


def encode(rows: Sequence[ReceiptRow], options: EscposOptions) -> tuple[bytes, ...]:
    """Commands for one slip, from initialisation to the last row; without cut and status request.

    :raises ValueError: a row that cannot be printed (unknown alignment, QR data that is not ASCII).
    """
    commands: list[bytes] = [INIT, CHINESE_ON]
    for row in rows:
        commands.extend(_encode_row(row, options))
    commands.append(CHINESE_OFF)
    return tuple(commands)


def _encode_row(row: ReceiptRow, options: EscposOptions) -> list[bytes]:
    match row:
        case TextRow():
            return _text(row, options)
        case PairRow():
            return _pair(row, options)
        case RuleRow():
            return [*_feed(11), *_picture(raster.rule(options.width_dots), options), *_feed(11)]
        case BoxRow():
            return _picture(raster.box(row.lines, options.fonts, options.width_dots), options)
        case QrRow():
            return _qr(row, options)
        case FeedRow():
            return _feed(row.dots)


def _columns(options: EscposOptions, scale: int) -> int:
    return options.width_dots // (COLUMN_DOTS * scale)


def _text(row: TextRow, options: EscposOptions) -> list[bytes]:
    if row.align not in _ALIGN:
        raise ValueError(f"alignment {row.align!r}")
    scale = min(max(row.scale, 1), _MAX_SCALE)
    commands: list[bytes] = []
    for line in wrap(row.text, _columns(options, scale)):
        smooth = scale >= options.smooth_from_scale and options.fonts.usable()
        if smooth or not is_native(line):
            left = _left(line, row.align, scale, options)
            commands.extend(_text_picture([(line, left, scale, row.bold)], scale, options))
        else:
            commands.append(_text_bytes(line, scale, row.bold, row.align))
    return commands


def _left(line: list[Cluster], align: str, scale: int, options: EscposOptions) -> int:
    free = options.width_dots - width(line) * COLUMN_DOTS * scale
    return {"left": 0, "center": free // 2, "right": free}[align]


def _styled(line: list[Cluster], scale: int, bold: bool) -> bytes:
    """Size, weight and the bytes of one run of native text."""
    size = GS + bytes((0x21, (scale - 1) << 4 | (scale - 1)))
    weight = ESC + bytes((0x45, int(bold)))
    return size + weight + b"".join(gbk_bytes(cluster.text) or b"?" for cluster in line)


def _text_bytes(line: list[Cluster], scale: int, bold: bool, align: str) -> bytes:
    place = ESC + bytes((0x61, _ALIGN[align]))
    spacing = ESC + bytes((0x33, LINE_DOTS[scale]))
    return place + spacing + _styled(line, scale, bold) + b"\n"


Run = tuple[list[Cluster], int, int, bool]
"""A piece of a line: clusters, left edge in dots, scale, bold."""


def _text_picture(runs: list[Run], scale: int, options: EscposOptions) -> list[bytes]:
    """Several runs on one line, standing on the same ground, as one picture."""
    grey = raster.blank(options.width_dots, LINE_DOTS[scale])
    for line, left, run_scale, bold in runs:
        em = FONT_DOTS * run_scale
        raster.put_text(grey, line, options.fonts, left=left, top=FONT_DOTS * scale - em, em_px=em, bold=bold)
    return _picture(raster.ink(grey), options)


def _pair(row: PairRow, options: EscposOptions) -> list[bytes]:
    """Label small at the left, value bold at the right: as large as fits beside its label, else wrapped."""
    label = clusters(row.label)
    for scale in range(min(max(row.scale, 1), _MAX_SCALE), 0, -1):
        value = clusters(row.value)
        free = options.width_dots - (width(label) + 1) * COLUMN_DOTS
        if width(value) * COLUMN_DOTS * scale <= free:
            return _pair_line(label, value, scale, options)
    lines = wrap(row.value, max(free // COLUMN_DOTS, 8))
    commands: list[bytes] = []
    for at, line in enumerate(lines):
        commands.extend(_pair_line(label if at == 0 else [], line, 1, options))
    return commands


def _pair_line(label: list[Cluster], value: list[Cluster], scale: int, options: EscposOptions) -> list[bytes]:
    right = options.width_dots - width(value) * COLUMN_DOTS * scale
    if not (is_native(label) and is_native(value)):
        return _text_picture([(label, 0, 1, False), (value, right, scale, True)], scale, options)
    pad = b" " * (right // COLUMN_DOTS - width(label))
    place = ESC + b"a\x00" + ESC + bytes((0x33, LINE_DOTS[scale]))
    return [place + _styled(label, 1, False) + pad + _styled(value, scale, True) + b"\n"]


def _picture(picture: Image, options: EscposOptions) -> list[bytes]:
    return [ESC + b"a\x00", *raster.bands(picture, options.band_rows)]


def feed(dots: int) -> bytes:
    """ESC J, as often as it takes."""
    return b"".join(_feed(dots))


def _feed(dots: int) -> list[bytes]:
    """ESC J feeds at most 255 dots."""
    commands = []
    while dots > 0:
        commands.append(ESC + bytes((0x4A, min(dots, 255))))
        dots -= 255
    return commands


def _qr(row: QrRow, options: EscposOptions) -> list[bytes]:
    """GS ( k: model 2, module size, level M, store, print; or a picture for a printer that has no such command."""
    if not row.data.isascii() or not row.data.isprintable() or not row.data:
        raise ValueError("QR data must be printable ASCII")
    data = row.data.encode("ascii")
    size = min(max(row.module_dots, 2), 16)
    if not options.native_qr:
        return [ESC + b"a\x01", *raster.bands(qr_picture(row.data, size), options.band_rows), ESC + b"a\x00"]

    def function(*parts: bytes) -> bytes:
        body = b"\x31" + b"".join(parts)
        return GS + b"(k" + len(body).to_bytes(2, "little") + body

    return [
        ESC + b"a\x01",
        function(b"\x41\x32\x00"),
        function(b"\x43", bytes((size,))),
        function(b"\x45", bytes((_QR_LEVEL_M,))),
        function(b"\x50\x30", data),
        function(b"\x51\x30"),
        ESC + b"a\x00",
    ]
