"""One breaker for each register: a dead one is not waited for again and again.

Closed: asked as usual. After `FAILURES_TO_OPEN` questions in a row that got no answer at all it opens: nobody waits
for it. After `OPEN_S` one question is let through as a probe; its outcome closes the breaker or opens it for as long
again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES_TO_OPEN = 5
OPEN_S = 15.0


@dataclass(slots=True)
class Breaker:
    """May be used from several threads."""

    monotonic: Callable[[], float]
    failures: int = 0
    probe_at: float = 0.0
    """While open: the moment (s, monotonic) of the next probe."""
    _probing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self) -> bool:
        """Whether this question may go out. Who is admitted must tell `report` how it went."""
        with self._lock:
            if self.failures < FAILURES_TO_OPEN:
                return True
            if self._probing or self.monotonic() < self.probe_at:
                return False
            self._probing = True
            return True

    def report(self, answered: bool) -> None:
        with self._lock:
            self._probing = False
            self.failures = 0 if answered else self.failures + 1
            if self.failures >= FAILURES_TO_OPEN:
                self.probe_at = self.monotonic() + OPEN_S

    def withdraw(self) -> None:
        """The question never went out or was cancelled: that says nothing about the register."""
        with self._lock:
            self._probing = False
