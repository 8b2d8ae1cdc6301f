"""What happened, for the observer and for technicians: kinds and facts, never a person.

Those who add events hand over steps, codes and case numbers only; nothing here looks into a visit.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.domain.ports import Clock

KEPT = 2000


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    n: int
    """Counts from 1 in this process."""
    t_ms: int
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)


class EventLog:
    """Thread-safe ring of the last events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.now()
        self._changed = threading.Condition()
        self._events: deque[LoggedEvent] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, kind: str, **facts: object) -> None:
        shown = {name: str(value) for name, value in facts.items() if value not in ("", None)}
        with self._changed:
            self._count += 1
            t_ms = round((self._clock.now() - self._began_s) * 1000)
            self._events.append(LoggedEvent(self._count, t_ms, kind, shown))
            self._changed.notify_all()

    def after(self, n: int) -> Sequence[LoggedEvent]:
        with self._changed:
            return [event for event in self._events if event.n > n]
