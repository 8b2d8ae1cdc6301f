"""A client for a socket that answers one JSON line with one JSON line (twins, observer, clock)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
_MAX_PATH = 100
"""sockaddr_un holds 108 bytes; a deeper path is reached through a short link."""


class SocketGone(Exception):
    """The other side is not there (any more)."""


class RequestRefused(Exception):
    """The other side answered with an error; the text is its own."""


class JsonSocket:
    """One connection. Not for two threads at once."""

    def __init__(self, path: Path, timeout_s: float = 10.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            with short_path(path) as short:
                self._socket.connect(short)
        except OSError as error:
            self._socket.close()
            raise SocketGone(f"{path.name}: {error}") from error
        self._file = self._socket.makefile("rb")

    def ask(self, **request: object) -> Answer:
        """:raises SocketGone: :raises RequestRefused:"""
        try:
            self._socket.sendall(json.dumps(request, ensure_ascii=False).encode("utf-8") + b"\n")
            line = self._file.readline()
        except OSError as error:
            raise SocketGone(str(error)) from error
        if not line.endswith(b"\n"):
            raise SocketGone("closed in the middle of an answer")
        answer = json.loads(line)
        if not isinstance(answer, dict):
            raise RequestRefused(f"answered no object: {line[:80]!r}")
        if answer.get("ok") is False:
            raise RequestRefused(str(answer.get("error", answer)))
        return answer

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._socket.close()


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name for `path` that fits a socket address."""
    if len(os.fsencode(path)) <= _MAX_PATH:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="s") as folder:
        link = Path(folder) / "d"
        link.symlink_to(path.parent)
        yield str(link / path.name)


def ask_once(path: Path, request: Mapping[str, object], timeout_s: float = 10.0) -> Answer:
    """One question on a connection of its own. :raises SocketGone: :raises RequestRefused:"""
    connection = JsonSocket(path, timeout_s)
    try:
        return connection.ask(**request)
    finally:
        connection.close()
