"""The screen that waits: after two minutes without anybody the first screen gives way to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.domain.ports import Clock, Timer
from kiosk.domain.screens.compose import View
from kiosk.domain.site.rows import is_nobody_here
from kiosk.domain.timing import ATTRACT_S
from kiosk.domain.visit.machine import Ev, Event, Overlay, VisitState


class Visit(Protocol):
    """What is needed of the visit."""

    def post(self, event: Event) -> None: ...

    def subscribe(self, subscriber: Callable[[VisitState, View], None]) -> None: ...

    def on_touch(self, listener: Callable[[], None]) -> None: ...


class AttractClock:
    """The one clock between two visits; while one goes on it stands, and the idle rule's runs."""

    def __init__(self, clock: Clock, visit: Visit):
        self._clock = clock
        self._visit = visit
        self._lock = threading.Lock()
        self._timer: Timer | None = None
        self._state: VisitState | None = None
        visit.subscribe(self._changed)
        visit.on_touch(self._touched)

    def _changed(self, state: VisitState, view: View) -> None:
        if state != self._state:
            self._state = state
            self._restart()

    def _touched(self) -> None:
        """Also a finger that hits nothing is somebody's."""
        if self._state is not None:
            self._restart()

    def _restart(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            state = self._state
            waits = state is not None and is_nobody_here(state) and state.overlay is Overlay.NONE
            self._timer = self._clock.call_later(ATTRACT_S, self._due) if waits else None

    def _due(self) -> None:
        self._visit.post(Event(Ev.ATTRACT))
