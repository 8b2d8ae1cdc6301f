"""What lies over a step: help, called, cannot, access, leave, idle. One screen, its view says which."""

from __future__ import annotations

from math import ceil
from typing import Any

from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk.domain.screens.compose import View
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Overlay
from kiosk.ui import ui_keys
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.flow import Item
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.text import Text

_TICK_S = 0.25
_COUNT_EMS = (3.6, 3.0, 2.6, 2.2, 1.8)
"""The first that stands in one row."""


_PICTURES = {
    Overlay.HELP: "helper",
    Overlay.CALLED: "helper",
    Overlay.CANNOT: "helper",
    Overlay.LEAVE: "door",
    Overlay.PROGRESS: "look_up",
}
_WORKING = "send"


class Countdown(Widget):
    """The large count of the idle warning; follows the visit's clock, never its own."""

    def __init__(self, stage: Stage, width: int):
        super().__init__(size_hint=(None, None))
        self._stage, self._room = stage, width
        self._shown = -1
        self.text: Text | None = None
        self._show()

    def tick(self, _dt: float = 0.0) -> None:
        if self._left() != self._shown:
            self._show()

    def _left(self) -> int:
        return max(ceil(self._stage.service.idle_left_s()), 0)

    def _show(self) -> None:
        self._shown = self._left()
        self.clear_widgets()
        line = ui_keys.counted(ui_keys.IDLE_COUNT, seconds=self._shown)
        text = self._largest(line)
        self.size = text.size
        text.pos = self.pos
        self.bind(pos=text.setter("pos"))
        self.text = text
        self.add_widget(text)

    def _largest(self, line: Line) -> Text:
        shown = self._stage.show(line)
        for ems in _COUNT_EMS:
            text = Text(self._stage, shown, width=self._room, ems=ems, bold=True, line=line)
            if len(text.rows) == 1:
                break
        return text


class OverlayScreen(Screen):
    """The view says which overlay; its picture and the count are chosen here."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(stage, anatomy)
        self._timer: Any = None

    def picture(self, view: View) -> str:
        return _PICTURES.get(view.overlay, _WORKING if view.working else "")

    def extras(self, view: View) -> list[Item]:
        if view.overlay is not Overlay.IDLE:
            return []
        count = Countdown(self.stage, self._width - self.stage.look.mm(22))
        self._timer = Clock.schedule_interval(count.tick, _TICK_S)
        return [self._item("count", count)]

    def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().leave()
