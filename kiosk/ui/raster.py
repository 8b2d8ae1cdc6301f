"""Smooth shapes without multisampling: drawn two or four times too large, halved, kept as alpha textures.

A texture is white; whoever draws it gives the colour. Everything is cached by name and size.
"""

from __future__ import annotations

import logging
from array import array
from math import hypot
from pathlib import Path
from typing import Any

from kivy.graphics import Color, Fbo, Line, Mesh, Rectangle
from kivy.graphics.tesselator import TYPE_POLYGONS, WINDING_NONZERO, Tesselator
from kivy.graphics.texture import Texture

from kiosk.ui.icons import Drawing, Stroke, is_area, read

log = logging.getLogger(__name__)

OVERSAMPLE = 4
LARGE_PX = 200
"""Above this height half the oversampling is enough."""
FALLBACK = "more"


class Raster:
    """Textures of the icons in `folder` and of round corners."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._drawings: dict[str, Drawing] = {}
        self._inks: dict[tuple[str, int, str], Any] = {}
        self._corners: dict[int, Any] = {}

    def drawing(self, name: str) -> Drawing:
        """A name without a drawing (a new category of the back office) gets the plain one, not a crash."""
        if name not in self._drawings:
            path = self._folder / f"{name}.svg"
            if not path.is_file():
                log.warning("no icon %s", name)
                path = self._folder / f"{FALLBACK}.svg"
            self._drawings[name] = read(path)
        return self._drawings[name]

    def width_for(self, name: str, height_px: int) -> int:
        drawing = self.drawing(name)
        return round(drawing.width / drawing.height * height_px)

    def ink(self, name: str, height_px: int, ink: str) -> Any:
        """The texture of one ink of an icon."""
        key = (name, height_px, ink)
        if key not in self._inks:
            self._inks[key] = _draw(self.drawing(name), self.width_for(name, height_px), height_px, ink)
        return self._inks[key]

    def corner(self, radius_px: int) -> Any:
        """The bottom left quarter of a disc."""
        if radius_px not in self._corners:
            self._corners[radius_px] = _corner(radius_px)
        return self._corners[radius_px]


def _corner(radius: int) -> Any:
    pixels = array("B")
    for row in range(radius):
        for column in range(radius):
            away = hypot(radius - column - 0.5, radius - row - 0.5)
            pixels.extend((255, 255, 255, round(255 * min(max(radius - away + 0.5, 0.0), 1.0))))
    return _texture(radius, radius, pixels.tobytes())


def _texture(width: int, height: int, rgba: bytes) -> Any:
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.min_filter = texture.mag_filter = "nearest"
    texture.blit_buffer(rgba, colorfmt="rgba", bufferfmt="ubyte")
    return texture


def _draw(drawing: Drawing, width: int, height: int, ink: str) -> Any:
    """White on black, so that halving never meets blending; the red channel becomes alpha."""
    over = OVERSAMPLE if height <= LARGE_PX else OVERSAMPLE // 2
    picture = Fbo(size=(width * over, height * over))
    scale = height * over / drawing.height
    with picture:
        Color(0, 0, 0, 1)
        Rectangle(size=picture.size)
        Color(1, 1, 1, 1)
        for stroke in drawing.strokes:
            if stroke.ink == ink:
                _stroke(stroke, scale, drawing.height)
    picture.draw()
    while over > 1:
        picture, over = _halved(picture), over // 2
    alpha = bytes(picture.pixels)[0::4]
    rgba = bytearray(b"\xff") * (len(alpha) * 4)
    rgba[3::4] = alpha
    return _texture(width, height, bytes(rgba))


def _halved(source: Any) -> Any:
    source.texture.min_filter = source.texture.mag_filter = "linear"
    half = Fbo(size=(source.size[0] // 2, source.size[1] // 2))
    with half:
        Color(1, 1, 1, 1)
        Rectangle(size=half.size, texture=source.texture)
    half.draw()
    return half


def _stroke(stroke: Stroke, scale: float, height: float) -> None:
    flat = [part for x, y in stroke.points for part in (x * scale, (height - y) * scale)]
    if is_area(stroke.ink):
        _area(flat)
    else:
        Line(
            points=flat,
            width=stroke.width * scale / 2,
            cap="round",
            joint="round",
            close=stroke.closed,
            cap_precision=20,
            joint_precision=20,
        )


def _area(flat: list[float]) -> None:
    shape = Tesselator()
    shape.add_contour(flat)
    if shape.tesselate(WINDING_NONZERO, TYPE_POLYGONS):
        for vertices, indices in shape.meshes:
            Mesh(vertices=vertices, indices=indices, mode="triangle_fan")
