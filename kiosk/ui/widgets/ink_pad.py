"""A field to write in with a finger. Points are kept in mm from its upper left corner."""

from __future__ import annotations

from kivy.graphics import Color, Line
from kivy.uix.widget import Widget

from kiosk.domain.papers.state import MOST_POINTS, Stroke
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import RADIUS_MM
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.plate import Frame

PAD_MM = (200.0, 80.0)
_INK_MM, _LINE_MM, _EDGE_MM = 1.6, 0.6, 1.0
_STEP_MM = 0.4
"""Nearer points than these add nothing to a line."""


class InkPad(semantics.Described, Widget):
    """`follow` takes a finger's place, `lift` gives its line; what was written before is drawn anew."""

    def __init__(self, stage: Stage, most_px: int, ink: tuple[Stroke, ...]):
        mm, colour = stage.look.mm, stage.look.colour
        self._px_per_mm = stage.screen.px_per_mm
        width = min(mm(PAD_MM[0]), most_px)
        super().__init__(size_hint=(None, None), size=(width, mm(PAD_MM[1])))
        self.describe(semantics.IMAGE, "sign", "picture.sign")
        self._frame = Frame(stage.raster, mm(RADIUS_MM), max(mm(_EDGE_MM), 2), colour.edge, colour.card)
        self._frame.add_to(self.canvas)
        self.canvas.add(Color(*colour.track, 1))
        self._rule = Line(width=max(mm(_LINE_MM) / 2, 1))
        self.canvas.add(self._rule)
        self.canvas.add(Color(*colour.ink, 1))
        self._ink_px = max(mm(_INK_MM) / 2, 1.5)
        self._strokes = [(stroke, self._line()) for stroke in ink]
        self._uid: int | None = None
        self._now: list[tuple[float, float]] = []
        self._drawn: Line | None = None
        self.bind(pos=self._arrange)

    def _line(self) -> Line:
        line = Line(width=self._ink_px, cap="round", joint="round")
        self.canvas.add(line)
        return line

    def _arrange(self, *_: object) -> None:
        x, y, width, height = int(self.x), int(self.y), int(self.width), int(self.height)
        self._frame.place(x, y, width, height)
        inset = width // 12
        self._rule.points = [x + inset, y + height // 4, x + width - inset, y + height // 4]
        for stroke, line in self._strokes:
            line.points = self._points(stroke)

    def _points(self, stroke: Stroke) -> list[float]:
        scale = self._px_per_mm
        return [side for x, y in stroke for side in (self.x + x * scale, self.top - y * scale)]

    def follow(self, uid: int, x: float, y: float, *, begins: bool) -> bool:
        """A finger at (x, y) in pixels of the window. True when it is this pad's; only one finger writes."""
        if begins:
            if self._uid is not None or not self.collide_point(x, y):
                return self._uid is not None and self.collide_point(x, y)
            self._uid, self._now, self._drawn = uid, [], self._line()
        elif uid != self._uid:
            return False
        self._add(x, y)
        return True

    def _add(self, x: float, y: float) -> None:
        """Outside the field the line goes on along its edge."""
        x, y = min(max(x, self.x), self.right), min(max(y, self.y), self.top)
        point = (round((x - self.x) / self._px_per_mm, 2), round((self.top - y) / self._px_per_mm, 2))
        near = self._now and max(abs(a - b) for a, b in zip(point, self._now[-1], strict=True)) < _STEP_MM
        if near or len(self._now) >= MOST_POINTS or self._drawn is None:
            return
        self._now.append(point)
        self._drawn.points = self._points(tuple(self._now))

    def lift(self, uid: int) -> Stroke | None:
        """The line that this finger has drawn; None when it drew none here."""
        if uid != self._uid:
            return None
        self._uid, stroke = None, tuple(self._now)
        if self._drawn is not None:
            self._strokes.append((stroke, self._drawn))
        self._now, self._drawn = [], None
        return stroke
