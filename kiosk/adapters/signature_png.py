"""A signature as a picture: black lines on white, PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

DOTS_PER_MM = 8.0
WIDTH_MM, HEIGHT_MM = 200.0, 80.0
_INK_MM = 1.6

Stroke = Sequence[tuple[float, float]]
"""Points in mm from the upper left corner."""


def draw(strokes: Sequence[Stroke]) -> bytes:
    """Cut to what was written, with a margin; lines outside the field are not drawn."""
    size = (round(WIDTH_MM * DOTS_PER_MM), round(HEIGHT_MM * DOTS_PER_MM))
    picture = Image.new("L", size, 255)
    pen, width = ImageDraw.Draw(picture), round(_INK_MM * DOTS_PER_MM)
    for stroke in strokes:
        points = [(x * DOTS_PER_MM, y * DOTS_PER_MM) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=0, width=width, joint="curve")
        for x, y in points:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=0)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
