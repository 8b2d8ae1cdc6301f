"""From the visit's state to the screen that shows it. Screens are built once and swapped in a plain container."""

from __future__ import annotations

from kiosk.domain.screens.compose import View
from kiosk.domain.technician.view_parts import StaffView
from kiosk.domain.visit import navigation
from kiosk.domain.visit.machine import Event, Overlay, VisitState
from kiosk.ui.screens import table
from kiosk.ui.screens.base import Screen
from kiosk.ui.screens.table import ATTRACT, OVERLAY, TECHNICIAN
from kiosk.ui.stage import Stage

KEPT = 3
"""So many built sheets of a plain screen are kept: who goes back finds what was there, and nothing is built again."""


class Router:
    """All screens of one stage."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._shelves: dict[str, list[Screen]] = {}
        """By name; the one that was used last stands last."""

    def one(self, name: str) -> Screen:
        """The screen of a name that was used last; made when it is first wanted."""
        return self._shelf(name)[-1]

    def _shelf(self, name: str) -> list[Screen]:
        if name not in self._shelves:
            self._shelves[name] = [table.build(name, self._stage)]
        return self._shelves[name]

    def screen_for(self, state: VisitState, view: View) -> Screen:
        """The one that holds this view already, else the one that was used longest ago."""
        name = name_of(state, view)
        shelf = self._shelf(name)
        screen = next((one for one in shelf if one.holds(view)), None) or self._free(name, shelf)
        shelf.remove(screen)
        shelf.append(screen)
        screen.is_somebodys = state.resident is not None or bool(state.answers)
        return screen

    def _free(self, name: str, shelf: list[Screen]) -> Screen:
        used = [one for one in shelf if one.is_filled]
        if len(used) < len(shelf):
            return next(one for one in shelf if not one.is_filled)
        if shelf[0].anatomy.is_kept and len(shelf) < KEPT:
            shelf.insert(0, table.build(name, self._stage))
        return shelf[0]

    def forget(self) -> None:
        """Nothing of the visit that is over stays on any sheet."""
        for shelf in self._shelves.values():
            for screen in shelf:
                if screen.is_somebodys:
                    screen.leave()
                    screen.is_somebodys = False


def name_of(state: VisitState, view: View) -> str:
    """Which screen: technician mode has one, the overlay lies over every step."""
    if isinstance(view, StaffView):
        return TECHNICIAN
    if state.overlay is Overlay.ATTRACT:
        return ATTRACT
    return OVERLAY if state.overlay is not Overlay.NONE else state.step.value


def shown_name(state: VisitState, view: View) -> str:
    """The name that the observer gives: the step's, the overlay's own, or the technician's page."""
    if isinstance(view, StaffView):
        return view.screen
    return state.overlay.value if state.overlay is not Overlay.NONE else state.step.value


def bar_events(state: VisitState, view: View) -> dict[str, Event]:
    """What each of the five places posts that have a meaning now; the others stay empty."""
    if isinstance(view, StaffView):
        return {place: navigation.bar_event(place, Overlay.NONE) for place in view.bar}
    places = navigation.bar_places(state.step, state.overlay)
    return {place: navigation.bar_event(place, state.overlay) for place in places}
