"""The square that one character is written in with the finger."""

from __future__ import annotations

from kivy.graphics import Color, Line
from kivy.uix.widget import Widget

from kiosk.domain.typing.state import INK_SIDE, Ink, Point, Stroke
from kiosk.ui import semantics, ui_keys
from kiosk.ui.drawing.theme import EDGE_MM, RADIUS_MM
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.plate import Frame

SIDE_MM = 104.0
_PEN_MM = 3.4
_GUIDE_MM = 0.5
_FEWEST_PX = 2
"""A finger that has not moved so far has drawn nothing new."""


class InkPad(semantics.Described, Widget):
    """Holds the stroke under the finger through every new view; the strokes before it come from the view."""

    def __init__(self, stage: Stage):
        mm = stage.look.mm
        super().__init__(size_hint=(None, None), size=(mm(SIDE_MM), mm(SIDE_MM)))
        self.stage = stage
        shown = stage.show(ui_keys.INK_LINE)
        self.describe(semantics.IMAGE, shown, ui_keys.INK, stage.spoken(ui_keys.INK_LINE))
        self.natural = mm(SIDE_MM)
        self._ink: Ink = ()
        self._pen: int | None = None
        """The finger that draws."""
        self._points: list[tuple[float, float]] = []
        colour = stage.look.colour
        self._frame = Frame(stage.raster, mm(RADIUS_MM), max(mm(EDGE_MM), 2), colour.edge, colour.card)
        self._frame.add_to(self.canvas)
        self.bind(pos=self._draw)

    def show(self, ink: Ink) -> None:
        self._ink = ink
        self._draw()

    def settle(self, height: int) -> None:
        self._draw()

    # the finger

    def follow(self, uid: int, x: float, y: float, *, begins: bool) -> bool:
        """True when this finger draws. It may leave the square: what is outside is drawn at its edge; a second
        finger in the square does nothing."""
        if begins:
            if not self.collide_point(x, y):
                return False
            if self._pen is None:
                self._pen, self._points = uid, [(x, y)]
        elif uid != self._pen:
            return False
        else:
            last_x, last_y = self._points[-1]
            if abs(x - last_x) + abs(y - last_y) >= _FEWEST_PX:
                self._points.append((x, y))
        self._draw()
        return True

    def lift(self, uid: int) -> Stroke:
        """The stroke of this finger in the square's own measure; empty for any other finger, and where the square has
        gone meanwhile."""
        if uid != self._pen:
            return ()
        stroke = tuple(self._measured(x, y) for x, y in self._points) if self.parent is not None else ()
        self._pen, self._points = None, []
        return stroke

    def _measured(self, x: float, y: float) -> Point:
        across, down = (x - self.x) / self.width, (self.y + self.height - y) / self.height
        return round(min(max(across, 0), 1) * INK_SIDE), round(min(max(down, 0), 1) * INK_SIDE)

    def _placed(self, point: Point) -> tuple[float, float]:
        x, y = point
        return self.x + x / INK_SIDE * self.width, self.y + (1 - y / INK_SIDE) * self.height

    def _draw(self, *_: object) -> None:
        mm, colour = self.stage.look.mm, self.stage.look.colour
        x, y, side = int(self.x), int(self.y), int(self.width)
        self._frame.place(x, y, side, side)
        self.canvas.after.clear()
        held = tuple(self._measured(px, py) for px, py in self._points)
        with self.canvas.after:
            Color(*colour.track, 1)
            Line(points=(x + side // 2, y + mm(4), x + side // 2, y + side - mm(4)), width=max(mm(_GUIDE_MM) / 2, 1))
            Line(points=(x + mm(4), y + side // 2, x + side - mm(4), y + side // 2), width=max(mm(_GUIDE_MM) / 2, 1))
            Color(*colour.ink, 1)
            for stroke in (*self._ink, *((held,) if held else ())):
                # A dot is a stroke, too: 丶 begins and ends at almost the same place.
                points = [
                    place for point in (stroke * 2 if len(stroke) == 1 else stroke) for place in self._placed(point)
                ]
                Line(points=points, width=mm(_PEN_MM) / 2, cap="round", joint="round")
