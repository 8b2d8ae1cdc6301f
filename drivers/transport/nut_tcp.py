"""One connection to a power service (NUT's upsd) by TCP: a question, its lines, a deadline, a cancel."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import socket
import time
from pathlib import Path

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.codec import nut
from drivers.transport import tap
from drivers.transport.interrupt import Interrupt

_LOG = logging.getLogger(__name__)
PORT = 3493
"""Registered for NUT (IANA)."""
ANSWER_S = 1.0
"""The service answers from its memory, never from the supply itself."""
MAX_ANSWER_BYTES = 64 * 1024
_ADDRESS = re.compile(r"([A-Za-z0-9_.-]+)(?:@([A-Za-z0-9_.-]+)(?::(\d{1,5}))?)?")


class NutLink:
    """The way to one supply. `port` is `UPS[@HOST[:PORT]]`, or the path of a file that holds that.

    One thread asks; `cancel` and `close` may come from another.
    """

    def __init__(self, port: str) -> None:
        """:raises ValueError: neither an address nor a path."""
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._ups = ""
        self._was_lost = False
        self.interrupt = Interrupt()
        if not port.startswith("/"):
            _parsed(port)

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def open(self) -> None:
        """Connect; nothing is asked yet. :raises DeviceError: DEV-001."""
        self.interrupt.reopen()
        with self.interrupt.command():
            self._drop()
            try:
                text = Path(self._port).read_text(encoding="ascii").strip() if self._port[:1] == "/" else self._port
                self._ups, host, port = _parsed(text)
                self._connect(host, port)
            except (OSError, ValueError) as error:
                self._drop()
                raise DeviceError(faults.DEV_NOT_FOUND, str(error), CompletionCode.DEVICE_NOT_READY) from error
            if self._was_lost:
                _LOG.info("power service %s is back", self._port)
                self._was_lost = False

    def close(self) -> None:
        """End the running question, then leave. Safe from any thread and more than once."""
        self.interrupt.shut()
        with self.interrupt.alone():
            if self._socket is not None:
                with contextlib.suppress(OSError):  # it need not hear the goodbye
                    self._socket.send(f"{nut.LOGOUT}\n".encode())
            self._drop()

    def variables(self) -> dict[str, str]:
        """Everything that the supply tells.

        :raises DeviceError: UPS-003, UPS-004 as the service refuses, DEV-002…005.
        """
        with self.interrupt.command():
            self._buffer.clear()
            self._send(nut.list_variables(self._ups))
            return self._listed()

    def _listed(self) -> dict[str, str]:
        deadline_s = time.monotonic() + ANSWER_S
        found: dict[str, str] = {}
        begun, left_bytes = False, MAX_ANSWER_BYTES
        while True:
            line = self._line(deadline_s)
            left_bytes -= len(line)
            match nut.reply_in(line):
                case nut.Refusal(word) as refusal:
                    raise DeviceError(refusal.fault, word, CompletionCode.COMMAND_ERROR_CODE)
                case nut.Mark(self._ups, begins) if begins is not begun:
                    if not begins:
                        return found
                    begun = True
                case nut.Variable(self._ups, name, value) if begun and left_bytes > 0:
                    found[name] = value
                case _:
                    self._drop()  # what else is under way cannot be told from the next answer
                    raise DeviceError(faults.DEV_GARBLED, "no line of this protocol", CompletionCode.INVALID_DATA)

    def _connect(self, host: str, port: int) -> None:
        """:raises OSError: nobody there, or no answer in time."""
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        code = self._socket.connect_ex(address)
        if code == errno.EINPROGRESS:
            if not self.interrupt.wait(None, ANSWER_S, writable=self._socket.fileno()):
                raise TimeoutError(f"{host}:{port} does not answer")
            code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _send(self, line: str) -> None:
        link = self._open_socket()
        data = f"{line}\n".encode("ascii")
        try:
            sent = link.send(data)
        except OSError as error:
            raise self._lost(str(error)) from error
        if sent != len(data):
            raise self._lost("takes no bytes")
        tap.sent(data)

    def _line(self, deadline_s: float) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > nut.MAX_LINE_BYTES:
                self._drop()
                raise DeviceError(faults.DEV_GARBLED, "a line without end", CompletionCode.INVALID_DATA)
            self._hear(deadline_s)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.decode("utf-8", "replace")

    def _hear(self, deadline_s: float) -> None:
        link = self._open_socket()
        if not self.interrupt.wait(link.fileno(), deadline_s - time.monotonic()):
            self._drop()  # its answer may still come, and would be taken for the next question's
            raise DeviceError(faults.DEV_SILENT, "no answer", CompletionCode.TIME_OUT)
        try:
            data = link.recv(4096)
        except OSError as error:
            raise self._lost(str(error)) from error
        if not data:
            raise self._lost("the service has ended the connection")
        tap.heard(data)
        self._buffer += data

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)
        return self._socket

    def _lost(self, reason: str) -> DeviceError:
        self._drop()
        if not self._was_lost:
            _LOG.warning("power service %s lost: %s", self._port, reason)
            self._was_lost = True
        return DeviceError(faults.DEV_LOST, reason)

    def _drop(self) -> None:
        link, self._socket = self._socket, None
        self._buffer.clear()
        if link is not None:
            link.close()


def _parsed(address: str) -> tuple[str, str, int]:
    """:raises ValueError:"""
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < (port := int(found[3] or PORT)) < 65536:
        raise ValueError(f"port {address!r}: UPS@HOST:PORT, or a path of a file that holds that")
    return found[1], found[2] or "127.0.0.1", port
