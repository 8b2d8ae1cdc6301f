"""A TCP relay in front of a server: it may end TLS, and carry only so many bytes a second towards it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

_CHUNK = 1024


class Relay:
    def __init__(self, target: str, rate_bytes_s: float = 0.0, tls: ssl.SSLContext | None = None) -> None:
        """:param rate_bytes_s: 0 = as fast as it goes."""
        parts = urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 0))
        self._rate_bytes_s, self._tls = rate_bytes_s, tls
        self._listener = socket.socket()
        # What waits on the way stays on the sender's side of a slow line.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._closed.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            if select.select([self._listener], [], [], 0.05)[0]:
                near, _ = self._listener.accept()
                thread = threading.Thread(target=self._carry, args=(near,))
                self._threads.append(thread)
                thread.start()

    def _carry(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(near), socket.create_connection(self._target) as far:
            if self._tls is not None:
                near.settimeout(5)
                near = self._tls.wrap_socket(near, server_side=True)
            with contextlib.closing(near):
                self._both_ways(near, far)

    def _both_ways(self, near: socket.socket, far: socket.socket) -> None:
        free_s = 0.0
        """When the line can take the next piece towards the server."""
        while not self._closed.is_set():
            wait_s = free_s - time.monotonic()
            watched = [far] if wait_s > 0 else [far, near]
            ready = [near] if near in watched and _holds(near) else []
            ready = ready or select.select(watched, [], [], min(0.05, wait_s) if wait_s > 0 else 0.05)[0]
            for source in ready:
                data = source.recv(_CHUNK if source is near else 65536)
                if not data:
                    return
                if source is far:
                    near.sendall(data)
                    continue
                if self._rate_bytes_s:
                    free_s = max(free_s, time.monotonic()) + len(data) / self._rate_bytes_s
                far.sendall(data)


def _holds(near: socket.socket) -> bool:
    """Bytes that TLS has opened already are not seen by select."""
    return isinstance(near, ssl.SSLSocket) and near.pending() > 0
