"""The control socket: how a person, a script or a test handles a simulated device.

One JSON object a line in, one a line out: `{"ok": true, ...}` or `{"ok": false, "error": "..."}`.
It stands for hands (lay a card, open a cover) and for screwdrivers (faults), never for the wire.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivers.sim.faultbook import BadControl

Op = Callable[[Mapping[str, object]], Mapping[str, object]]
"""Carries out one request; returns what to add to `{"ok": true}`. :raises BadControl:"""

MAX_LINE_BYTES = 1 << 20


@dataclass(slots=True)
class Wait:
    """A reply held back until `status()[key]` fits or the deadline passes."""

    key: str
    at_least: float | None
    equals: object
    deadline_s: float

    def holds(self, status: Mapping[str, object]) -> bool:
        value = status.get(self.key)
        if self.at_least is not None:
            return isinstance(value, int | float) and value >= self.at_least
        return value == self.equals


class Client:
    """One connected controller."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(2.0)
        self.wait: Wait | None = None
        self._buffer = bytearray()

    def lines(self) -> list[bytes] | None:
        """The whole lines that have arrived; None when the controller has gone."""
        try:
            data = self.connection.recv(65536)
        except OSError:
            return None
        if not data or len(self._buffer) > MAX_LINE_BYTES:
            return None
        self._buffer += data
        *whole, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        return [line for line in whole if line.strip()]

    def reply(self, body: Mapping[str, object]) -> bool:
        """Send one reply; False when the controller has gone."""
        try:
            self.connection.sendall(json.dumps(body, ensure_ascii=False).encode() + b"\n")
        except OSError:
            return False
        return True


def listen(path: Path) -> socket.socket:
    """A listening Unix socket at `path`, replacing a stale one."""
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(8)
    return server


def carry_out(line: bytes, ops: Mapping[str, Op]) -> dict[str, object]:
    """One request line to its reply body; never raises for a bad request."""
    try:
        request = json.loads(line)
    except ValueError:
        return {"ok": False, "error": "not JSON"}
    if not isinstance(request, dict):
        return {"ok": False, "error": "a request is a JSON object"}
    op = ops.get(str(request.get("op")))
    if op is None:
        return {"ok": False, "error": f"unknown op {request.get('op')!r}; known: {', '.join(sorted(ops))}"}
    try:
        return {"ok": True, **op(request)}
    except BadControl as error:
        return {"ok": False, "error": str(error)}


def wait_from(request: Mapping[str, object], now_s: float) -> Wait:
    """`{"op":"wait","key":K,"at_least":N | "equals":V,"timeout_s":5}`. :raises BadControl:"""
    key, timeout_s, at_least = request.get("key"), request.get("timeout_s", 5.0), request.get("at_least")
    if not isinstance(key, str) or not isinstance(timeout_s, int | float):
        raise BadControl("wait needs key and timeout_s")
    if at_least is not None and not isinstance(at_least, int | float):
        raise BadControl("at_least is a number")
    return Wait(key, at_least, request.get("equals"), now_s + timeout_s)
