"""Who has the screen: the visit, or technician mode. The screens see one service and cannot tell."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.app.technician.service import VendorService
from kiosk.app.visit.service import ClauseListener, Dispatch, Subscriber, VisitService
from kiosk.domain.screens.compose import View
from kiosk.domain.speech import Lang, Line
from kiosk.domain.technician.calibration import Calibration
from kiosk.domain.technician.sight import Sight
from kiosk.domain.technician.state import StaffEv, StaffEvent
from kiosk.domain.visit.machine import Ev, Event, VisitState

_STAFF_SEES = VisitState(lang=Lang.CMN)
_BAR = {Ev.LEAVE: StaffEv.LEAVE, Ev.BACK: StaffEv.BACK}
"""The places of the bottom bar that technician mode has, too."""


class FrontDesk:
    """`kiosk.ui.service.Service`."""

    def __init__(self, visit: VisitService, vendor: VendorService):
        self._visit = visit
        self._vendor = vendor
        self._subscribers: list[Subscriber] = []
        visit.subscribe(self._visit_changed)
        vendor.subscribe(self._vendor_changed)

    @property
    def state(self) -> VisitState:
        return _STAFF_SEES if self._vendor.shows else self._visit.state

    @property
    def view(self) -> View:
        return self._vendor.view if self._vendor.shows else self._visit.view

    @property
    def calibration(self) -> Calibration:
        return self._vendor.calibration

    def on_calibration(self, applier: Callable[[Calibration], None]) -> None:
        self._vendor.on_calibration(applier)

    @property
    def sight(self) -> Sight | None:
        return self._vendor.sight

    def on_sight(self, listener: Callable[[], None]) -> None:
        self._vendor.on_sight(listener)

    def post(self, event: Event) -> None:
        """A resident's event never reaches technician mode, a technician's never the visit."""
        for_staff = event.of(Ev.STAFF)
        if for_staff is not None:
            self._vendor.post(for_staff)
        elif not self._vendor.shows:
            self._visit.post(event)
        elif event.kind in _BAR:
            self._vendor.post(StaffEvent(_BAR[event.kind]))

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def set_dispatcher(self, dispatch: Dispatch) -> None:
        self._visit.set_dispatcher(dispatch)
        self._vendor.set_dispatcher(dispatch)

    def touched(self) -> None:
        if self._vendor.shows:
            self._vendor.touched()
        else:
            self._visit.touched()

    def say_again(self) -> None:
        if not self._vendor.shows:
            self._visit.say_again()

    def pause_speech(self, on: bool) -> None:
        if not self._vendor.shows:
            self._visit.pause_speech(on)

    def speak_line(self, *lines: Line) -> None:
        """Technician mode is silent: its texts have no voice, and a resident outside must not be told of it."""
        if not self._vendor.shows:
            self._visit.speak_line(*lines)

    def on_clause(self, listener: ClauseListener) -> None:
        self._visit.on_clause(listener)

    def idle_left_s(self) -> float:
        return self._visit.idle_left_s()

    def _visit_changed(self, state: VisitState, view: View) -> None:
        if not self._vendor.shows:
            self._tell(state, view)

    def _vendor_changed(self) -> None:
        self._tell(self.state, self.view)

    def _tell(self, state: VisitState, view: View) -> None:
        for subscriber in self._subscribers:
            subscriber(state, view)
