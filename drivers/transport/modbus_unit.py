"""One Modbus RTU unit on a line that it may share with others: a question, its answer, named errors."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.codec.modbus import Answer, Question, answer_in, silence_s, what_was_heard, without_echo
from drivers.transport.serial_port import BITS_PER_BYTE, PortIdentity, SerialPort
from drivers.transport.shared_port import Seat, SharedPort

ANSWER_S = 0.5
"""How long a board may think; good ones answer within 20 ms."""
BROKEN_S = 0.1
"""An answer that stopped for this long does not go on."""
BUSY_PAUSE_S = 0.1
LATE_S = 2.0
"""How long after its time an answer may still come; RTU has no number that would tell whose it is."""
_AGAIN = (faults.DEV_SILENT, faults.DEV_GARBLED, faults.BRD_BUSY)
_REFUSALS = {
    1: (faults.BRD_REFUSED, "knows no such function"),
    2: (faults.BRD_REFUSED, "has no such address"),
    3: (faults.BRD_REFUSED, "takes no such value"),
    5: (faults.BRD_BUSY, "needs longer"),
    6: (faults.BRD_BUSY, "is busy"),
    10: (faults.DEV_SILENT, "gateway has no path to the unit"),
    11: (faults.DEV_SILENT, "gateway hears nothing of the unit"),
}
"""Exception code -> fault (application protocol V1.1b3, chapter 7); all others are failures of the board."""


class ModbusUnit:
    """See the module. One thread asks; `cancel` and `close` may come from another.

    :param purpose: what the unit is here; two devices may share a unit only for different purposes.
    :raises ValueError: a port that is none, or another speed than the line's other devices have.
    """

    def __init__(self, port: str, baud: int, unit: int, purpose: str) -> None:
        self.unit = unit
        self._line = SharedPort.at(PortIdentity.parse(port), baud)
        self._seat = Seat(self._line, f"{purpose} {unit}")

    @property
    def is_open(self) -> bool:
        return self._seat.is_open

    @property
    def is_busy(self) -> bool:
        return self._seat.is_busy

    def open(self) -> None:
        """Open the line if no other device has. Nothing is asked yet. :raises DeviceError: DEV-001."""
        self._seat.open()

    def close(self) -> None:
        self._seat.close()

    def cancel(self) -> None:
        self._seat.cancel()

    @contextlib.contextmanager
    def command(self) -> Iterator[None]:
        """Several questions that one cancel ends. :raises DeviceError: DEV-004, DEV-005."""
        with self._seat.command():
            yield

    def ask(self, question: Question) -> Answer:
        """Ask, and once more when the answer is missing, spoiled, or says busy.

        :raises DeviceError: BRD-001…003 as the board refuses, DEV-002…005.
        """
        with self._seat.command() as port:
            try:
                return self._exchange(port, question)
            except DeviceError as error:
                if error.fault not in _AGAIN:
                    raise
                if error.fault is faults.BRD_BUSY:
                    port.interrupt.pause(BUSY_PAUSE_S)
            return self._exchange(port, question)

    def _let_late_answers_pass(self, port: SerialPort, question: Question) -> None:
        """An answer of the same kind to another question would be taken for this one's."""
        frame, until_s = self._line.unanswered.get(_kind(question), (question.frame, 0.0))
        if frame != question.frame:
            del self._line.unanswered[_kind(question)]
            port.interrupt.pause(until_s - time.monotonic())

    def _exchange(self, port: SerialPort, question: Question) -> Answer:
        self._let_late_answers_pass(port, question)
        port.interrupt.pause(self._line.quiet_from_s + silence_s(self._line.baud) - time.monotonic())
        port.flush_input()
        port.write(question.frame)
        self._seat.moved()
        answer = self._listen(port, question)
        if answer.refusal:
            fault, text = _REFUSALS.get(answer.refusal, (faults.BRD_FAILED, "has failed"))
            detail = f"unit {self.unit} {text} (function {question.function}, exception {answer.refusal})"
            raise DeviceError(fault, detail, CompletionCode.COMMAND_ERROR_CODE)
        return answer

    def _listen(self, port: SerialPort, question: Question) -> Answer:
        wire_s = (len(question.frame) * 2 + question.answer_bytes) * BITS_PER_BYTE / self._line.baud
        deadline_s = time.monotonic() + wire_s + ANSWER_S
        heard, rest = bytearray(), b""
        while True:
            now_s = time.monotonic()
            wait_s = min(deadline_s - now_s, BROKEN_S) if rest else deadline_s - now_s
            data = port.read_available(wait_s)
            if not data:
                raise self._no_answer(question, rest)
            self._seat.moved()
            heard += data
            rest = without_echo(question, bytes(heard))
            answer = answer_in(question, rest)
            if answer is not None:
                return answer
            if time.monotonic() >= deadline_s:
                raise self._no_answer(question, rest)

    def _no_answer(self, question: Question, rest: bytes) -> DeviceError:
        self._line.unanswered[_kind(question)] = (question.frame, time.monotonic() + LATE_S)
        if not rest:
            return DeviceError(faults.DEV_SILENT, f"unit {self.unit} does not answer", CompletionCode.TIME_OUT)
        return DeviceError(faults.DEV_GARBLED, what_was_heard(question, rest))


def _kind(question: Question) -> tuple[int, int, int]:
    return question.unit, question.function, question.answer_bytes
