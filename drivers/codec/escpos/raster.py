"""Pictures as GS v 0 bands: text lines with rare characters, large lines, boxes, rules."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from drivers.codec.escpos.fonts import FontBook, ink
from drivers.codec.escpos.layout import Cluster, wrap

__all__ = ["BAND_ROWS", "bands", "blank", "box", "ink", "put_text", "rule"]

BAND_ROWS = 96
"""Rows a command: small enough for the smallest receive buffers, and a place to stop between."""

_REAL_TIME_HEADS = (0x04, 0x05, 0x14)


def bands(picture: Image.Image, band_rows: int = BAND_ROWS) -> list[bytes]:
    """A one-bit picture (1 = black) as GS v 0 commands from the left edge; white at the right is not sent."""
    used = picture.getbbox()
    row_bytes = (used[2] + 7) // 8 if used else 1
    picture = picture.crop((0, 0, row_bytes * 8, picture.height))
    commands = []
    for top in range(0, picture.height, band_rows):
        rows = min(band_rows, picture.height - top)
        data = _harmless(picture.crop((0, top, row_bytes * 8, top + rows)).tobytes())
        head = bytes((0x1D, 0x76, 0x30, 0, row_bytes & 0xFF, row_bytes >> 8, rows & 0xFF, rows >> 8))
        commands.append(head + data)
    return commands


def _harmless(data: bytes) -> bytes:
    """Picture bytes that no printer can take for DLE EOT, DLE ENQ or DLE DC4.

    Real-time commands are obeyed inside picture data too (Epson, DLE EOT notes): an unlucky dot
    pattern would ask for a status or clear the buffers. One more dot beside the first prevents it.
    """
    safe = bytearray(data)
    for at in range(len(safe) - 1):
        if safe[at] == 0x10 and safe[at + 1] in _REAL_TIME_HEADS:
            safe[at] = 0x18
    if safe and safe[-1] == 0x10:
        safe[-1] = 0x18
    return bytes(safe)


def blank(paper: int, height: int) -> Image.Image:
    """A grey picture without ink."""
    return Image.new("L", (paper, height), 0)


def put_text(
    grey: Image.Image, line: list[Cluster], fonts: FontBook, *, left: int, top: int, em_px: int, bold: bool
) -> None:
    """Draw one line of text into a grey picture, its first cell at (left, top)."""
    fonts.draw(ImageDraw.Draw(grey), left, top, em_px, line, bold)


def rule(paper: int, thickness: int = 2) -> Image.Image:
    """Dashes of one millimetre."""
    picture = Image.new("1", (paper, thickness), 0)
    pen = ImageDraw.Draw(picture)
    for x in range(0, paper, 16):
        pen.rectangle((x, 0, x + 7, thickness - 1), fill=1)
    return picture


_BOX_EMS = (44, 40, 36, 32, 28, 24)
_BOX_DOTS = 350
"""Texts that would make the box higher are set smaller, so that a slip stays short; a narrow slip may be longer."""
_WIDE_PAPER = 576
_BOX_PAD_X = 26
_BOX_PAD_Y = 20
_BOX_EDGE = 4
_BOX_RADIUS = 18


def box(lines: tuple[str, ...], fonts: FontBook, paper: int) -> Image.Image:
    """A frame with text; the largest letters with which the text fits into few lines.

    One size smaller is taken when it breaks fewer clauses: a narrow paper's lines are short.
    """
    most_dots = _BOX_DOTS * _WIDE_PAPER // paper
    fitting = [laid for em in _BOX_EMS if (laid := _Laid.out(lines, em, paper)).height <= most_dots]
    laid = min(fitting[:2] or [_Laid.out(lines, _BOX_EMS[-1], paper)], key=lambda one: one.rows)
    grey = blank(paper, laid.height)
    pen = ImageDraw.Draw(grey)
    pen.rounded_rectangle((1, 1, paper - 2, laid.height - 2), radius=_BOX_RADIUS, outline=255, width=_BOX_EDGE)
    top = _BOX_PAD_Y
    for paragraph in laid.paragraphs:
        for line in paragraph:
            fonts.draw(pen, _BOX_PAD_X, top, laid.em, line, bold=True)
            top += laid.leading
        top += laid.gap
    return ink(grey)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A box's text, broken into lines at one size."""

    em: int
    paragraphs: tuple[list[list[Cluster]], ...]

    @classmethod
    def out(cls, lines: tuple[str, ...], em: int, paper: int) -> _Laid:
        columns = (paper - 2 * _BOX_PAD_X) // (em // 2)
        return cls(em, tuple(wrap(text, columns) for text in lines))

    @property
    def rows(self) -> int:
        return sum(map(len, self.paragraphs))

    @property
    def leading(self) -> int:
        return self.em * 4 // 3

    @property
    def gap(self) -> int:
        return self.em // 3

    @property
    def height(self) -> int:
        inside = self.rows * self.leading - (self.leading - self.em) + self.gap * (len(self.paragraphs) - 1)
        return 2 * _BOX_PAD_Y + inside
