"""The only file that knows pyserial: one exclusive serial port with honest deadlines and named errors.

What pyserial 3.5 does not give and this file does: `inter_byte_timeout` is ignored by pyserial on POSIX, so
waiting is an own loop; a vanished device shows up as SerialException, OSError or termios.error (which
is no OSError), so all three are caught in one place; `xonxoff` would eat bytes of binary frames.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import re
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import serial
from serial.tools import list_ports

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.transport import tap
from drivers.transport.denied import fault_of_opening
from drivers.transport.interrupt import Interrupt

_LOG = logging.getLogger(__name__)

BITS_PER_BYTE = 10
HELD_S = 0.3
HELD_AGAIN_S = 0.02
SETTLE_S = 0.06
"""Bytes that were under way when the port was opened arrive within this time; then they are thrown away."""
WRITE_SLICE_BYTES = 4096
ECHO_PREFIX = "rs485-echo:"


class PortInfo(Protocol):
    """What `list_ports.comports()` tells of one port."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class PortIdentity:
    """Which port is meant: a path, or a USB adapter by what it is or where it is plugged in."""

    path: str = ""
    vid: int = 0
    pid: int = 0
    serial_number: str = ""
    location: str = ""
    echoes: bool = False
    """An RS485 adapter that gives back what is sent: the echo is taken away before anybody reads."""

    @classmethod
    def parse(cls, text: str) -> PortIdentity:
        """`/dev/kiosk/id_card`, `usb:0403:6001:A1B2` (serial number optional) or `usb-location:1-1.4`; each with
        `rs485-echo:` before it for an adapter that echoes.

        :raises ValueError: when it is none of these.
        """
        if text.startswith(ECHO_PREFIX):
            return replace(cls.parse(text.removeprefix(ECHO_PREFIX)), echoes=True)
        if text.startswith("/"):
            return cls(path=text)
        if location := re.fullmatch(r"usb-location:([0-9][0-9.:-]*)", text):
            return cls(location=location[1])
        if usb := re.fullmatch(r"usb:([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(\S+))?", text):
            return cls(vid=int(usb[1], 16), pid=int(usb[2], 16), serial_number=usb[3] or "")
        raise ValueError(f"port {text!r}: a path, usb:VID:PID[:SERIAL] or usb-location:BUS-PORT")

    def matches(self, port: PortInfo) -> bool:
        if self.location:
            return port.location == self.location
        if (port.vid, port.pid) != (self.vid, self.pid):
            return False
        return not self.serial_number or port.serial_number == self.serial_number

    def __str__(self) -> str:
        before = ECHO_PREFIX if self.echoes else ""
        if self.path or self.location:
            return before + (self.path or f"usb-location:{self.location}")
        return before + f"usb:{self.vid:04x}:{self.pid:04x}" + (f":{self.serial_number}" if self.serial_number else "")


def serial_ports() -> list[PortInfo]:
    """Every serial port that there is now."""
    return list(list_ports.comports())


def find_path(identity: PortIdentity, ports: Callable[[], Iterable[PortInfo]] = list_ports.comports) -> str:
    """The device path that carries the identity now. :raises DeviceError: DEV-001 when none or several do."""
    if identity.path:
        return identity.path
    found = sorted(port.device for port in ports() if identity.matches(port))
    if len(found) != 1:
        raise DeviceError(faults.DEV_NOT_FOUND, f"{len(found)} ports match {identity}", CompletionCode.DEVICE_NOT_READY)
    return found[0]


class SerialPort:
    """One serial line, opened exclusively, 8N1, no flow control.

    One thread runs commands; `cancel` and `close` may come from another.
    """

    def __init__(self, identity: PortIdentity, baud: int) -> None:
        self._identity = identity
        self._baud = baud
        self._serial: serial.Serial | None = None
        self._was_lost = False
        self._echo = bytearray()
        """What was sent and has not come back yet, where the adapter echoes."""
        self.interrupt = Interrupt()

    @property
    def is_open(self) -> bool:
        """False after a loss, too; pyserial's own `is_open` stays True then."""
        return self._serial is not None

    def open(self) -> None:
        """Open and throw away what was under way. Whether the right device answers is the driver's to prove.

        :raises DeviceError: DEV-001 when there is no such port or another program holds it, DEV-006 not allowed.
        """
        self.interrupt.reopen()
        with self.interrupt.command():
            self._drop()
            path = find_path(self._identity)
            self._serial = self._claimed(path)
            self.interrupt.pause(SETTLE_S)
            self.flush_input()
            if self._was_lost:
                _LOG.info("port %s is back", self._identity)
                self._was_lost = False

    def _claimed(self, path: str) -> serial.Serial:
        """Whoever ended a moment ago may still hold it."""
        patience_s = time.monotonic() + HELD_S
        while True:
            try:
                return serial.Serial(path, self._baud, timeout=0, write_timeout=0, exclusive=True)
            except (serial.SerialException, OSError, termios.error) as error:
                if getattr(error, "errno", None) != errno.EAGAIN or time.monotonic() >= patience_s:
                    raise DeviceError(
                        fault_of_opening(error), _reason(error), CompletionCode.DEVICE_NOT_READY
                    ) from error
            self.interrupt.pause(HELD_AGAIN_S)

    def close(self) -> None:
        """End the running command, then close. Safe from any thread and more than once."""
        self.interrupt.shut()
        with self.interrupt.alone():
            self._drop()

    def cancel(self) -> None:
        """End the running command; its wait raises CANCELED."""
        self.interrupt.cancel()

    def set_baud(self, baud: int) -> None:
        """Go on at another speed; what was under way is thrown away. :raises DeviceError: DEV-004, DEV-005."""
        with self._lost_is_named() as line:
            line.baudrate = baud
            self._baud = baud
            self.interrupt.pause(SETTLE_S)
        self.flush_input()

    def flush_input(self) -> None:
        """Forget what arrived unasked. :raises DeviceError: DEV-004."""
        with self._lost_is_named() as line:
            if tap.is_watched():
                # What is thrown away tells a technician most: a late, doubled or unasked answer.
                tap.heard(bytes(line.read(line.in_waiting)))
            line.reset_input_buffer()
        self._echo.clear()

    def write(self, data: bytes) -> None:
        """Send all bytes within `bytes * 10 / baud * 2 + 2 s`.

        :raises DeviceError: DEV-002 when the device does not take them, DEV-004, or CANCELED.
        """
        deadline_s = time.monotonic() + len(data) * BITS_PER_BYTE / self._baud * 2 + 2
        left = memoryview(data)
        with self._lost_is_named() as line:
            while left:
                if not self.interrupt.wait(None, deadline_s - time.monotonic(), writable=line.fileno()):
                    raise DeviceError(faults.DEV_SILENT, "takes no bytes", CompletionCode.TIME_OUT)
                left = left[line.write(left[:WRITE_SLICE_BYTES]) or 0 :]
        if self._identity.echoes:
            self._echo += data
        tap.sent(data)

    def read_available(self, timeout_s: float) -> bytes:
        """What has arrived, waiting for the first byte at most `timeout_s`; empty when none came.

        :raises DeviceError: DEV-004 or CANCELED.
        """
        end_s = time.monotonic() + timeout_s
        while True:
            with self._lost_is_named() as line:
                if not self.interrupt.wait(line.fileno(), end_s - time.monotonic()):
                    return b""
                heard = bytes(line.read(line.in_waiting or 1))
            if data := self._without_echo(heard):
                tap.heard(data)
                return data

    def _without_echo(self, heard: bytes) -> bytes:
        """Bytes that come back as they were sent are no answer; the first one that differs ends the echo."""
        same = 0
        while same < min(len(heard), len(self._echo)) and heard[same] == self._echo[same]:
            same += 1
        if same < len(heard):
            self._echo.clear()
        else:
            del self._echo[:same]
        return heard[same:]

    def check_alive(self) -> None:
        """Ask the kernel whether the port still exists. :raises DeviceError: DEV-004."""
        with self._lost_is_named() as line:
            _ = line.in_waiting

    @contextlib.contextmanager
    def _lost_is_named(self) -> Iterator[serial.Serial]:
        """The one place where a vanished device becomes DEV-004; logged once a loss."""
        if self._serial is None:
            raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)
        try:
            yield self._serial
        except (serial.SerialException, OSError, termios.error) as error:
            self._drop()
            if not self._was_lost:
                _LOG.warning("port %s lost: %s", self._identity, _reason(error))
                self._was_lost = True
            raise DeviceError(faults.DEV_LOST, _reason(error)) from error

    def _drop(self) -> None:
        line, self._serial = self._serial, None
        if line is not None:
            # A vanished device may refuse even this; there is nothing left to save.
            with contextlib.suppress(serial.SerialException, OSError, termios.error):
                # Closing alone leaves the lock with a process that is being started, until it is another program.
                fcntl.flock(line.fileno(), fcntl.LOCK_UN)
            with contextlib.suppress(serial.SerialException, OSError, termios.error):
                line.close()


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
