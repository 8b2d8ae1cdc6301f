"""One serial line with several devices of this process on it (RS485): opened once, one device's command at a time.

Each device has a seat. What a `cancel` ends is that seat's own command, whether it runs or waits for its turn;
another device's command goes on.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from weakref import WeakValueDictionary

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport.serial_port import PortIdentity, SerialPort

_known: WeakValueDictionary[str, SharedPort] = WeakValueDictionary()
_known_lock = threading.Lock()


class SharedPort:
    """The line. Made by `at`, so that all who name the same port have the same one."""

    def __init__(self, identity: PortIdentity, baud: int) -> None:
        self.port = SerialPort(identity, baud)
        self.baud = baud
        self.turn = threading.Condition()
        self.holder: Seat | None = None
        self.seated: set[Seat] = set()
        self.quiet_from_s = 0.0
        """When the last byte passed, by the monotonic clock."""
        self.unanswered: dict[object, tuple[bytes, float]] = {}
        """What kind of answer may still come too late: its question, and until when."""

    @classmethod
    def at(cls, identity: PortIdentity, baud: int) -> SharedPort:
        """:raises ValueError: when another device of this process uses the line at another speed."""
        with _known_lock:
            line = _known.get(str(identity))
            if line is None:
                line = _known[str(identity)] = cls(identity, baud)
        if line.baud != baud:
            raise ValueError(f"baud {baud}: {identity} is used at {line.baud} by another device")
        return line


class Seat:
    """One device's place at the line. One thread runs commands; `cancel` and `close` may come from another.

    :param claim: what only one device may be at a line, such as `lights 1`.
    """

    def __init__(self, line: SharedPort, claim: str) -> None:
        self._line = line
        self._claim = claim
        self._thread: int | None = None
        self._depth = 0
        self._waits = False
        self._wanted = False
        self._shut = False

    @property
    def is_open(self) -> bool:
        return self in self._line.seated and self._line.port.is_open

    @property
    def is_busy(self) -> bool:
        """A command of this device runs or waits for its turn."""
        return self._waits or self._depth > 0

    @property
    def line(self) -> SharedPort:
        return self._line

    def open(self) -> None:
        """:raises DeviceError: DEV-001 no such port, held by another program, or the claim is taken."""
        self._shut = False
        with self._in_turn():
            port = self._line.port
            if any(seat is not self and seat._claim == self._claim for seat in self._line.seated):
                raise DeviceError(
                    faults.DEV_NOT_FOUND, f"{self._claim} of this line is in use", CompletionCode.DEVICE_NOT_READY
                )
            port.interrupt.reopen()
            try:
                with port.interrupt.command():
                    self._check()
                    if not port.is_open:
                        port.open()
                    with self._line.turn:
                        self._line.seated.add(self)
            finally:
                if not self._line.seated:  # cancelled half-way: nobody else would close it
                    port.close()

    def close(self) -> None:
        """End this device's command; the last one to go closes the line."""
        line = self._line
        with line.turn:
            self._shut = True
            self._end_running()
            line.turn.wait_for(lambda: line.holder is not self)
            was_seated = self in line.seated
            line.seated.discard(self)
            if was_seated and not line.seated and line.holder is None:
                line.port.close()

    def cancel(self) -> None:
        with self._line.turn:
            if self.is_busy:
                self._wanted = True
                self._end_running()

    @contextlib.contextmanager
    def command(self) -> Iterator[SerialPort]:
        """The running command, in its turn. Nests within one thread.

        :raises DeviceError: DEV-005 when it is cancelled, DEV-004 when the line is not open.
        """
        with self._in_turn():
            port = self._line.port
            if self not in self._line.seated:
                raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)
            with port.interrupt.command():
                self._check()
                yield port

    def moved(self) -> None:
        """Bytes have just passed on the line."""
        self._line.quiet_from_s = time.monotonic()

    @contextlib.contextmanager
    def _in_turn(self) -> Iterator[None]:
        line = self._line
        with line.turn:
            if self._thread == threading.get_ident():
                self._depth += 1
            else:
                self._take_turn()
        try:
            yield
        finally:
            with line.turn:
                self._depth -= 1
                if self._depth == 0:
                    self._thread = line.holder = None
                    line.turn.notify_all()

    def _take_turn(self) -> None:
        self._wanted = False
        self._waits = True
        try:
            self._line.turn.wait_for(lambda: self._line.holder is None or self._wanted or self._shut)
        finally:
            self._waits = False
        self._check()
        self._line.holder, self._thread, self._depth = self, threading.get_ident(), 1

    def _check(self) -> None:
        """A cancel from just before the port's own command began would be lost there, so it is kept here."""
        if self._wanted or self._shut:
            raise DeviceError(faults.DEV_CANCELLED, completion=CompletionCode.CANCELED)

    def _end_running(self) -> None:
        if self._line.holder is self:
            self._line.port.cancel()
        self._line.turn.notify_all()
