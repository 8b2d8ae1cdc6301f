"""A socket that steers the clock: a terminal whose configuration names none has none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.socket_server import JsonLineServer


def serve_clock(clock: SystemClock, path: Path) -> JsonLineServer:
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
