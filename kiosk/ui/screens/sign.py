"""Where a promise is signed with a finger."""

from __future__ import annotations

from kiosk.domain.screens.compose import View
from kiosk.domain.visit.machine import Ev, Event
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.flow import Item
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.ink_pad import InkPad


class SignScreen(Screen):
    """A square to sign in, whose strokes go to the visit one by one."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(stage, anatomy)
        self._pad: InkPad | None = None

    def extras(self, view: View) -> list[Item]:
        if view.working:
            return []
        self._pad = InkPad(self.stage, self._width, self.stage.service.state.papers.ink)
        return [self._item("ink", self._pad)]

    def subject(self, view: View) -> tuple[object, ...]:
        """A line that is drawn changes the answers, and turns no page away from the finger."""
        return (view.step, view.overlay, view.question, view.working)

    def leave(self) -> None:
        self._pad = None
        super().leave()

    def draw(self, uid: int, x: float, y: float, *, begins: bool) -> bool:
        pad = self._pad
        return pad is not None and pad.parent is not None and pad.follow(uid, x, y, begins=begins)

    def lift(self, uid: int) -> bool:
        stroke = self._pad.lift(uid) if self._pad is not None else None
        if stroke is None:
            return False
        self.stage.service.post(Event(Ev.INK, stroke))
        return True
