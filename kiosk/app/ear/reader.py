"""念给我选: after each choice has been named, a pause, then the next one. It only counts time; the machine decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.ports import Clock, Timer
from kiosk.domain.screens.compose import View
from kiosk.domain.timing import EAR_PAUSE_S, EAR_SILENT_S, EAR_SLOW
from kiosk.domain.visit.machine import Ev, Event, VisitState


class Heard(Protocol):
    """What it needs to know of the voice."""

    @property
    def is_speaking(self) -> bool: ...

    @property
    def is_paused(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Turn:
    count: int
    pause_s: float


class EarReader:
    """`follow` subscribes to the visit, `speaking` to the speech queue; each may call on any thread."""

    def __init__(self, clock: Clock, voice: Heard, post: Callable[[Event], None], pause_s: float = EAR_PAUSE_S):
        """:param pause_s: after a choice was named, before the next one is; slow mode makes it longer."""
        self._clock, self._voice, self._post = clock, voice, post
        self._pause_s = pause_s
        self._lock = threading.RLock()
        self._turn: _Turn | None = None
        self._timer: Timer | None = None

    def follow(self, state: VisitState, shown: View) -> None:
        """A new screen, or another choice is lit."""
        with self._lock:
            spotlight = shown.spotlight
            goes_on = spotlight is not None and spotlight.on and not spotlight.waits and not shown.working
            self._turn = _Turn(spotlight.count, self._pause(state)) if spotlight is not None and goes_on else None
            self._arm()

    def speaking(self, on: bool) -> None:
        """The voice began or ended."""
        with self._lock:
            if on:
                self._stop()
            else:
                self._arm()

    def _pause(self, state: VisitState) -> float:
        """Without a voice the choices are only lit: time to read them."""
        pause_s = self._pause_s if state.access.voice else max(self._pause_s, EAR_SILENT_S)
        return pause_s * (EAR_SLOW if state.access.slow else 1)

    def _arm(self) -> None:
        self._stop()
        if self._turn is not None:
            self._timer = self._clock.call_later(self._turn.pause_s, self._due)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        """While something is still said, or held, its end begins the pause anew."""
        with self._lock:
            turn, self._timer = self._turn, None
            if turn is None or self._voice.is_speaking or self._voice.is_paused:
                return
        self._post(Event(Ev.EAR_NEXT, turn.count))
