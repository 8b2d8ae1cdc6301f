"""The Clock port on the machine's own clock: a wait sleeps until its event or its end, and nothing in between."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

_FEW = 64
"""So many timers may lie in the clock before the cancelled ones are looked for."""


class _Timer:
    def __init__(self, due_s: float, action: Callable[[], None]):
        self.due_s = due_s
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class SystemClock:
    """Monotonic time; timers run on one thread of the clock's own."""

    def __init__(self, skew_s: float = 0.0) -> None:
        """:param skew_s: what the wall clock shows more than the machine's."""
        self._skew_s = skew_s
        self._corrected_s = 0.0
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, _Timer]] = []
        self._most = _FEW
        self._count = itertools.count()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now().astimezone() + timedelta(seconds=self._skew_s + self._corrected_s)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> _Timer:
        timer = _Timer(self.now() + max(delay_s, 0.0), action)
        with self._changed:
            heapq.heappush(self._heap, (timer.due_s, next(self._count), timer))
            self._forget_cancelled()
            self._changed.notify_all()
        return timer

    def _forget_cancelled(self) -> None:
        """What was put off again and again is not kept until it would have been due."""
        if len(self._heap) > self._most:
            self._heap = [entry for entry in self._heap if not entry[2].cancelled]
            heapq.heapify(self._heap)
            self._most = max(2 * len(self._heap), _FEW)

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(max(timeout_s, 0.0))

    def correct(self, by_s: float) -> None:
        """Put the wall clock right by a time that was proved, for hours, slips and deadlines alike."""
        self._corrected_s += by_s

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while (timer := self._next()) is not None:
            if not timer.cancelled:
                try:
                    timer.action()
                except Exception:
                    # One faulty action must not stop every other wait of the terminal.
                    log.exception("timer action failed")

    def _next(self) -> _Timer | None:
        """Block until a timer is due; None when the clock is closed."""
        with self._changed:
            while not self._closed:
                if self._heap:
                    left_s = self._heap[0][0] - self.now()
                    if left_s <= 0:
                        return heapq.heappop(self._heap)[2]
                    self._changed.wait(left_s)
                else:
                    self._changed.wait()
        return None
