"""念给我选: after each choice has been named, a pause, then the next one; and where nothing is touched for a while, it
begins by itself. It only counts time; the machine decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.ear.view import helps_unasked, names_unasked
from kiosk.domain.ports import Clock, Timer
from kiosk.domain.screens.compose import View
from kiosk.domain.timing import EAR_HELP_S, EAR_PAUSE_S, EAR_SILENT_S, EAR_SLOW, EAR_UNASKED_S
from kiosk.domain.visit.machine import Ev, Event, VisitState


class Heard(Protocol):
    """What it needs to know of the voice."""

    @property
    def is_speaking(self) -> bool: ...

    @property
    def is_paused(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long it waits after the last word or touch."""

    choice_s: float = EAR_PAUSE_S
    """Between two choices that are named."""
    unasked_s: float = EAR_UNASKED_S
    """Before it begins unasked; 0 = never."""


@dataclass(frozen=True, slots=True)
class _Turn:
    event: Event
    pause_s: float


class EarReader:
    """`follow` and `touched` subscribe to the visit, `speaking` to the speech queue; each may call on any thread."""

    def __init__(self, clock: Clock, voice: Heard, post: Callable[[Event], None], pauses: Pauses):
        """:param pauses: slow mode makes them longer."""
        self._clock, self._voice, self._post = clock, voice, post
        self._pauses = pauses
        self._lock = threading.RLock()
        self._turn: _Turn | None = None
        self._timer: Timer | None = None

    def follow(self, state: VisitState, shown: View) -> None:
        """A new screen, or another choice is lit."""
        with self._lock:
            self._turn = self._next(state, shown)
            self._arm()

    def touched(self) -> None:
        """Somebody touches something: she is left in peace for the whole time again."""
        with self._lock:
            if self._timer is not None:
                self._arm()

    def speaking(self, on: bool) -> None:
        """The voice began or ended."""
        with self._lock:
            if on:
                self._stop()
            else:
                self._arm()

    def _next(self, state: VisitState, shown: View) -> _Turn | None:
        slower = EAR_SLOW if state.access.slow else 1
        spotlight = shown.spotlight
        if spotlight is not None and spotlight.on:
            if spotlight.waits or shown.working:
                return None
            # Without a voice the choices are only lit: time to read them.
            choice_s = self._pauses.choice_s if state.access.voice else max(self._pauses.choice_s, EAR_SILENT_S)
            return _Turn(Event(Ev.EAR_NEXT, spotlight.count), choice_s * slower)
        if not self._pauses.unasked_s:
            return None
        if names_unasked(state, shown):
            return _Turn(Event(Ev.EAR_UNASKED), self._pauses.unasked_s * slower)
        if helps_unasked(state, shown):
            return _Turn(Event(Ev.EAR_HELP), max(EAR_HELP_S, self._pauses.unasked_s) * slower)
        return None

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
        self._post(turn.event)
