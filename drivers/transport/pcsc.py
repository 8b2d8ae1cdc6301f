"""One slot of a chip-card reader by PC/SC, found by the reader's name and never by its number.

The library's calls block, and one that waits for a mute card cannot be ended. They run therefore on a thread of
their own; a cancel or a deadline leaves that thread behind, which ends by itself when the call comes back, and
the next command begins a fresh session.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from drivers import faults
from drivers.api import CompletionCode, DeviceError
from drivers.faults import Fault
from drivers.transport import tap
from drivers.transport.interrupt import Interrupt
from drivers.transport.pcsc_library import Code, Connection, Context, LibraryMissing, PcscError, SlotState

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

SERVICE_S = 2.0
"""Everything but a card answers at once."""
POWER_UP_S = 4.0
SLICE_S = 0.25
"""The longest call that a wait leaves behind when it is cancelled."""
MOST_LEFT_BEHIND = 4
"""Sessions that a stuck card may hold before nothing more is tried."""
GONE = SlotState.UNKNOWN | SlotState.UNAVAILABLE
_NUMBERED = re.compile(r"(?P<name>.*) [0-9A-F]{2} (?P<slot>[0-9A-F]{2})")
"""pcsc-lite appends the reader's number, which depends on what was plugged in first, and the slot's."""

_CARD_FAULTS: dict[int, Fault] = {
    Code.NO_SMARTCARD: faults.CHP_LIFTED,
    Code.REMOVED_CARD: faults.CHP_LIFTED,
    Code.UNRESPONSIVE_CARD: faults.CHP_MUTE,
    Code.UNPOWERED_CARD: faults.CHP_MUTE,
    Code.UNSUPPORTED_CARD: faults.CHP_MUTE,
    Code.PROTO_MISMATCH: faults.CHP_MUTE,
    Code.COMM_ERROR: faults.CHP_MUTE,
    Code.NOT_TRANSACTED: faults.CHP_MUTE,
}
_LOST = frozenset({Code.UNKNOWN_READER, Code.READER_UNAVAILABLE, Code.NO_SERVICE, Code.SERVICE_STOPPED})


def _why_no_service(error: Exception) -> Fault:
    """pcscd asks polkit whether this user may talk to it."""
    denied = isinstance(error, PcscError) and error.code == Code.SECURITY_VIOLATION
    return faults.DEV_DENIED if denied else faults.CHP_SERVICE


class _Session:
    """A thread with one context; it works off one call after the other until it is told to end."""

    def __init__(self) -> None:
        self.done_fd, self._finished = os.pipe()
        self._calls: queue.SimpleQueue[Callable[[Context], object] | None] = queue.SimpleQueue()
        self._result: object = None
        self._error: Exception | None = None
        self.thread = threading.Thread(target=self._work, name="pcsc", daemon=True)
        self.thread.start()

    def begin(self, call: Callable[[Context], object]) -> None:
        """Start a call; `done_fd` becomes readable when it has ended."""
        self._calls.put(call)

    def result(self) -> object:
        """What the ended call returned. :raises PcscError: or LibraryMissing, as the call did."""
        os.read(self.done_fd, 1)
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._result

    def end(self) -> None:
        """Leave the thread to itself; from now on only it uses the descriptors."""
        self._calls.put(None)

    def _work(self) -> None:
        context: Context | None = None
        try:
            while (call := self._calls.get()) is not None:
                try:
                    context = context or Context()
                    self._result = call(context)
                except (PcscError, LibraryMissing) as error:
                    self._error = error
                os.write(self._finished, b"!")
        finally:
            # Releasing also switches off a card that an abandoned call had connected to.
            with contextlib.suppress(PcscError):
                if context is not None:
                    context.release()
            os.close(self.done_fd)
            os.close(self._finished)


class PcscSlot:
    """One slot. `cancel` and `close` may come from another thread; everything else runs in a command.

    :param reader: a part of the reader's name, enough to tell it from the others; may hold its serial number.
    :param slot: for readers with several slots (contact, contactless, module), counted from 0.
    """

    def __init__(self, reader: str, slot: int = 0) -> None:
        self._wanted = reader
        self._slot = slot
        self._name = ""
        self._session: _Session | None = None
        self._left_behind: list[threading.Thread] = []
        self._card: Connection | None = None
        self._was_lost = False
        self.interrupt = Interrupt()

    @property
    def is_open(self) -> bool:
        return bool(self._name)

    def open(self) -> None:
        """Find the reader. :raises DeviceError: CHP-008 no service, DEV-001 no such reader or several, DEV-006."""
        self.interrupt.reopen()
        with self.interrupt.command():
            self._drop()
            try:
                names = self._run(Context.readers, SERVICE_S, faults.DEV_SILENT)
            except (PcscError, LibraryMissing) as error:
                self._drop()
                raise DeviceError(_why_no_service(error), str(error), CompletionCode.DEVICE_NOT_READY) from error
            fitting = [name for name in names if self._fits(name)]
            if len(fitting) != 1:
                self._drop()
                detail = f"{self._wanted!r} slot {self._slot} fits {len(fitting)} of: {', '.join(names) or 'no reader'}"
                raise DeviceError(faults.DEV_NOT_FOUND, detail, CompletionCode.DEVICE_NOT_READY)
            self._name = fitting[0]
            if self._was_lost:
                _LOG.info("chip-card reader %s is back", self._wanted)
                self._was_lost = False

    def close(self) -> None:
        """End the running command, then close. Safe from any thread and more than once."""
        self.interrupt.shut()
        with self.interrupt.alone():
            self._drop()

    def cancel(self) -> None:
        """End the running command; its wait raises CANCELED."""
        self.interrupt.cancel()

    def state(self) -> SlotState:
        """The slot's state now. :raises DeviceError: DEV-004 when reader or service has gone, DEV-002."""
        return self._look(SlotState.UNAWARE, 0.0)

    def await_change(self, known: SlotState, timeout_s: float) -> SlotState:
        """The next state that differs from `known`, or the same at the time-out. :raises DeviceError: as `state`."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            left_s = deadline_s - time.monotonic()
            state = self._look(known, min(max(left_s, 0.0), SLICE_S))
            if state != known or left_s <= SLICE_S:
                return state

    def connect(self, deadline_s: float) -> None:
        """Power the card up. :raises DeviceError: CHP-002, CHP-003, CHP-007, DEV-002, DEV-004."""
        self.disconnect()
        timeout_s = min(POWER_UP_S, deadline_s - time.monotonic())
        self._card = self._with_card(lambda context: context.connect(self._name), timeout_s)

    def transmit(self, apdu: bytes, timeout_s: float) -> bytes:
        """One command to the powered card and its answer, status word included.

        :raises DeviceError: CHP-002 pulled out, CHP-003 no answer, CHP-007, DEV-004.
        """
        card = self._card
        if card is None:
            raise DeviceError(faults.CHP_LIFTED, "no card is connected", CompletionCode.SEQUENCE_ERROR)
        tap.sent(apdu)
        reply = self._with_card(lambda context: context.transmit(card, apdu), timeout_s)
        tap.heard(reply)
        if not reply:
            # Some readers' drivers report a card pulled in mid-command as an empty success.
            raise DeviceError(self._why_empty(), "an empty answer")
        return reply

    def disconnect(self) -> None:
        """Switch the card off; a card that has gone is off already. :raises DeviceError: CANCELED."""
        card, self._card = self._card, None
        if card is not None and self._session is not None:
            with contextlib.suppress(PcscError):
                self._run(lambda context: context.disconnect(card), SERVICE_S, faults.CHP_MUTE)

    def _fits(self, name: str) -> bool:
        parts = _NUMBERED.fullmatch(name)
        bare, slot = (parts["name"], int(parts["slot"], 16)) if parts else (name, 0)
        return self._wanted.casefold() in bare.casefold() and slot == self._slot

    def _why_empty(self) -> Fault:
        """The reader's driver needs a moment to see that the card has gone."""
        state = self.await_change(self.state(), 1.0)
        return faults.CHP_MUTE if state & SlotState.PRESENT else faults.CHP_LIFTED

    def _look(self, known: SlotState, timeout_s: float) -> SlotState:
        def call(context: Context) -> SlotState:
            return context.await_change(self._name, known, timeout_s)

        self._check_open()
        try:
            state = self._run(call, timeout_s + SERVICE_S, faults.DEV_SILENT) & ~SlotState.CHANGED
        except (PcscError, LibraryMissing) as error:
            # No card has a part in this: whatever fails is the reader or the service.
            raise self._lost(error) from error
        if state & GONE:
            raise self._lost(None)
        return state

    def _with_card(self, call: Callable[[Context], T], timeout_s: float) -> T:
        """Run a call that a card takes part in; its failure gets its name."""
        self._check_open()
        try:
            return self._run(call, timeout_s, faults.CHP_MUTE)
        except LibraryMissing as error:
            raise self._lost(error) from error
        except PcscError as error:
            if error.code in _LOST:
                raise self._lost(error) from error
            fault = _CARD_FAULTS.get(error.code, faults.CHP_REFUSED)
            raise DeviceError(fault, str(error)) from error

    def _check_open(self) -> None:
        if not self._name:
            raise DeviceError(faults.DEV_LOST, "not open", CompletionCode.DEVICE_NOT_READY)

    def _run(self, call: Callable[[Context], T], timeout_s: float, when_late: Fault) -> T:
        """:raises PcscError: or LibraryMissing from the call. :raises DeviceError: CANCELED, or `when_late`."""
        session = self._ready_session()
        results: list[T] = []
        session.begin(lambda context: results.append(call(context)))
        ended = False
        try:
            ended = self.interrupt.wait(session.done_fd, timeout_s)
        finally:
            if not ended:
                self._leave_behind()
        if not ended:
            raise DeviceError(when_late, "no answer in time", CompletionCode.TIME_OUT)
        session.result()
        return results[0]

    def _ready_session(self) -> _Session:
        if self._session is None:
            self._left_behind = [thread for thread in self._left_behind if thread.is_alive()]
            if len(self._left_behind) >= MOST_LEFT_BEHIND:
                raise DeviceError(faults.DEV_SILENT, "the reader holds earlier commands", CompletionCode.TIME_OUT)
            self._session = _Session()
        return self._session

    def _leave_behind(self) -> None:
        session, self._session, self._card = self._session, None, None
        if session is not None:
            session.end()
            self._left_behind.append(session.thread)

    def _lost(self, error: Exception | None) -> DeviceError:
        self._drop()
        if not self._was_lost:
            _LOG.warning("chip-card reader %s lost: %s", self._wanted, error or "it has gone")
            self._was_lost = True
        return DeviceError(faults.DEV_LOST, str(error or ""))

    def _drop(self) -> None:
        self._name = ""
        self._leave_behind()
