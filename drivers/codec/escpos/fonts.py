"""Real fonts for what a printer ROM cannot print: glyphs by per-character fallback, never an empty box.

Fonts come from the device's settings; the defaults are those of Debian's fonts-noto-cjk and
fonts-lxgw-wenkai, wherever this system keeps its fonts. A character that no font has is drawn as a
frame with its code point, so that a clerk can still tell which one was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont

from drivers.codec.escpos.layout import Cluster
from drivers.system_fonts import installed_font

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file; `index` counts the faces of a .ttc."""

    path: str
    index: int = 0


# Face 7 of the Noto Sans CJK collections is Mono SC: half and full width are exactly 1:2.
_WENKAI = FontFace(installed_font("LXGWWenKaiMono-Medium.ttf"))
DEFAULT_REGULAR = (FontFace(installed_font("NotoSansCJK-Regular.ttc"), 7), _WENKAI)
DEFAULT_BOLD = (FontFace(installed_font("NotoSansCJK-Bold.ttc"), 7), _WENKAI)

_BASELINE = 0.88
"""Of the em from its top: where CJK fonts put the baseline."""
_INK = 110
"""Grey values from here on are printed: slightly darker than half, because thermal paper thins strokes."""


@lru_cache(maxsize=16)
def _characters(face: FontFace) -> frozenset[int]:
    """Code points of a face; empty when the file is not there or no font."""
    if not Path(face.path).is_file():
        return frozenset()
    try:
        with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError):
        return frozenset()


@lru_cache(maxsize=64)
def _font(face: FontFace, size_px: int) -> Font:
    return ImageFont.truetype(face.path, size_px, index=face.index)


@dataclass(frozen=True, slots=True)
class FontBook:
    """The faces to try, in order, for normal and for bold print."""

    regular: tuple[FontFace, ...] = DEFAULT_REGULAR
    bold: tuple[FontFace, ...] = DEFAULT_BOLD

    def usable(self) -> bool:
        """False when no configured font file can be read: then only ROM characters look right."""
        return any(_characters(face) for face in (*self.regular, *self.bold))

    def face_for(self, text: str, bold: bool) -> FontFace | None:
        """The first face that has every character of the cluster."""
        for face in (*(self.bold if bold else self.regular), *self.regular):
            if all(ord(char) in _characters(face) for char in text):
                return face
        return None

    def draw(self, canvas: ImageDraw.ImageDraw, x: int, top: int, em_px: int, line: list[Cluster], bold: bool) -> None:
        """Draw a line in cells: one column is half an em; `canvas` is a grey image, 255 = ink."""
        for cluster in line:
            cell = cluster.columns * em_px // 2
            if cluster.text.strip():
                self._draw_cluster(canvas, x, top, em_px, cell, cluster.text, bold)
            x += cell

    def _draw_cluster(
        self, canvas: ImageDraw.ImageDraw, x: int, top: int, em_px: int, cell: int, text: str, bold: bool
    ) -> None:
        face = self.face_for(text, bold)
        if face is None:
            _draw_code_point(canvas, x, top, em_px, cell, text)
            return
        font = _font(face, em_px)
        advance = font.getlength(text)
        if advance > cell * 1.05:
            font = _font(face, max(8, int(em_px * cell / advance)))
            advance = font.getlength(text)
        baseline = top + round(em_px * _BASELINE)
        canvas.text((x + (cell - advance) / 2, baseline), text, fill=255, font=font, anchor="ls")


def _draw_code_point(canvas: ImageDraw.ImageDraw, x: int, top: int, em_px: int, cell: int, text: str) -> None:
    """A frame with the code point in two rows of digits, e.g. 2CA / 7D."""
    inset = max(1, em_px // 24)
    canvas.rectangle((x + inset, top + inset, x + cell - 1 - inset, top + em_px - 1 - inset), outline=255, width=inset)
    digits = f"{ord(text[0]):04X}"
    half = (len(digits) + 1) // 2
    font = ImageFont.load_default(max(8, em_px * 3 // 8))
    for row, part in enumerate((digits[:half], digits[half:])):
        canvas.text((x + cell / 2, top + em_px * (0.29 + 0.42 * row)), part, fill=255, font=font, anchor="mm")


def ink(grey: Image.Image) -> Image.Image:
    """One bit a dot: 1 = black."""
    return grey.point(lambda value: 255 if value >= _INK else 0).convert("1", dither=Image.Dither.NONE)
