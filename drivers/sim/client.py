"""Talks to a twin's control socket; for technicians, scripts and tests."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType


class ControlError(Exception):
    """The twin refused a request."""


class Control:
    """One connection; a call waits for its reply."""

    def __init__(self, path: Path, timeout_s: float = 20.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._socket.connect(str(path))
        self._replies = self._socket.makefile("rb")

    def __call__(self, op: str, **fields: object) -> Mapping[str, object]:
        """Send one request and return the reply's fields. :raises ControlError: when the twin says no."""
        self._socket.sendall(json.dumps({"op": op, **fields}).encode() + b"\n")
        line = self._replies.readline()
        if not line:
            raise ControlError("the twin has gone")
        reply: dict[str, object] = json.loads(line)
        if not reply.pop("ok", False):
            raise ControlError(str(reply.get("error")))
        return reply

    def close(self) -> None:
        self._replies.close()
        self._socket.close()

    def __enter__(self) -> Control:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
