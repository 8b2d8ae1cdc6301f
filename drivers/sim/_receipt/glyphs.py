"""The simulated printer's ROM: 24 dot glyphs from a Chinese font, and its own QR generator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from drivers.system_fonts import installed_font

CELL = 24
HALF = 12
_INK = 112
_FONTS = (
    # (file, face): face 7 of the collection is Noto Sans Mono CJK SC.
    (installed_font("NotoSansCJK-Regular.ttc"), 7),
    (installed_font("LXGWWenKaiMono-Medium.ttf"), 0),
)


class Rom:
    """Glyphs as one-bit pictures, 1 = black, made once and kept."""

    def __init__(self, settings: Mapping[str, object], cutter_distance_dots: int) -> None:
        """`font` and `font_face` in the settings name another font. :raises OSError: no Chinese font is installed."""
        self.cutter_distance_dots = cutter_distance_dots
        chosen = settings.get("font")
        face = settings.get("font_face", 0)
        fonts = [(str(chosen), face if isinstance(face, int) else 0)] if chosen else list(_FONTS)
        for path, index in fonts:
            if Path(path).is_file():
                self._font = ImageFont.truetype(path, CELL, index=index)
                break
        else:
            raise OSError(f"no font: {', '.join(path for path, _ in fonts)}; install fonts-noto-cjk")
        self._kept: dict[tuple[str, int, bool, bool, bool], Image.Image] = {}

    def glyph(self, char: str, cell: int, bold: bool, underline: bool, reverse: bool) -> Image.Image:
        """One character in its cell; an empty `char` is the ROM's mark for a character it does not have."""
        key = (char, cell, bold, underline, reverse)
        if key not in self._kept:
            self._kept[key] = self._draw(*key)
        return self._kept[key]

    def _draw(self, char: str, cell: int, bold: bool, underline: bool, reverse: bool) -> Image.Image:
        grey = Image.new("L", (cell, CELL), 0)
        pen = ImageDraw.Draw(grey)
        if char:
            advance = self._font.getlength(char)
            pen.text(((cell - advance) / 2, 21), char, fill=255, font=self._font, anchor="ls")
        else:
            pen.rectangle((2, 2, cell - 3, CELL - 3), fill=255)
        dots = grey.point(lambda value: 255 if value >= _INK else 0)
        if bold:  # emphasised: every dot is struck twice, one dot apart
            dots = _lighter(dots, dots.transform(dots.size, Image.Transform.AFFINE, (1, 0, -1, 0, 1, 0)))
        if underline:
            ImageDraw.Draw(dots).line((0, CELL - 1, cell - 1, CELL - 1), fill=255)
        if reverse:
            dots = dots.point(lambda value: 255 - value)
        return dots.convert("1", dither=Image.Dither.NONE)


def _lighter(one: Image.Image, other: Image.Image) -> Image.Image:
    both = one.copy()
    both.paste(255, mask=other)
    return both


def qr_picture(data: bytes, level: str, module_dots: int) -> Image.Image:
    """The code without a quiet zone, as the printer's firmware draws it."""
    text = data.decode("ascii") if data.isascii() else data
    code = segno.make_qr(text, error=level, boost_error=False)
    matrix = [bytes(row) for row in code.matrix]
    side = len(matrix)
    small = Image.new("1", (side, side), 0)
    small.putdata([1 if dot else 0 for row in matrix for dot in row])
    return small.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)
