"""The slip."""

from __future__ import annotations

from kiosk.domain.screens.compose import View
from kiosk.domain.visit.machine import Ev
from kiosk.ui.screens.base import Screen


class PrintScreen(Screen):
    """The picture follows the slip."""

    def picture(self, view: View) -> str:
        """The hand shows only when there is something to take: nobody shall pull at paper that still prints."""
        if view.working:
            return "slip_wait"
        may_take = any(choice.event.kind is Ev.TAKEN for choice in view.choices)
        return view.picture if may_take else ""
