"""Pictures of papers and of a face: what is taken, shown to whoever it belongs to."""

from __future__ import annotations

from kiosk.domain.screens.compose import View
from kiosk.ui.screens.anatomy import Anatomy
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.flow import Item
from kiosk.ui.stage import Stage
from kiosk.ui.widgets.shot import ShotPicture


class CaptureScreen(Screen):
    """A picture that was taken stands among the words."""

    def __init__(self, stage: Stage, anatomy: Anatomy):
        super().__init__(stage, anatomy)
        self._shot: ShotPicture | None = None

    def extras(self, view: View) -> list[Item]:
        shot = self.stage.service.state.papers.shot
        if shot is None or view.picture or view.working:
            return []
        self._shot = ShotPicture(self.stage, shot.jpeg, self._width)
        return [self._item("tool", self._shot)]

    def leave(self) -> None:
        if self._shot is not None:
            self._shot.forget()
            self._shot = None
        super().leave()
