"""The observer socket: what is on the screen and what has happened, read-only, as JSON lines.

For assistive technology and for tests. Snapshots are published by the screen's thread; this thread only
hands out the last one. No personal data: the tree holds what is shown (masked), events hold none.

{"op":"tree"} · {"op":"wait","after":seq,"timeout_s":5} · {"op":"events","after":n}
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.adapters.socket_server import JsonLineServer

_KEPT_EVENTS = 2000
_MAX_WAIT_S = 60.0


class Observer:
    """`publish` and `record` may be called from any thread and never block on a reader.

    :param socket_path: None = no socket, the last snapshot can still be read in this process.
    """

    def __init__(self, socket_path: Path | None, now_s: Callable[[], float] = time.monotonic):
        self._now_s = now_s
        self._changed = threading.Condition()
        self._seq = 0
        self._tree: Mapping[str, object] = {"ready": False, "nodes": []}
        self._events: deque[dict[str, object]] = deque(maxlen=_KEPT_EVENTS)
        self._count = 0
        self._started_s = now_s()
        self._server = JsonLineServer(socket_path, self.answer, "observer") if socket_path else None

    # written by the kiosk

    def publish(self, tree: Mapping[str, object]) -> None:
        with self._changed:
            self._seq += 1
            self._tree = tree
            self._changed.notify_all()

    def record(self, kind: str, **fields: object) -> None:
        """One thing that happened, e.g. `stored`, `printed`; `fields` must hold no personal data."""
        with self._changed:
            self._count += 1
            t_ms = round((self._now_s() - self._started_s) * 1000)
            self._events.append({"n": self._count, "t_ms": t_ms, "kind": kind, **fields})
            self._changed.notify_all()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    # read through the socket

    def answer(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """:raises ValueError: unknown operation."""
        operation = request.get("op")
        if operation == "tree":
            return self._snapshot()
        if operation == "wait":
            return self._wait(_number(request, "after"), min(_number(request, "timeout_s", 5.0), _MAX_WAIT_S))
        if operation == "events":
            return {"events": self._after(_number(request, "after", 0.0))}
        raise ValueError(f"unknown op {operation!r}; allowed: tree, wait, events")

    def _snapshot(self) -> Mapping[str, object]:
        with self._changed:
            return {"seq": self._seq, **self._tree}

    def _wait(self, after: float, timeout_s: float) -> Mapping[str, object]:
        """Real seconds: a reader waits for us, not for the visit's clock."""
        with self._changed:
            self._changed.wait_for(lambda: self._seq > after, timeout_s)
            return {"seq": self._seq, **self._tree}

    def _after(self, number: float) -> list[dict[str, object]]:
        with self._changed:
            return [event for event in self._events if _int(event["n"]) > number]


def _number(request: Mapping[str, object], name: str, default: float | None = None) -> float:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number")
    return float(value)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
