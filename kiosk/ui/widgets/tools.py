"""What only technician mode shows: a line to be measured, a target to be touched."""

from __future__ import annotations

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.domain.technician.calibration import RULER_MM
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import Rgb
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.plate import Plate

_RULER_BOX_MM = 28.0
_TICK_MM = 16.0
_THIN_MM = 0.6
_TARGET_MM = (16.0, 10.0, 3.0)
"""Diameters of the rings: edge, ground, dot."""


class Ruler(semantics.Described, Widget):
    """A line that is 100 mm from outer edge to outer edge on a panel of the size that is set."""

    def __init__(self, stage: Stage):
        mm = stage.look.mm
        super().__init__(size_hint=(None, None), size=(mm(RULER_MM), mm(_RULER_BOX_MM)))
        self.describe(semantics.IMAGE, "ruler", "picture.ruler")
        self._thin, self._tick = max(mm(_THIN_MM), 2), mm(_TICK_MM)
        with self.canvas:
            Color(*stage.look.colour.ink, 1)
            self._parts = [Rectangle() for _ in range(3)]
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        x, y, width = int(self.x), int(self.y), int(self.width)
        middle = y + int(self.height) // 2
        line, left, right = self._parts
        line.pos, line.size = (x, middle - self._thin // 2), (width, self._thin)
        left.pos, left.size = (x, middle - self._tick // 2), (self._thin, self._tick)
        right.pos, right.size = (x + width - self._thin, middle - self._tick // 2), (self._thin, self._tick)


class Target(semantics.Described, Widget):
    """A ring with a dot in its middle."""

    def __init__(self, stage: Stage):
        mm, colour = stage.look.mm, stage.look.colour
        side = mm(_TARGET_MM[0])
        super().__init__(size_hint=(None, None), size=(side, side))
        self.describe(semantics.IMAGE, "target", "picture.target")
        self._rings = []
        inks: tuple[Rgb, ...] = (colour.edge, colour.ground, colour.mark)
        for diameter_mm, ink in zip(_TARGET_MM, inks, strict=True):
            diameter = mm(diameter_mm)
            ring = Plate(stage.raster, diameter // 2, ink)
            self.canvas.add(ring)
            self._rings.append((ring, diameter))
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        for ring, diameter in self._rings:
            inset = (int(self.width) - diameter) // 2
            ring.place(int(self.x) + inset, int(self.y) + inset, diameter, diameter)
