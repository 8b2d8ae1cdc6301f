"""Technician mode: the same anatomy, with a pad of keys and the few things that are drawn to be measured."""

from __future__ import annotations

from kiosk.domain.screens.compose import View
from kiosk.domain.technician.calibration import TARGETS
from kiosk.domain.technician.view_parts import StaffView
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.flow import Item
from kiosk.ui.screens.sheet import MARK_COLUMN_MM
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.camera_frame import CameraFrame
from kiosk.ui.widgets.picture import Picture
from kiosk.ui.widgets.tools import Ruler, Target


class TechnicianScreen(Screen):
    """Tools of measuring stand in the common anatomy."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(stage, anatomy)
        self._frame: CameraFrame | None = None

    def extras(self, view: View) -> list[Item]:
        if not isinstance(view, StaffView):
            return []
        if view.tool == "ruler":
            return [self._item("tool", Ruler(self.stage))]
        if view.tool == "camera" and view.box is not None:
            self._frame = CameraFrame(self.stage, view.box, view.edge, self._width - self.stage.look.mm(MARK_COLUMN_MM))
            self.see()
            return [self._item("tool", self._frame)]
        return []

    def see(self) -> None:
        """The camera's picture is new, or gone."""
        frame, sight = self._frame, self.stage.service.sight
        if frame is not None and sight is not None:
            frame.show(sight)
        elif frame is not None:
            frame.forget()

    def leave(self) -> None:
        if self._frame is not None:
            self._frame.forget()
            self._frame = None
        super().leave()

    def _build(self, view: View, turned: bool = False) -> None:
        super()._build(view, turned)
        self._mark_staff()
        if isinstance(view, StaffView) and view.tool == "target":
            self._place_target(view.target)

    def _mark_staff(self) -> None:
        """Where a resident's screen has the mark of the voice: these texts are never said."""
        mark, colour = self.mark, self.stage.look.colour
        if mark is None:
            return
        wrench = Picture(self.stage, "wrench", int(mark.height), {"line": colour.mark})
        wrench.pos = mark.pos
        self.remove_widget(mark)
        self.add_widget(wrench)

    def _place_target(self, number: int) -> None:
        """Where it stands is a share of the whole screen, whatever else lies on it."""
        target, screen = Target(self.stage), self.stage.screen
        x, y = TARGETS[min(number, len(TARGETS) - 1)]
        left, bottom = x * screen.width_px - target.width / 2, (1 - y) * screen.height_px - target.height / 2
        target.pos = (round(left), round(bottom))
        self.add_widget(target)
