"""A code scanner that obeys commands: proves its family, reads by command or by sight, says when it is silent."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping

from drivers import faults, settings
from drivers.api import CompletionCode, DeviceError, DeviceIdentity, DeviceState, DeviceStatus, ScannedCode
from drivers.code_scanner._line_reader import LineReader
from drivers.codec.scanner import honeywell, newland, register_engine
from drivers.codec.scanner.replies import ANSWER_S, Family, Reply, Request, StreamSplitter, Verdict

_LOG = logging.getLogger(__name__)

TRIES = 2
RETRIGGER_S = 2.5
"""Scanners give up a commanded reading after three seconds or more; asking again before also proves they live."""
FAMILIES: tuple[Family, ...] = (newland.FAMILY, register_engine.FAMILY, honeywell.FAMILY)
_STATE_OF_FAULT = {
    faults.DEV_NOT_FOUND.code: DeviceState.NO_DEVICE,
    faults.DEV_LOST.code: DeviceState.NO_DEVICE,
    faults.DEV_SILENT.code: DeviceState.OFFLINE,
}


class CommandReader(LineReader):
    """See `drivers.api.CodeScanner`. Settings: `port`, `baud` (default 9600), `reading` = "sight" (default) or
    "command" (the lamp is on only while someone reads), `product` (optional: the name must hold this text).
    """

    def __init__(self, table: Mapping[str, object], family: Family) -> None:
        settings.only(table, "port", "baud", "reading", "product")
        super().__init__(settings.text(table, "port"), settings.whole(table, "baud", 9600), family)
        self._talks: Family = family
        self._by_command = settings.one_of(table, "reading", "sight", "command") == "command"
        self._expected = settings.text(table, "product") if "product" in table else ""
        if self._expected and family.product_query is None:
            raise settings.SettingsError(f"product: a {family.name} cannot say its name")
        self._lit = False
        self._is_new = False
        """Just opened, and nothing was answered yet: what comes now was under way before."""

    def open(self) -> None:
        """:raises DeviceError: DEV-001 no port, DEV-002 silent, DEV-003 garbled, SCN-002 another family or product
        answers, SCN-003 the scanner refuses its own commands.
        """
        super().open()
        self._lit, self._is_new = False, True
        try:
            with self._port.interrupt.command():
                self._prove()
        except DeviceError:
            self._port.close()
            raise

    def status(self) -> DeviceStatus:
        with self._port.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY)
            try:
                with self._port.interrupt.command():
                    self._ask(self._talks.query)
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED and self._port.is_open:
                    return DeviceStatus(DeviceState.DEVICE_BUSY)
                state = _STATE_OF_FAULT.get(error.fault.code, DeviceState.HARDWARE_ERROR)
                if not self._port.is_open:
                    state = DeviceState.NO_DEVICE
                return DeviceStatus(state, faults=frozenset({error.fault.code}))
            return DeviceStatus(DeviceState.ONLINE)

    def identity(self) -> DeviceIdentity:
        """:raises DeviceError: as `status` would name it; empty for a family that cannot say."""
        with self._port.interrupt.command():
            return DeviceIdentity(product=self._product())

    def reset(self) -> None:
        """Lamp off, old codes gone. :raises DeviceError: DEV-002, DEV-003, DEV-004."""
        with self._port.interrupt.command():
            self._ask(self._talks.trigger(False))
            self._drain()
            self._lit = False

    def read(self, timeout_s: float) -> ScannedCode | None:
        """:raises DeviceError: SCN-001 unreadable, SCN-003 refused, DEV-002…005."""
        try:
            with self._port.interrupt.command():
                if self._stale:
                    self._drain()
                return self._read_lit(time.monotonic() + timeout_s) if self._by_command else self._plain(timeout_s)
        finally:
            self._lamp_off()

    def _plain(self, timeout_s: float) -> ScannedCode | None:
        return self._await_code(time.monotonic() + timeout_s)

    def _read_lit(self, deadline_s: float) -> ScannedCode | None:
        while True:
            if not self._codes:
                self._lit = True
                self._ask(self._talks.trigger(True))
            code = self._await_code(min(deadline_s, time.monotonic() + RETRIGGER_S))
            if code is not None or time.monotonic() >= deadline_s:
                return code

    def _lamp_off(self) -> None:
        """Also after a cancel, without waiting for the answer: it is parted from the codes whenever it comes."""
        if not self._lit:
            return
        self._lit = False
        # A lost or closed port has no lamp to put out, and the error that ended the reading is the one to tell.
        with contextlib.suppress(DeviceError), self._port.interrupt.command():
            self._send(self._talks.trigger(False).data)

    def _prove(self) -> None:
        try:
            answer = self._ask(self._talks.query)
        except DeviceError as error:
            if error.fault in (faults.DEV_SILENT, faults.DEV_GARBLED) and (other := self._other_family()):
                raise self._wrong(f"answers as {other}, not as {self._talks.name}") from error
            raise
        self._is_new = False
        if self._expected and self._expected not in (name := self._product()):
            raise self._wrong(f"it is a {name!r}, not a {self._expected!r}")
        if mode := self._talks.mode(answer, self._by_command):
            self._ask(mode)

    def _wrong(self, what: str) -> DeviceError:
        return DeviceError(faults.SCN_OTHER_KIND, what, CompletionCode.UNSUPPORTED_COMMAND)

    def _other_family(self) -> str:
        """The family that does answer; asked only when the expected one did not, with questions that change nothing."""
        for family in FAMILIES:
            if family.name == self._talks.name:
                continue
            self._port.write(family.query.data)
            splitter, end_s = StreamSplitter(family), time.monotonic() + ANSWER_S
            while (left_s := end_s - time.monotonic()) > 0 and (chunk := self._port.read_available(left_s)):
                if any(_fits(family.query, piece) for piece in splitter.feed(chunk)):
                    return family.name
        return ""

    def _product(self) -> str:
        if self._talks.product_query is None:
            return ""
        value = self._ask(self._talks.product_query).value
        return " ".join(value.decode("ascii", "replace").split())

    def _ask(self, request: Request) -> Reply:
        """One command and its reply; codes that arrive meanwhile are kept. One lost byte is no broken scanner.

        :raises DeviceError: DEV-002 nothing came, DEV-003 no whole reply came, SCN-003 NAK or ENQ, DEV-004, DEV-005.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return self._ask_once(request)
            except DeviceError as error:
                if attempt == TRIES or error.fault not in (faults.DEV_SILENT, faults.DEV_GARBLED):
                    if error.fault is faults.DEV_GARBLED:
                        self._forget()  # what came instead of any answer is no code that somebody showed
                    raise
                _LOG.info("scanner command sent again after %s", error.fault.code)
        raise AssertionError("the last attempt returns or raises")

    def _ask_once(self, request: Request) -> Reply:
        while self._listen(0.0):
            pass
        self._replies.clear()
        self._send(request.data)
        if not request.answered:
            return Reply(Verdict.ACK)
        heard_bytes, end_s = 0, time.monotonic() + ANSWER_S
        while (left_s := end_s - time.monotonic()) > 0:
            heard_bytes += self._listen(left_s)
            while self._replies:
                reply = self._replies.popleft()
                if request.is_answered_by(reply):
                    return self._accepted(request, reply)
        if not heard_bytes:
            raise DeviceError(faults.DEV_SILENT, request.tag, CompletionCode.TIME_OUT)
        raise DeviceError(faults.DEV_GARBLED, f"{heard_bytes} bytes, no reply", CompletionCode.INVALID_DATA)

    def _sort(self, piece: bytes | Reply | None) -> None:
        super()._sort(piece)
        if self._is_new and isinstance(piece, Reply):
            # Older than the question: a code of whoever stood there before, or the rest of an answer that was cut off.
            self._codes.clear()

    def _accepted(self, request: Request, reply: Reply) -> Reply:
        if reply.verdict is not Verdict.ACK:
            detail = f"{request.tag or self._talks.name}: {reply.verdict}"
            raise DeviceError(faults.SCN_REFUSED, detail, CompletionCode.COMMAND_ERROR_CODE)
        return reply


def _fits(request: Request, piece: bytes | Reply | None) -> bool:
    return isinstance(piece, Reply) and piece.verdict is Verdict.ACK and request.is_answered_by(piece)
