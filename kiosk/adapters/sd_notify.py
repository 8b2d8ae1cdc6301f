"""Tell the service manager that this process is up and alive (sd_notify(3), protocol of systemd's NOTIFY_SOCKET).

`WATCHDOG=1` comes from the thread that draws: a process whose threads live but whose screen stands still is dead.
"""

from __future__ import annotations

import contextlib
import os
import socket


class Notifier:
    """Says nothing where no service manager listens."""

    def __init__(self, address: str | None = None) -> None:
        """:param address: None: as the environment says."""
        told = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._address = "\0" + told[1:] if told.startswith("@") else told
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) if told else None
        if self._socket is not None:
            self._socket.setblocking(False)

    def ready(self) -> None:
        self._send(b"READY=1\nWATCHDOG=1")

    def alive(self) -> None:
        self._send(b"WATCHDOG=1")

    def still_starting(self) -> None:
        """It draws, and does not work yet: neither ready nor to be given up (sd_notify(3), EXTEND_TIMEOUT_USEC)."""
        self._send(b"EXTEND_TIMEOUT_USEC=30000000")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(b"STATUS=" + " ".join(text.split()).encode())

    def stopping(self) -> None:
        self._send(b"STOPPING=1")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, message: bytes) -> None:
        """A manager that has gone or is busy keeps nobody from drawing; the next beat comes."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(message, self._address)
