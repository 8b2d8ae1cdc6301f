"""What every serial code scanner shares: codes out of a line, and none of one resident left for the next."""

from __future__ import annotations

import time
from collections import deque

from drivers.api import DeviceError, DeviceState, DeviceStatus, ScannedCode
from drivers.codec.scanner.line import LineAssembler, decode_code, is_utf8
from drivers.codec.scanner.replies import ANSWER_S, EchoFilter, Family, Reply, StreamSplitter
from drivers.transport.serial_port import PortIdentity, SerialPort

SILENCE_S = 0.1
"""A scanner without a suffix has finished its code after this pause."""
DRAIN_S = 2.0
"""The longest code at 9600 baud has passed by then, nearly always; a scanner that never stops is cut off."""
MAX_WAITING = 32
"""More codes than anyone shows between two readings; the oldest are forgotten."""


class LineReader:
    """Reads codes; with a `family`, command replies are parted from them first.

    A code that was shown between two readings is delivered by the next one; after `cancel`, `reset` or
    `open` everything older is thrown away, so that no code of one resident reaches the next.
    """

    def __init__(self, port: str, baud: int, family: Family | None = None) -> None:
        self._port = SerialPort(PortIdentity.parse(port), baud)
        self._family = family
        self._codes: deque[bytes] = deque(maxlen=MAX_WAITING)
        self._replies: deque[Reply] = deque(maxlen=MAX_WAITING)
        self._stale = False
        self._assembler = LineAssembler()
        self._splitter = StreamSplitter(family) if family else None
        self._echo = EchoFilter()

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
            return self._await_code(deadline_s)

    def _await_code(self, deadline_s: float) -> ScannedCode | None:
        while not self._codes:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 and not self._pending:
                return None
            self._listen(left_s)
        return decode_code(self._codes.popleft())

    def _listen(self, timeout_s: float) -> int:
        """Take what arrives within `timeout_s`, or within the silence that ends a code; how many bytes came.

        A reply that has begun has the time of an answer for its rest, even when nobody waits for it any more: its
        rest would pass for a code.
        """
        if self._splitter is not None and self._splitter.in_reply:
            timeout_s = ANSWER_S
        elif self._pending:
            timeout_s = SILENCE_S
        chunk = self._take(timeout_s)
        if self._splitter is None:
            self._codes += self._assembler.feed(chunk) if chunk else self._assembler.silence()
            return len(chunk)
        for piece in self._splitter.feed(chunk) if chunk else self._splitter.silence():
            self._sort(piece)
        if not chunk:
            self._keep(self._assembler.silence())
        return len(chunk)

    def _take(self, timeout_s: float) -> bytes:
        """What arrives, without the echo of what was sent."""
        end_s = time.monotonic() + timeout_s
        while raw := self._port.read_available(end_s - time.monotonic()):
            if chunk := self._echo.feed(raw):
                return chunk
            end_s = max(end_s, time.monotonic() + SILENCE_S)
        return self._echo.feed(b"")

    def _send(self, data: bytes) -> None:
        self._port.write(data)
        self._echo.sent(data)

    def _sort(self, piece: bytes | Reply | None) -> None:
        if isinstance(piece, bytes):
            self._keep(self._assembler.feed(piece))
        elif piece is None:
            self._assembler = LineAssembler()  # what stood before a spoiled reply may be a part of it
        else:
            self._replies.append(piece)
            # A scanner never answers within a code. Noise before an answer is no code without its end, either.
            self._keep([line for line in self._assembler.silence() if is_utf8(line)])

    def _keep(self, lines: list[bytes]) -> None:
        self._codes += (line for line in lines if self._family is None or not self._family.is_debris(line))

    @property
    def _pending(self) -> bool:
        return self._assembler.pending or (self._splitter is not None and self._splitter.pending)

    def _drain(self) -> None:
        """Throw away what is there and the rest of a code that is still arriving."""
        end_s = time.monotonic() + DRAIN_S
        while self._port.read_available(SILENCE_S) and time.monotonic() < end_s:
            pass
        self._forget()

    def _forget(self) -> None:
        self._stale = False
        self._codes.clear()
        self._replies.clear()
        self._assembler = LineAssembler()
        self._splitter = StreamSplitter(self._family) if self._family else None
        self._echo = EchoFilter()
