"""A flat area with smooth round corners: three cleared areas and four quarter discs."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, InstructionGroup

from kiosk.ui.drawing.raster import Raster
from kiosk.ui.drawing.theme import Rgb
from kiosk.ui.widgets.corners import Corners
from kiosk.ui.widgets.fill import Area, Fill


class Plate(InstructionGroup):
    """:param rim_px: how much is seen at the edges of one that another plate covers, at equal distances from each."""

    def __init__(self, raster: Raster, radius_px: int, colour: Rgb, rim_px: int | None = None):
        super().__init__()
        self._rim = rim_px
        self._radius = max(radius_px, 1)
        self._ink = Color(*colour, 1)
        self._fill = Fill(colour)
        self.add(self._fill)
        self.add(self._ink)
        self._corners = Corners(raster.corner(self._radius))
        self.add(self._corners)

    def tint(self, colour: Rgb) -> None:
        self._ink.rgba = (*colour, 1)
        self._fill.tint(colour)

    def place(self, x: int, y: int, width: int, height: int) -> None:
        r = min(self._radius, width // 2, height // 2)
        right, top = x + width, y + height
        self._fill.place(self._areas(x, y, right, top, r))
        self._corners.place(x, y, right, top, r)

    def _areas(self, x: int, y: int, right: int, top: int, r: int) -> tuple[Area, ...]:
        """Between the corners, as far as it is seen."""
        if self._rim is None or self._rim >= r:
            return (x, y + r, right, top - r), (x + r, y, right - r, y + r), (x + r, top - r, right - r, top)
        left_of, right_of, below, above = x + self._rim, right - self._rim, y + self._rim, top - self._rim
        upright = (x, y + r, left_of, top - r), (right_of, y + r, right, top - r)
        return *upright, (x + r, y, right - r, below), (x + r, above, right - r, top)


class Lip(Plate):
    """What a button sinks onto: it is seen below the button and at the sides of its lower corners, never more."""

    def __init__(self, raster: Raster, radius_px: int, colour: Rgb, sink_px: int):
        super().__init__(raster, radius_px, colour)
        self._sink = sink_px

    def _areas(self, x: int, y: int, right: int, top: int, r: int) -> tuple[Area, ...]:
        upper = min(y + r + self._sink, top - r)
        sides = (x, y + r, x + r, upper), (right - r, y + r, right, upper)
        return *sides, (x + r, y, right - r, y + self._sink)


class Frame:
    """An edge and, inside it, a fill: two plates."""

    def __init__(self, raster: Raster, radius_px: int, edge_px: int, edge: Rgb, fill: Rgb):
        self.edge_px = edge_px
        self.outer = Plate(raster, radius_px, edge, edge_px)
        self.inner = Plate(raster, radius_px - edge_px, fill)

    def add_to(self, canvas: Any) -> None:
        canvas.add(self.outer)
        canvas.add(self.inner)

    def place(self, x: int, y: int, width: int, height: int) -> None:
        e = self.edge_px
        self.outer.place(x, y, width, height)
        self.inner.place(x + e, y + e, width - 2 * e, height - 2 * e)

    def tint(self, edge: Rgb, fill: Rgb) -> None:
        self.outer.tint(edge)
        self.inner.tint(fill)
