"""A scale: what it is, a bar of its steps, and below it a button each for less and for more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kivy.uix.widget import Widget

from kiosk.domain.view.parts import Scale
from kiosk.domain.visit.machine import Event
from kiosk.ui import semantics
from kiosk.ui.drawing.theme import BODY
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.answers import AnswerButton
from kiosk.ui.widgets.plate import Plate
from kiosk.ui.widgets.text import Text

_STEP_GAP_MM = 1.6
_BAR_MM = 9.0
_EMPTY_MM = 3.0
_BETWEEN_MM = 6.0
_UNDER_MM = 3.0


class StepBar(semantics.Described, Widget):
    """Full steps stand high, empty ones are low: to be told apart without colour, too."""

    def __init__(self, stage: Stage, scale: Scale, width: int):
        super().__init__(size_hint=(None, None))
        mm, colour = stage.look.mm, stage.look.colour
        self.describe(semantics.PROGRESS, f"{scale.at} / {scale.steps}", f"{scale.line.key}.bar")
        self._gap, self._full, self._empty = mm(_STEP_GAP_MM), mm(_BAR_MM), mm(_EMPTY_MM)
        self._at = scale.at
        self._plates = [
            Plate(stage.raster, self._empty // 2, colour.edge if step < scale.at else colour.track)
            for step in range(scale.steps)
        ]
        for plate in self._plates:
            self.canvas.add(plate)
        self.size = (width, self._full)
        self.bind(pos=self._arrange)

    def _arrange(self, *_: object) -> None:
        each = (int(self.width) - self._gap * (len(self._plates) - 1)) // len(self._plates)
        for at, plate in enumerate(self._plates):
            high = self._full if at < self._at else self._empty
            plate.place(int(self.x) + at * (each + self._gap), int(self.y), each, high)


class ScaleRow(Widget):
    """`settle` as the answers have it, so that it may stand among them."""

    def __init__(self, stage: Stage, scale: Scale, width: int, gap: int, post: Callable[[Event], None]):
        super().__init__(size_hint=(None, None))
        mm = stage.look.mm
        half = (width - gap) // 2
        self._gap, self._under = gap, mm(_UNDER_MM)
        self._label = Text(
            stage, stage.show(scale.line), width=half, ems=BODY, colour=stage.look.colour.ink, line=scale.line
        )
        self._bar = StepBar(stage, scale, width - int(self._label.width) - mm(_BETWEEN_MM))
        self.buttons = [
            AnswerButton(stage, choice, half, partial(post, choice.event)) for choice in (scale.less, scale.more)
        ]
        for part in (self._label, self._bar, *self.buttons):
            self.add_widget(part)
        self._head = max(int(self._label.height), int(self._bar.height))
        self.natural = self._head + self._under + max(button.natural for button in self.buttons)
        self.size = (width, self.natural)
        self.bind(pos=self._arrange)

    def settle(self, height: int) -> None:
        self.height = height
        for button in self.buttons:
            button.settle(height - self._head - self._under)
        self._arrange()

    def _arrange(self, *_: object) -> None:
        x, y, top = int(self.x), int(self.y), int(self.y + self.height)
        self._label.pos = (x, top - self._head + (self._head - int(self._label.height)) // 2)
        bar_x = x + int(self.width) - int(self._bar.width)
        self._bar.pos = (bar_x, top - self._head + (self._head - int(self._bar.height)) // 2)
        for button in self.buttons:
            button.pos = (x, y)
            x += int(button.width) + self._gap
