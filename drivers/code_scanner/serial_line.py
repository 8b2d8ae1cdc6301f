"""Code scanner that writes each code as a line on a serial port (USB-CDC or RS-232).

Keyboard mode is refused on purpose: it types into whatever field has the focus. Such a scanner has no
common question to ask, so `open` proves only that the port exists and nobody else holds it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from drivers import settings
from drivers.api import CodeScanner, DeviceError, DeviceState, DeviceStatus, ScannedCode
from drivers.codec import scanner_wire
from drivers.codec.scanner_line import LineAssembler, decode_code
from drivers.transport.serial_port import PortIdentity, SerialPort

SILENCE_S = 0.1
"""A scanner without a suffix has finished its code after this pause."""
DRAIN_S = 2.0
"""The longest code at 9600 baud has passed by then, nearly always; a scanner that never stops is cut off."""


class SerialLineScanner:
    """See `drivers.api.CodeScanner`. Settings: `port`, `baud` (default 9600).

    A code that was shown between two readings is delivered by the next one; after `cancel`, `reset` or
    `open` everything older is thrown away, so that no code of one resident reaches the next.
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "baud")
        self._port = SerialPort(PortIdentity.parse(settings.text(table, "port")), settings.whole(table, "baud", 9600))
        self._assembler = LineAssembler()
        self._codes: list[bytes] = []
        self._stale = False

    def open(self) -> None:
        """:raises DeviceError: DEV-001."""
        self._port.open()
        self._forget()

    def status(self) -> DeviceStatus:
        with self._port.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY)
            try:
                self._port.check_alive()
            except DeviceError as error:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({error.fault.code}))
            return DeviceStatus(DeviceState.ONLINE)

    def cancel(self) -> None:
        self._stale = True
        self._port.cancel()

    def reset(self) -> None:
        """:raises DeviceError: DEV-004."""
        with self._port.interrupt.command():
            self._drain()

    def close(self) -> None:
        self._port.close()

    def read(self, timeout_s: float) -> ScannedCode | None:
        """:raises DeviceError: SCN-001 unreadable, DEV-004, DEV-005."""
        deadline_s = time.monotonic() + timeout_s
        with self._port.interrupt.command():
            if self._stale:
                self._drain()
            while not self._codes:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 and not self._assembler.pending:
                    return None
                self._listen(SILENCE_S if self._assembler.pending else left_s)
            return decode_code(self._codes.pop(0))

    def _listen(self, timeout_s: float) -> None:
        chunk = self._port.read_available(timeout_s)
        self._codes += self._assembler.feed(chunk) if chunk else self._assembler.silence()

    def _drain(self) -> None:
        """Throw away what is there and the rest of a code that is still arriving."""
        end_s = time.monotonic() + DRAIN_S
        while self._port.read_available(SILENCE_S) and time.monotonic() < end_s:
            pass
        self._forget()

    def _forget(self) -> None:
        self._stale = False
        self._codes.clear()
        self._assembler = LineAssembler()


DESCRIBE = scanner_wire.describe


def DRIVER(table: Mapping[str, object]) -> CodeScanner:
    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""
    return SerialLineScanner(table)
