"""QR codes for slips: as a picture, and how much paper one takes."""

from __future__ import annotations

import segno
from PIL import Image


def qr_side_modules(data: str) -> int:
    """Modules along one side at error correction M. :raises ValueError: more data than a code holds."""
    return len(segno.make_qr(data, error="m", boost_error=False).matrix)


def qr_picture(data: str, module_dots: int) -> Image.Image:
    """One bit a dot, 1 = black, without a quiet zone: the paper around it is white. :raises ValueError: as above."""
    matrix = [bytes(row) for row in segno.make_qr(data, error="m", boost_error=False).matrix]
    side = len(matrix)
    small = Image.new("1", (side, side), 0)
    small.putdata([255 * dot for row in matrix for dot in row])
    return small.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)
