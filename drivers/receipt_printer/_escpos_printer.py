"""The driver of every ESC/POS receipt printer on a serial line (also USB adapters that are one).

What one kind of printer does differently is its `Make`; a model's file is a `Make` and nothing more.

"Printed" is said only when the printer answered the question that was queued behind the cut. Silence is never
"fine": a printer that does not answer is offline, its paper unknown. After a job that did not end well the
printer's buffers are cleared, so that nothing comes out when nobody stands there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceIdentity,
    DeviceStatus,
    PaperSupply,
    PrintProof,
    PrintResult,
    ReceiptRow,
    SlipsLeft,
    TextRow,
)
from drivers.codec.escpos import jobs
from drivers.codec.escpos.length import paper_dots
from drivers.codec.escpos.status import OFFLINE_QUERY, PAPER_QUERY, PrinterBits, QueuedPaper, decode
from drivers.faults import Fault
from drivers.receipt_printer._answers import SILENCE_S, Answers
from drivers.receipt_printer._make import Make, options
from drivers.receipt_printer._paper_left import LEAST_MM, MOST_MM, PaperLeft
from drivers.receipt_printer._states import blocking_fault, paper_of, refuse, status_of, unreachable
from drivers.transport.serial_port import PortIdentity, SerialPort

_LOG = logging.getLogger(__name__)

SETTINGS = (
    "port", "baud", "width_dots", "smooth_from_scale", "font", "font_face", "bold_font", "bold_font_face",
    "queued_status", "near_end_least_mm", "near_end_most_mm",
)  # fmt: skip
COMPLETION_GRACE_S = 5.0
"""Beyond the time the bytes take: 200 mm at 75 mm/s, the cut, and a warm head's pauses."""
GRACE_DOTS = 1600
SLOWEST_DOTS_PER_S = 400
"""For each dot row beyond `GRACE_DOTS`: 50 mm/s."""
BARRIER_S = 1.5
POLL_EVERY_S = 0.3
CHECK_EVERY_BYTES = 6144
KERNEL_BUFFER_BYTES = 4096
"""What the operating system may still hold when `write` has returned."""
RECOVER_EVERY_S = 10.0
"""A cutter that was freed by hand moves again only when it is told to; a blocked one is not made to grind."""


class EscposPrinter:
    """drivers.api.ReceiptPrinter. One thread runs commands; `cancel` and `close` may come from another."""

    def __init__(self, table: Mapping[str, object], make: Make) -> None:
        """`port`, `baud` (115200), `width_dots`, `smooth_from_scale` (3), `font`, `font_face`, `bold_font`,
        `bold_font_face`; `queued_status` (true; false: it leaves the queued question unanswered, so that no slip is
        ever proved); `near_end_least_mm` and `near_end_most_mm`: what the near-end sensor leaves of the roll.

        :raises ValueError: an unknown or unusable setting.
        """
        settings.only(table, *SETTINGS)
        self._make = make
        self._baud = settings.whole(table, "baud", 115200)
        self._port = SerialPort(PortIdentity.parse(settings.text(table, "port")), self._baud)
        self._answers = Answers(self._port, self._baud)
        self._options = options(table, make)
        self._is_asked_in_turn = settings.flag(table, "queued_status", True)
        self._paper_left = PaperLeft(
            settings.whole(table, "near_end_least_mm", LEAST_MM), settings.whole(table, "near_end_most_mm", MOST_MM)
        )
        self._owed = 0
        """Queued questions not answered: an answer may still come and must not be taken for a later job's."""
        self._unconfirmed = False
        """A cancelled job's bytes may still be on the way to the printer, before what is asked now."""
        self._piece_hangs = False
        """A job was broken off: what is printed of it hangs at the head and is cut off before the next slip."""
        self._recovered_s = float("-inf")

    # --- drivers.api.Device ---

    def open(self) -> None:
        """Open the port and have DLE EOT answered. :raises DeviceError:"""
        self._port.open()
        self._paper_left.forget()
        try:
            with self._port.interrupt.command():
                self._answers.forget()
                # All four: one byte of noise looks like an answer once in sixteen times.
                self._state()
                self._silence()
        except DeviceError:
            self._port.close()
            raise

    def status(self) -> DeviceStatus:
        """Four real-time questions. Never raises; silence is OFFLINE with paper UNKNOWN."""
        try:
            with self._port.interrupt.command():
                self._answers.forget()
                state = self._state()
        except DeviceError as error:
            return unreachable(error)
        left = self._paper_left.slips()
        return status_of(state, None if left is None else left.least)

    def cancel(self) -> None:
        self._port.cancel()

    def reset(self) -> None:
        """Forget a broken job and have the printer answer. :raises DeviceError:"""
        with self._port.interrupt.command():
            self._port.write(jobs.CLEAR_BUFFERS)
            self._answers.forget()
            self._answers.ask(OFFLINE_QUERY)

    def close(self) -> None:
        self._port.close()

    def identity(self) -> DeviceIdentity:
        """GS I; empty for a printer that does not answer it, or stands still. :raises DeviceError: it is silent."""
        with self._port.interrupt.command():
            self._answers.forget()
            # GS I waits in the buffer: while the printer stands still its answer would come much later.
            if not self._make.tells_who_it_is or self._state().offline:
                return DeviceIdentity()
            product = self._answers.text(jobs.MODEL_NAME)
            if product is None:
                self._clear()
                return DeviceIdentity()
            firmware, serial = (self._answers.text(n) or "" for n in (jobs.FIRMWARE, jobs.SERIAL_NUMBER))
            return DeviceIdentity(product, firmware, serial)

    # --- drivers.api.ReceiptPrinter ---

    def print_receipt(self, rows: Sequence[ReceiptRow], *, copy_no: int = 1) -> PrintResult:
        """Print, cut, and wait for the proof.

        :param copy_no: 2 and more print `#2` at the foot, besides the caller's own words for a copy.
        :raises DeviceError: before any byte of the slip was sent; or CANCELED, after which the
            printer has forgotten the rest.
        """
        job = self._job(rows, copy_no)
        sent = False
        try:
            with self._port.interrupt.command():
                self._answers.forget()
                refuse(self._state())
                self._barrier()
                sent = True
                return self._run(job)
        except DeviceError as error:
            if not sent:
                raise
            return self._broken_off(error)

    def slips_left(self) -> SlipsLeft | None:
        """drivers.api.PaperForecast."""
        return self._paper_left.slips()

    # --- before a slip ---

    def _job(self, rows: Sequence[ReceiptRow], copy_no: int) -> tuple[bytes, ...]:
        mark = (TextRow(f"#{copy_no}", align="right"),) if copy_no > 1 else ()
        try:
            commands = jobs.encode((*rows, *mark), self._options)
        except ValueError as error:
            raise DeviceError(faults.PRN_ERROR, str(error), CompletionCode.INVALID_DATA) from error
        return (*commands, self._make.end_of_slip)

    def _state(self) -> PrinterBits:
        """All four answers; they also say that a cancelled job's end was heard. :raises DeviceError:"""
        state = self._answers.state(KERNEL_BUFFER_BYTES if self._unconfirmed else 0)
        self._unconfirmed = False
        if state.cutter_error and time.monotonic() - self._recovered_s >= RECOVER_EVERY_S:
            # Epson: after the cause is removed the printer waits for DLE ENQ 2. A hand frees it, nobody sends this.
            self._recovered_s = time.monotonic()
            self._port.write(jobs.CLEAR_BUFFERS)
            state = self._answers.state()
        self._paper_left.saw(paper_of(state), cover_open=state.cover_open)
        return state

    def _barrier(self) -> None:
        """Have everything that is still queued processed and answered, so that the next proof is this job's.

        A printer that leaves the question unanswered gets its job all the same; its proof will be missing, not wrong.
        """
        if not self._is_asked_in_turn:
            return
        owed_before = self._owed
        self._ask_in_turn()
        if self._answers.queued(BARRIER_S) is None:
            _LOG.warning("the receipt printer leaves %d queued questions unanswered", self._owed)
            return
        # What is still owed came, or will never: answers keep their order.
        while owed_before and self._answers.queued(SILENCE_S) is not None:
            pass
        self._owed = 0

    def _ask_in_turn(self) -> None:
        if self._owed == 0:
            self._answers.drop_surplus()
        # Each time: a printer switched on in the middle, and ESC @ of the slip, bring its switches' choice back.
        self._silence()
        self._port.write(self._make.queued_question)
        self._owed += 1

    def _silence(self) -> None:
        """Have nothing reported unasked, in its turn. :raises DeviceError:"""
        if self._make.reports_unasked:
            self._port.write(jobs.AUTOMATIC_STATUS_OFF)

    # --- the slip ---

    def _run(self, job: tuple[bytes, ...]) -> PrintResult:
        """Send and wait. :raises DeviceError: DEV-004 or CANCELED in the middle of it."""
        if self._piece_hangs:
            job = (jobs.INIT, self._make.end_of_slip, *job)
        # What was not proved may have been printed all the same: a forecast must not promise it.
        dots = paper_dots(job) + self._make.cutter_way_dots * job.count(self._make.end_of_slip)
        self._paper_left.used(dots)
        result = self._send(job) or self._proof(dots)
        # A printer that is never asked in its turn can only leave it open; that alone is no broken job.
        unasked = result.fault is faults.PRN_UNKNOWN and not self._is_asked_in_turn
        self._piece_hangs = result.proof is not PrintProof.PROVED and not unasked
        if self._piece_hangs:
            self._clear()
        return result

    def _send(self, job: tuple[bytes, ...]) -> PrintResult | None:
        """All commands, looking for faults in between; a result when the printer stopped early."""
        unchecked = in_buffer = began = 0
        for at, command in enumerate(job):
            if self._is_asked_in_turn and 0 < self._make.buffer_bytes < in_buffer + len(command):
                answered = self._asked_and_answered(in_buffer, paper_dots(job[began:at]))
                if isinstance(answered, PrintResult):
                    return answered
                unchecked, in_buffer, began = 0, 0, at
            self._port.write(command)
            unchecked += len(command)
            in_buffer += len(command)
            if unchecked >= CHECK_EVERY_BYTES:
                if (stopped := self._look(unchecked)) is not None:
                    return stopped
                unchecked = 0
        return None

    def _proof(self, dots: int) -> PrintResult:
        answered = self._asked_and_answered(KERNEL_BUFFER_BYTES, dots)
        return answered if isinstance(answered, PrintResult) else self._proved(answered)

    def _asked_and_answered(self, in_flight_bytes: int, dots: int) -> QueuedPaper | PrintResult:
        """The answer of the printer that everything so far was processed, or why it did not come."""
        if self._is_asked_in_turn:
            self._ask_in_turn()
        grace_s = COMPLETION_GRACE_S + max(0, dots - GRACE_DOTS) / SLOWEST_DOTS_PER_S
        deadline_s = time.monotonic() + in_flight_bytes * 10 / self._baud + grace_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            paper = self._answers.queued(min(POLL_EVERY_S, left_s))
            if paper is not None:
                self._owed -= 1
                if self._owed == 0:
                    return paper
                continue
            if (stopped := self._look(KERNEL_BUFFER_BYTES)) is not None:
                return stopped
        return PrintResult(PrintProof.UNKNOWN, self._why_late())

    def _why_late(self) -> Fault:
        """A head that cools is a reason that the next slip may wait for; silence is none."""
        try:
            hot = self._answers.state().head_hot
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            hot = False
        return faults.PRN_HEAD_HOT if hot else faults.PRN_UNKNOWN

    def _look(self, in_flight_bytes: int) -> PrintResult | None:
        """Did the printer stop for a reason that it cannot leave by itself? Silence proves nothing yet."""
        try:
            return self._stopped_by(self._glance(in_flight_bytes, OFFLINE_QUERY))
        except DeviceError as error:
            if error.fault in _UNHEARD:
                return None
            raise

    def _glance(self, in_flight_bytes: int, *queries: int) -> PrinterBits:
        """While all is well a question or two: each costs the line its way there and back. :raises DeviceError:"""
        state = decode({query: self._answers.ask(query, in_flight_bytes) for query in queries})
        return self._answers.state(in_flight_bytes) if state.offline or state.paper_out else state

    def _stopped_by(self, state: PrinterBits) -> PrintResult | None:
        fault = blocking_fault(state)
        if fault is None or fault is faults.PRN_HEAD_HOT:
            return None
        self._paper_left.saw(paper_of(state), cover_open=state.cover_open)
        return PrintResult(_STOPPED.get(fault.code, PrintProof.UNKNOWN), fault, paper_of(state))

    def _proved(self, answer: QueuedPaper) -> PrintResult:
        """Everything before the question was processed. The paper must not have ended meanwhile.

        And the line must still carry sense: one byte of noise looks like that answer once in four times.
        """
        if answer.out:
            self._paper_left.saw(PaperSupply.OUT)
            return PrintResult(PrintProof.UNKNOWN, faults.PRN_PAPER_OUT, PaperSupply.OUT)
        try:
            stopped = self._stopped_by(self._glance(0, OFFLINE_QUERY, PAPER_QUERY))
        except DeviceError as error:
            if error.fault not in _UNHEARD:
                raise
            return PrintResult(PrintProof.UNKNOWN, error.fault)
        if stopped is not None:
            return PrintResult(PrintProof.UNKNOWN, stopped.fault, stopped.paper)
        paper = PaperSupply.LOW if answer.low else PaperSupply.FULL
        self._paper_left.saw(paper)
        return PrintResult(PrintProof.PROVED, None, paper)

    # --- after a slip that did not end well ---

    def _clear(self) -> None:
        """Have the rest forgotten; the answer to the question behind it says that the printer has heard it."""
        self._port.write(jobs.CLEAR_BUFFERS)
        try:
            self._answers.ask(OFFLINE_QUERY, KERNEL_BUFFER_BYTES)
        except DeviceError as error:
            if error.fault not in _UNHEARD:
                raise
            _LOG.warning("the receipt printer did not confirm that it forgot a broken slip: %s", error)

    def _broken_off(self, error: DeviceError) -> PrintResult:
        """The line was lost or the command cancelled in the middle of a job."""
        self._piece_hangs = True
        if error.completion is not CompletionCode.CANCELED:
            return PrintResult(PrintProof.UNKNOWN, error.fault)
        try:
            # Not waited for: whoever cancels has a deadline. The next question's answer confirms it.
            with self._port.interrupt.command():
                self._unconfirmed = True
                self._port.write(jobs.CLEAR_BUFFERS)
        except DeviceError as failed:
            _LOG.warning("the cancelled slip could not be cleared: %s", failed)
        raise error


_UNHEARD = (faults.DEV_SILENT, faults.DEV_GARBLED)
_STOPPED: Mapping[str, PrintProof] = {
    faults.PRN_PAPER_OUT.code: PrintProof.NOT_PRINTED,
    faults.PRN_COVER.code: PrintProof.NOT_PRINTED,
    # The cutter comes last: the text may all be on the paper that hangs there.
    faults.PRN_CUTTER.code: PrintProof.UNKNOWN,
    faults.PRN_ERROR.code: PrintProof.UNKNOWN,
}
