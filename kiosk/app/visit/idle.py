"""The idle rule: one clock per visit, and no other timer ends or changes a screen.

120 s since the last touch, key, card movement or end of speech, then a 45 s spoken warning that one
tap or key extends. The clock stands still while the terminal speaks, reads, prints or uploads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum, auto

from kiosk.domain.ports import Clock, Timer
from kiosk.domain.timing import IDLE_END_S, IDLE_WARN_S


class Phase(StrEnum):
    OFF = auto()
    """Nobody is here: nothing to wipe."""
    QUIET = auto()
    WARNING = auto()


class IdleRule:
    """Calls `on_warn` and `on_end`; thread-safe."""

    def __init__(self, clock: Clock, on_warn: Callable[[], None], on_end: Callable[[], None]):
        self._clock = clock
        self._on_warn = on_warn
        self._on_end = on_end
        self._lock = threading.RLock()
        self.patience_s = IDLE_WARN_S
        """How long she is left in peace; counts from the next sign of life."""
        self._phase = Phase.OFF
        self._holds: set[str] = set()
        self._left_s = 0.0
        self._since_s = 0.0
        self._timer: Timer | None = None

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def holding(self) -> frozenset[str]:
        """Why the clock stands still now, e.g. {"speaking"}."""
        return frozenset(self._holds)

    def left_s(self) -> float:
        """Seconds until the warning or, while warning, until the end."""
        with self._lock:
            if self._phase is Phase.OFF:
                return 0.0
            running = 0.0 if self._holds else self._clock.now() - self._since_s
            return max(self._left_s - running, 0.0)

    def touched(self) -> None:
        """A sign of life: back to the full time."""
        with self._lock:
            self._start(Phase.QUIET, self.patience_s)

    def off(self) -> None:
        with self._lock:
            self._stop_timer()
            self._phase = Phase.OFF

    def hold(self, reason: str) -> None:
        """Stand still for `reason` until it is released."""
        with self._lock:
            if not self._holds and self._phase is not Phase.OFF:
                self._left_s = self.left_s()
                self._stop_timer()
            self._holds.add(reason)

    def release(self, reason: str) -> None:
        """Go on; before the warning the end of speech or work counts as a sign of life."""
        with self._lock:
            if reason not in self._holds:
                return
            self._holds.discard(reason)
            if self._holds or self._phase is Phase.OFF:
                return
            left_s = self.patience_s if self._phase is Phase.QUIET else self._left_s
            self._start(self._phase, left_s)

    def _start(self, phase: Phase, left_s: float) -> None:
        self._stop_timer()
        self._phase = phase
        self._left_s = left_s
        self._since_s = self._clock.now()
        if not self._holds:
            self._timer = self._clock.call_later(left_s, self._due)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        with self._lock:
            if self._holds or self._phase is Phase.OFF or self.left_s() > 0:
                return
            warn = self._phase is Phase.QUIET
            if warn:
                self._start(Phase.WARNING, IDLE_END_S)
            else:
                self.off()
        (self._on_warn if warn else self._on_end)()
