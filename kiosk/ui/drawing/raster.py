"""Smooth shapes without multisampling: drawn two or four times too large, halved, kept as alpha textures.

A texture is white; whoever draws it gives the colour. Everything is cached by name and size.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor, hypot
from pathlib import Path
from typing import Any

from kivy.graphics import Color, Fbo, Line, Mesh, Rectangle
from kivy.graphics.context import get_context
from kivy.graphics.texture import Texture

from kiosk.ui.drawing.drawn import Drawn, DrawnFiles
from kiosk.ui.drawing.icons import Drawing, Stroke, is_area, read

log = logging.getLogger(__name__)

OVERSAMPLE = 4
LARGE_PX = 200
"""Above this height half the oversampling is enough."""
FALLBACK = "more"


class Raster:
    """Textures of the icons in `folder` and of round corners."""

    def __init__(self, folder: Path, kept_in: Path | None = None):
        """:param kept_in: where drawings are kept for the next start; None = nowhere."""
        self._folder = folder
        self._files = DrawnFiles(kept_in)
        self._sources: dict[str, bytes] = {}
        self._drawings: dict[str, Drawing] = {}
        self._inks: dict[tuple[str, int, str], Layer] = {}
        self._corners: dict[int, Any] = {}

    def drawing(self, name: str) -> Drawing:
        """A name without a drawing (a new category of the back office) gets the plain one, not a crash."""
        if name not in self._drawings:
            path = self._folder / f"{name}.svg"
            if not path.is_file():
                log.warning("no icon %s", name)
                path = self._folder / f"{FALLBACK}.svg"
            self._drawings[name] = read(path)
            self._sources[name] = path.read_bytes()
        return self._drawings[name]

    def width_for(self, name: str, height_px: int) -> int:
        drawing = self.drawing(name)
        return round(drawing.width / drawing.height * height_px)

    def ink(self, name: str, height_px: int, ink: str) -> Layer:
        """The texture of one ink of an icon, no larger than the ink, and where it lies."""
        key = (name, height_px, ink)
        if key not in self._inks:
            drawn = self._drawn(name, height_px, ink)
            texture = _texture(drawn.width, drawn.height, drawn.alpha)
            self._inks[key] = Layer(texture, drawn.x, drawn.y, drawn.width, drawn.height)
        return self._inks[key]

    def _drawn(self, name: str, height_px: int, ink: str) -> Drawn:
        drawing = self.drawing(name)
        path = self._files.path(name, height_px, ink, self._sources[name] + bytes((OVERSAMPLE,)))
        kept = self._files.read(path)
        if kept is not None:
            return kept
        drawn = _draw(drawing, height_px, ink)
        # At once, not with the next frame: memory that was ever taken is not given back.
        get_context().gl_dealloc()
        self._files.keep(path, drawn)
        return drawn

    def warm(self, wanted: Iterable[tuple[str, int]]) -> Iterator[None]:
        """Draw (name, height) ahead, one ink at a step, so that no first visit of a screen waits for it."""
        for name, height_px in wanted:
            for ink in self.drawing(name).inks:
                if (name, height_px, ink) not in self._inks:
                    self.ink(name, height_px, ink)
                    yield

    def corner(self, radius_px: int) -> Any:
        """The bottom left quarter of a disc."""
        if radius_px not in self._corners:
            self._corners[radius_px] = _corner(radius_px)
        return self._corners[radius_px]


def _corner(radius: int) -> Any:
    alpha = array("B")
    for row in range(radius):
        for column in range(radius):
            away = hypot(radius - column - 0.5, radius - row - 0.5)
            alpha.append(round(255 * min(max(radius - away + 0.5, 0.0), 1.0)))
    return _texture(radius, radius, alpha.tobytes())


def _texture(width: int, height: int, alpha: bytes) -> Any:
    """White with this alpha; two bytes a pixel are half the memory of four."""
    texture = Texture.create(size=(width, height), colorfmt="luminance_alpha")
    texture.min_filter = texture.mag_filter = "nearest"
    pixels = bytearray(b"\xff") * (len(alpha) * 2)
    pixels[1::2] = alpha
    texture.blit_buffer(bytes(pixels), colorfmt="luminance_alpha", bufferfmt="ubyte")
    return texture


@dataclass(frozen=True, slots=True)
class Layer:
    """A texture and its lower left corner inside the icon, in pixels."""

    texture: Any
    x: int
    y: int
    width: int
    height: int


def _box(drawing: Drawing, ink: str, scale: float) -> tuple[int, int, int, int]:
    """Left, bottom, width, height of an ink in whole pixels, with a pixel to spare."""
    reach = [
        (x * scale, (drawing.height - y) * scale, 0.0 if is_area(ink) else stroke.width * scale / 2)
        for stroke in drawing.strokes
        if stroke.ink == ink
        for x, y in stroke.points
    ]
    left, bottom = floor(min(x - r for x, _, r in reach)) - 1, floor(min(y - r for _, y, r in reach)) - 1
    right, top = ceil(max(x + r for x, _, r in reach)) + 1, ceil(max(y + r for _, y, r in reach)) + 1
    return left, bottom, right - left, top - bottom


def _draw(drawing: Drawing, height_px: int, ink: str) -> Drawn:
    """White on black, so that halving never meets blending; the red channel becomes alpha."""
    scale = height_px / drawing.height
    left, bottom, width, height = _box(drawing, ink, scale)
    over = OVERSAMPLE if height_px <= LARGE_PX else OVERSAMPLE // 2
    picture = Fbo(size=(width * over, height * over))
    with picture:
        Color(0, 0, 0, 1)
        Rectangle(size=picture.size)
        Color(1, 1, 1, 1)
        for stroke in drawing.strokes:
            if stroke.ink == ink:
                _stroke(stroke, drawing.height, scale * over, (left * over, bottom * over))
    picture.draw()
    while over > 1:
        picture, over = _halved(picture), over // 2
    return Drawn(left, bottom, width, height, bytes(picture.pixels)[0::4])


def _halved(source: Any) -> Any:
    source.texture.min_filter = source.texture.mag_filter = "linear"
    half = Fbo(size=(source.size[0] // 2, source.size[1] // 2))
    with half:
        Color(1, 1, 1, 1)
        Rectangle(size=half.size, texture=source.texture)
    half.draw()
    return half


def _stroke(stroke: Stroke, height: float, scale: float, origin: tuple[int, int]) -> None:
    flat = [part for x, y in stroke.points for part in (x * scale - origin[0], (height - y) * scale - origin[1])]
    if is_area(stroke.ink):
        _area(flat)
        return
    half = stroke.width * scale / 2
    round_ = {"cap": "round", "joint": "round", "cap_precision": 20, "joint_precision": 20}
    Line(points=flat, width=half, close=stroke.closed, **round_)


def _area(flat: list[float]) -> None:
    # Drawings that are kept need none: a start imports it only when something is drawn anew.
    from kivy.graphics.tesselator import TYPE_POLYGONS, WINDING_NONZERO, Tesselator

    shape = Tesselator()
    shape.add_contour(flat)
    if shape.tesselate(WINDING_NONZERO, TYPE_POLYGONS):
        for vertices, indices in shape.meshes:
            Mesh(vertices=vertices, indices=indices, mode="triangle_fan")
