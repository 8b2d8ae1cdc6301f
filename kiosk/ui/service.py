"""The visit as the screens see it: what `kiosk.app.visit.service` offers to this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from kiosk.domain.screens.compose import View
from kiosk.domain.speech import Line
from kiosk.domain.technician.calibration import Calibration
from kiosk.domain.technician.sight import Sight
from kiosk.domain.view.parts import Spotlight
from kiosk.domain.visit.machine import Ev, Event, VisitState


class Service(Protocol):
    """The visit as the screens see it (`kiosk.app.visit.service`)."""

    @property
    def state(self) -> VisitState: ...

    @property
    def view(self) -> View: ...

    @property
    def calibration(self) -> Calibration:
        """What a technician measured at this terminal."""

    def on_calibration(self, applier: Callable[[Calibration], None]) -> None:
        """`applier` gets every change of it, where events are handled."""

    @property
    def sight(self) -> Sight | None:
        """What the camera sees, while technician mode shows it."""

    def on_sight(self, listener: Callable[[], None]) -> None:
        """`listener` is called after each change of it, where events are handled."""

    def post(self, event: Event) -> None: ...

    def subscribe(self, subscriber: Callable[[VisitState, View], None]) -> None: ...

    def set_dispatcher(self, dispatch: Callable[[Callable[[], None]], None]) -> None: ...

    def touched(self) -> None: ...

    def say_again(self) -> None: ...

    def speak_line(self, *lines: Line) -> None: ...

    def pause_speech(self, on: bool) -> None: ...

    def on_clause(self, listener: Callable[[str | None, int], None]) -> None: ...

    def idle_left_s(self) -> float: ...


def press_spotlight(service: Service, spotlight: Spotlight) -> None:
    """The ear's one button: it has the choices named, or takes the lit one. Whoever takes one that was named unasked
    needs to hear them, so the next screens begin with their names."""
    if spotlight.lit is not None and service.state.ear.unasked:
        service.post(Event(Ev.EAR_KEPT))
    service.post(spotlight.button.event)
