"""A clock that can be moved, and the socket that moves it: a terminal whose configuration names none has neither."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.socket_server import JsonLineServer

SLICE_S = 0.1
"""A wait looks at this clock at least so often, since a jump must end it. The machine's own clock does not jump."""


class SteeredClock(SystemClock):
    """The machine's clock plus jumps, which every wait and timer sees, and a skew of the wall clock alone."""

    def __init__(self, skew_s: float = 0.0) -> None:
        self._jump_s = 0.0
        super().__init__(skew_s)

    def now(self) -> float:
        return super().now() + self._jump_s

    def wall(self) -> datetime:
        return super().wall() + timedelta(seconds=self._jump_s)

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        end_s = self.now() + timeout_s
        while not event.is_set():
            left_s = end_s - self.now()
            if left_s <= 0:
                return False
            event.wait(min(left_s, SLICE_S))
        return True

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, for every wait and timer. :raises ValueError: backwards."""
        if seconds < 0:
            raise ValueError("monotonic time does not go back")
        with self._changed:
            self._jump_s += seconds
            self._changed.notify_all()

    def skew(self, seconds: float) -> None:
        """Move only the wall clock, as a dead battery does."""
        self._skew_s += seconds


def serve_clock(clock: SteeredClock, path: Path) -> JsonLineServer:
    """Ops: `advance` {s}, `skew` {s}, `now`. Every answer carries both times."""

    def handle(request: Mapping[str, object]) -> Mapping[str, object]:
        op = request.get("op")
        if op == "advance":
            clock.advance(_seconds(request))
        elif op == "skew":
            clock.skew(_seconds(request))
        elif op != "now":
            raise ValueError(f"unknown op {op!r}")
        return {"ok": True, "now_s": clock.now(), "wall": clock.wall().isoformat()}

    return JsonLineServer(path, handle, "clock-socket")


def _seconds(request: Mapping[str, object]) -> float:
    value = request["s"]
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError("s must be a number of seconds")
    return float(value)
