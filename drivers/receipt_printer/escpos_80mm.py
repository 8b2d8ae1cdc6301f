"""Driver for 80 mm ESC/POS receipt printers on a serial line (also USB adapters that are one).

"Printed" is said only when the printer answered the GS r 1 that was queued behind the cut. Silence is
never "fine": a printer that does not answer is offline, its paper unknown. After a job that did not
end well the printer's buffers are cleared, so that nothing comes out when nobody stands there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    PaperSupply,
    PrintProof,
    PrintResult,
    ReceiptRow,
    TextRow,
)
from drivers.codec import escpos, escpos_wire
from drivers.codec.escpos_fonts import DEFAULT_BOLD, DEFAULT_REGULAR, FontBook, FontFace
from drivers.codec.escpos_status import OFFLINE_QUERY, PrinterBits
from drivers.faults import Fault
from drivers.receipt_printer._answers import SILENCE_S, Answers
from drivers.transport.serial_port import PortIdentity, SerialPort

_LOG = logging.getLogger(__name__)

SETTINGS = ("port", "baud", "width_dots", "smooth_from_scale", "font", "font_face", "bold_font", "bold_font_face")
COMPLETION_GRACE_S = 5.0
"""Beyond the time the bytes take: 200 mm at 75 mm/s, the cut, and a warm head's pauses."""
BARRIER_S = 1.5
POLL_EVERY_S = 0.3
CHECK_EVERY_BYTES = 6144
KERNEL_BUFFER_BYTES = 4096
"""What the operating system may still hold when `write` has returned."""


class Escpos80mm:
    """drivers.api.ReceiptPrinter. One thread runs commands; `cancel` and `close` may come from another."""

    def __init__(self, table: Mapping[str, object]) -> None:
        """`port`, `baud` (115200), `width_dots` (576), `smooth_from_scale` (3), `font`, `font_face`, `bold_font`,
        `bold_font_face`. :raises ValueError: an unknown or unusable setting.
        """
        settings.only(table, *SETTINGS)
        self._baud = settings.whole(table, "baud", 115200)
        self._port = SerialPort(PortIdentity.parse(settings.text(table, "port")), self._baud)
        self._answers = Answers(self._port, self._baud)
        self._options = escpos.EscposOptions(
            width_dots=settings.whole(table, "width_dots", 576),
            smooth_from_scale=settings.whole(table, "smooth_from_scale", 3),
            fonts=FontBook(
                (*_face(table, "font"), *DEFAULT_REGULAR),
                (*_face(table, "bold_font"), *DEFAULT_BOLD),
            ),
        )
        self._owed = 0
        """GS r 1 sent and not answered: an answer may still come and must not be taken for a later job's."""
        self._unconfirmed = False
        """A cancelled job's bytes may still be on the way to the printer, before what is asked now."""
        self._piece_hangs = False
        """A job was broken off: what is printed of it hangs at the head and is cut off before the next slip."""

    # --- drivers.api.Device ---

    def open(self) -> None:
        """Open the port and have DLE EOT answered. :raises DeviceError:"""
        self._port.open()
        try:
            with self._port.interrupt.command():
                self._answers.forget()
                # All four: one byte of noise looks like an answer once in sixteen times.
                self._state()
        except DeviceError:
            self._port.close()
            raise

    def status(self) -> DeviceStatus:
        """Four real-time questions. Never raises; silence is OFFLINE with paper UNKNOWN."""
        try:
            with self._port.interrupt.command():
                self._answers.forget()
                return status_of(self._state())
        except DeviceError as error:
            return _unreachable(error)

    def cancel(self) -> None:
        self._port.cancel()

    def reset(self) -> None:
        """Forget a broken job and have the printer answer. :raises DeviceError:"""
        with self._port.interrupt.command():
            self._port.write(escpos.CLEAR_BUFFERS)
            self._answers.forget()
            self._answers.ask(OFFLINE_QUERY)

    def close(self) -> None:
        self._port.close()

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
                _refuse(self._state())
                self._barrier()
                sent = True
                return self._run(job)
        except DeviceError as error:
            if not sent:
                raise
            return self._broken_off(error)

    def _job(self, rows: Sequence[ReceiptRow], copy_no: int) -> tuple[bytes, ...]:
        mark = (TextRow(f"#{copy_no}", align="right"),) if copy_no > 1 else ()
        try:
            commands = escpos.encode((*rows, *mark), self._options)
        except ValueError as error:
            raise DeviceError(faults.PRN_ERROR, str(error), CompletionCode.INVALID_DATA) from error
        return (*commands, escpos.FEED_AND_CUT, escpos.QUEUED_PAPER_STATUS)

    def _state(self) -> PrinterBits:
        """All four answers; they also say that a cancelled job's end was heard. :raises DeviceError:"""
        state = self._answers.state(KERNEL_BUFFER_BYTES if self._unconfirmed else 0)
        self._unconfirmed = False
        return state

    def _barrier(self) -> None:
        """Have everything that is still queued processed and answered, so that the next proof is this job's.

        A printer that answers no GS r gets its job all the same; its proof will be missing, not wrong.
        """
        self._port.write(escpos.QUEUED_PAPER_STATUS)
        if self._answers.queued(BARRIER_S) is None:
            self._owed += 1
            _LOG.warning("the receipt printer leaves %d queued questions unanswered", self._owed)
            return
        while self._answers.queued(SILENCE_S) is not None:
            pass
        self._owed = 0

    def _run(self, job: tuple[bytes, ...]) -> PrintResult:
        """Send and wait. :raises DeviceError: DEV-004 or CANCELED in the middle of it."""
        if self._piece_hangs:
            job = (escpos.INIT, escpos.FEED_AND_CUT, *job)
        length = sum(map(len, job))
        deadline_s = time.monotonic() + length * 10 / self._baud + COMPLETION_GRACE_S
        stopped = self._send(job)
        result = stopped or self._await_proof(deadline_s)
        self._piece_hangs = result.proof is not PrintProof.PROVED
        if self._piece_hangs:
            self._clear()
        return result

    def _send(self, job: tuple[bytes, ...]) -> PrintResult | None:
        """All commands, looking for faults in between; a result when the printer stopped early."""
        unchecked = 0
        for command in job:
            self._port.write(command)
            unchecked += len(command)
            if unchecked >= CHECK_EVERY_BYTES:
                if (stopped := self._look(unchecked)) is not None:
                    return stopped
                unchecked = 0
        self._owed += 1
        return None

    def _await_proof(self, deadline_s: float) -> PrintResult:
        while (left_s := deadline_s - time.monotonic()) > 0:
            paper = self._answers.queued(min(POLL_EVERY_S, left_s))
            if paper is not None:
                self._owed -= 1
                if self._owed == 0:
                    return self._proved(out=paper.out, low=paper.low)
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
            state = self._answers.state(in_flight_bytes)
        except DeviceError as error:
            if error.fault in (faults.DEV_SILENT, faults.DEV_GARBLED):
                return None
            raise
        fault = blocking_fault(state)
        if fault is None or fault is faults.PRN_HEAD_HOT:
            return None
        return PrintResult(_STOPPED.get(fault.code, PrintProof.UNKNOWN), fault, paper_of(state))

    def _proved(self, *, out: bool, low: bool) -> PrintResult:
        """GS r was answered: everything before it was processed. The paper must not have ended meanwhile."""
        if out:
            return PrintResult(PrintProof.UNKNOWN, faults.PRN_PAPER_OUT, PaperSupply.OUT)
        if (stopped := self._look(0)) is not None:
            return PrintResult(PrintProof.UNKNOWN, stopped.fault, stopped.paper)
        return PrintResult(PrintProof.PROVED, None, PaperSupply.LOW if low else PaperSupply.FULL)

    def _clear(self) -> None:
        """Have the rest forgotten; the answer to the question behind it says that the printer has heard it."""
        self._port.write(escpos.CLEAR_BUFFERS)
        try:
            self._answers.ask(OFFLINE_QUERY, KERNEL_BUFFER_BYTES)
        except DeviceError as error:
            if error.fault not in (faults.DEV_SILENT, faults.DEV_GARBLED):
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
                self._port.write(escpos.CLEAR_BUFFERS)
        except DeviceError as failed:
            _LOG.warning("the cancelled slip could not be cleared: %s", failed)
        raise error


_STOPPED: Mapping[str, PrintProof] = {
    faults.PRN_PAPER_OUT.code: PrintProof.NOT_PRINTED,
    faults.PRN_COVER.code: PrintProof.NOT_PRINTED,
    # The cutter comes last: the text may all be on the paper that hangs there.
    faults.PRN_CUTTER.code: PrintProof.UNKNOWN,
    faults.PRN_ERROR.code: PrintProof.UNKNOWN,
}


def holding_faults(state: PrinterBits) -> tuple[Fault, ...]:
    """Every fault that holds, the one that keeps a slip from coming out first."""
    table = (
        (state.cover_open, faults.PRN_COVER),
        (state.paper_out or state.stopped_by_paper_end, faults.PRN_PAPER_OUT),
        (state.cutter_error, faults.PRN_CUTTER),
        (state.unrecoverable_error, faults.PRN_ERROR),
        (state.head_hot, faults.PRN_HEAD_HOT),
    )
    holding = [fault for holds, fault in table if holds]
    if not holding and (state.error or state.recoverable_error or (state.offline and not state.feeding_by_button)):
        holding.append(faults.PRN_ERROR)
    if state.paper_low and faults.PRN_PAPER_OUT not in holding:
        holding.append(faults.PRN_PAPER_LOW)
    return tuple(holding)


def blocking_fault(state: PrinterBits) -> Fault | None:
    """The fault for which nothing can be printed now; low paper is none."""
    return next((fault for fault in holding_faults(state) if fault is not faults.PRN_PAPER_LOW), None)


def paper_of(state: PrinterBits) -> PaperSupply:
    if state.paper_out or state.stopped_by_paper_end:
        return PaperSupply.OUT
    return PaperSupply.LOW if state.paper_low else PaperSupply.FULL


_STATES: Mapping[str, DeviceState] = {
    faults.PRN_COVER.code: DeviceState.USER_ERROR,
    faults.PRN_PAPER_OUT.code: DeviceState.USER_ERROR,
    faults.PRN_HEAD_HOT.code: DeviceState.DEVICE_BUSY,
}


def status_of(state: PrinterBits) -> DeviceStatus:
    """An answering printer is never OFFLINE here: its faults say what keeps it from printing."""
    fault = blocking_fault(state)
    device = DeviceState.ONLINE if fault is None else _STATES.get(fault.code, DeviceState.HARDWARE_ERROR)
    codes = frozenset(found.code for found in holding_faults(state))
    return DeviceStatus(device, paper=paper_of(state), cover_open=state.cover_open, faults=codes)


def _unreachable(error: DeviceError) -> DeviceStatus:
    if error.completion is CompletionCode.CANCELED:
        return DeviceStatus(DeviceState.DEVICE_BUSY)
    lost = error.fault in (faults.DEV_LOST, faults.DEV_NOT_FOUND)
    return DeviceStatus(
        DeviceState.NO_DEVICE if lost else DeviceState.OFFLINE,
        paper=PaperSupply.UNKNOWN,
        faults=frozenset((error.fault.code,)),
    )


def _refuse(state: PrinterBits) -> None:
    """:raises DeviceError: when a slip could not come out."""
    if (fault := blocking_fault(state)) is not None:
        raise DeviceError(fault, completion=CompletionCode.DEVICE_NOT_READY)


def _face(table: Mapping[str, object], key: str) -> tuple[FontFace, ...]:
    """A font file from the settings comes before the system's; `<key>_face` counts the faces of a .ttc from 0."""
    if key not in table:
        return ()
    face = table.get(f"{key}_face", 0)
    if isinstance(face, bool) or not isinstance(face, int) or face < 0:
        raise settings.SettingsError(f"{key}_face must be a whole number")
    return (FontFace(settings.text(table, key), face),)


DRIVER = Escpos80mm
DESCRIBE = escpos_wire.describe
