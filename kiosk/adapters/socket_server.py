"""A small Unix-socket server: one JSON object a line in, one a line out. Local, one folder's rights."""

from __future__ import annotations

import contextlib
import json
import logging
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, object]], Mapping[str, object]]
MAX_LINE = 65536


class JsonLineServer:
    """Serve `handle` at `path` on threads of its own until `close`."""

    def __init__(self, path: Path, handle: Handler, name: str):
        self._path = path
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), _make_handler(handle))
        path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False


def _make_handler(handle: Handler) -> type[socketserver.StreamRequestHandler]:
    class LineHandler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                while line := self.rfile.readline(MAX_LINE):
                    self.wfile.write(json.dumps(_answer(handle, line), ensure_ascii=False).encode() + b"\n")

    return LineHandler


def _answer(handle: Handler, line: bytes) -> Mapping[str, object]:
    try:
        request = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        return {"ok": False, "error": f"not JSON: {error}"}
    if not isinstance(request, dict):
        return {"ok": False, "error": "an object is wanted"}
    try:
        return handle(request)
    except (KeyError, TypeError, ValueError) as error:
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}
