"""One ESC/POS printer's return channel: every byte that comes back is told apart before it counts."""

from __future__ import annotations

import time

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.codec.escpos import jobs
from drivers.codec.escpos import status as bits
from drivers.transport.serial_port import SerialPort

ANSWER_S = 0.4
"""Real-time answers come within 20 ms; the rest is for a job's bytes that are still on the way."""
SILENCE_S = 0.12
"""Answers that were waiting one behind the other come within milliseconds."""
TRIES = 2
"""One lost byte is no lost printer."""


class Answers:
    """Asks and sorts. Real-time answers are returned; queued ones are kept until they are asked for."""

    def __init__(self, port: SerialPort, baud: int) -> None:
        self._port = port
        self._byte_s = 10 / baud
        self._sorter = bits.Sorter()
        self._queued: list[int] = []
        self._heard_queued_s = 0.0

    def forget(self) -> None:
        """Throw away whatever came unasked. :raises DeviceError: DEV-004 or CANCELED."""
        self._port.flush_input()
        self._sorter.forget()
        self._queued.clear()

    def ask(self, query: int, in_flight_bytes: int = 0) -> int:
        """The answer to DLE EOT `query`.

        :param in_flight_bytes: bytes that may still be on the wire before the question.
        :raises DeviceError: DEV-002 silent, DEV-003 only noise, DEV-004 lost, or CANCELED.
        """
        noise = False
        for attempt in range(TRIES):
            self._port.write(jobs.status_query(query))
            answer, heard_noise = self._real_time(ANSWER_S + in_flight_bytes * self._byte_s)
            if answer is not None:
                return answer if attempt == 0 else self._last_of(answer)
            noise = noise or heard_noise
            # A status comes in one piece: after so long a silence its end will not come, and a spoiled answer
            # that only looked like the beginning of one must not spoil the next.
            self._sorter.forget()
        if noise:
            raise DeviceError(faults.DEV_GARBLED, f"DLE EOT {query}", CompletionCode.HARDWARE_ERROR)
        raise DeviceError(faults.DEV_SILENT, f"DLE EOT {query}", CompletionCode.TIME_OUT)

    def state(self, in_flight_bytes: int = 0) -> bits.PrinterBits:
        """All four real-time answers. :raises DeviceError: as `ask`."""
        return bits.decode({query: self.ask(query, in_flight_bytes) for query in bits.QUERIES})

    def queued(self, timeout_s: float) -> bits.QueuedPaper | None:
        """The next answer to a queued question, or None. :raises DeviceError: DEV-004 or CANCELED."""
        deadline_s = time.monotonic() + timeout_s
        while not self._queued:
            data = self._port.read_available(deadline_s - time.monotonic())
            if not data:
                return None
            self._keep_queued(data)
        return bits.decode_queued(self._queued.pop(0))

    def drop_surplus(self) -> None:
        """Wait until nothing more can follow the last queued answer, and forget what did.

        For when no answer is owed. While a slip is on the wire this costs nothing: the wire goes on meanwhile.

        :raises DeviceError: DEV-004 or CANCELED.
        """
        while (left_s := self._heard_queued_s + SILENCE_S - time.monotonic()) > 0:
            self._keep_queued(self._port.read_available(left_s))
        self._queued.clear()

    def text(self, n: int) -> str | None:
        """The answer to GS I `n`; None when none came. For a printer that has nothing else to do.

        :raises DeviceError: DEV-004 or CANCELED.
        """
        self.forget()
        self._port.write(jobs.who_are_you(n))
        heard = b""
        deadline_s = time.monotonic() + ANSWER_S
        while (found := bits.text_in(heard)) is None:
            data = self._port.read_available(deadline_s - time.monotonic())
            if not data:
                return None
            heard = (heard + data)[-bits.LONGEST_TEXT_BYTES :]
        return found

    def _real_time(self, timeout_s: float) -> tuple[int | None, bool]:
        """The first real-time byte and whether noise was heard."""
        noise = False
        deadline_s = time.monotonic() + timeout_s
        while True:
            data = self._port.read_available(deadline_s - time.monotonic())
            if not data:
                return None, noise or self._sorter.is_broken_off
            heard = self._keep_queued(data)
            noise = noise or any(kind is bits.ByteKind.NOISE for _byte, kind in heard)
            for byte, kind in heard:
                if kind is bits.ByteKind.REAL_TIME and not noise:
                    return byte, noise

    def _last_of(self, answer: int) -> int:
        """After a repeated question: a late answer to the first must not be taken for the next question's."""
        while (later := self._real_time(SILENCE_S)[0]) is not None:
            answer = later
        return answer

    def _keep_queued(self, data: bytes) -> list[tuple[int, bits.ByteKind]]:
        """What was heard, told apart; an automatic status is no answer to anything."""
        heard = self._sorter.sorted(data)
        found = [byte for byte, kind in heard if kind is bits.ByteKind.QUEUED]
        if found:
            self._heard_queued_s = time.monotonic()
            self._queued.extend(found)
        return heard
