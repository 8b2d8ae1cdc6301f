"""Social security cards in any chip-card reader that has a PC/SC driver.

Cards differ: some do not know the application's name but have its files, some number their records and some name
them, some want the exact length and some keep their answers back. Each of these is met by asking in the other way.
A card that keeps its holder closed is read without her; no PIN is ever asked for, sent, or tried.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from drivers import faults, settings
from drivers.api import (
    ChipCardReader,
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    HolderLock,
    MediaState,
    SocialCard,
)
from drivers.codec import apdu, apdu_wire
from drivers.codec.apdu import Command, Reply
from drivers.codec.social_card import (
    EF05,
    EF06,
    CardFile,
    Field,
    Records,
    decode_card,
    read_record,
    record_value,
    select_application,
    select_file,
)
from drivers.transport.pcsc import PcscSlot
from drivers.transport.pcsc_library import SlotState

_LOG = logging.getLogger(__name__)

APDU_S = 2.0
"""A card that needs longer asks its reader for more time; what then still takes longer is mute."""
TRIES = 2
_WORTH_A_SECOND_TRY = frozenset({faults.CHP_MUTE.code, faults.CHP_DATA.code, faults.CHP_REFUSED.code})
_SERVICE_STATE = {
    faults.DEV_LOST.code: DeviceState.NO_DEVICE,
    faults.DEV_SILENT.code: DeviceState.OFFLINE,
}


class _Locked(Exception):
    """The card wants a PIN or a security module for this file."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.sw:04X}")
        self.lock = HolderLock.PIN_BLOCKED if reply.blocked else HolderLock.NEEDS_PIN_OR_MODULE


class PcscSocialReader:
    """See `drivers.api.ChipCardReader`. Settings: `port` (a part of the reader's name), `slot` (default 0)."""

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "slot")
        slot = table.get("slot", 0)
        if isinstance(slot, bool) or not isinstance(slot, int) or slot < 0:
            raise settings.SettingsError("slot must be a whole number from 0")
        self._port = PcscSlot(settings.text(table, "port"), slot)
        self._media = MediaState.UNKNOWN

    def open(self) -> None:
        """:raises DeviceError: CHP-008 no smart-card service, DEV-001 no reader of that name or more than one."""
        self._media = MediaState.UNKNOWN
        self._port.open()

    def status(self) -> DeviceStatus:
        with self._port.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY, self._media)
            if not self._port.is_open:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
            try:
                with self._port.interrupt.command():
                    state = self._look()
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    return DeviceStatus(DeviceState.DEVICE_BUSY, self._media)
                code = error.fault.code
                return DeviceStatus(_SERVICE_STATE.get(code, DeviceState.HARDWARE_ERROR), faults=frozenset({code}))
            mute = {faults.CHP_MUTE.code} if state & SlotState.MUTE else set()
            return DeviceStatus(DeviceState.ONLINE, self._media, faults=frozenset(mute))

    def cancel(self) -> None:
        self._port.cancel()

    def reset(self) -> None:
        """Switch the card off and look anew. :raises DeviceError: DEV-002, DEV-004."""
        with self._port.interrupt.command():
            self._port.disconnect()
            self._look()

    def close(self) -> None:
        self._port.close()

    def wait_card(self, timeout_s: float) -> bool:
        """A card that lies there mute is there, too: `read` says what is wrong with it."""
        return self._wait(MediaState.PRESENT, timeout_s)

    def wait_removed(self, timeout_s: float) -> bool:
        return self._wait(MediaState.NOT_PRESENT, timeout_s)

    def read(self, timeout_s: float) -> SocialCard:
        """:raises DeviceError: CHP-001 no card, CHP-002 pulled meanwhile, CHP-003 mute, CHP-004 another kind of card,
        CHP-005 all of it closed, CHP-006, CHP-007, DEV-002, DEV-004, DEV-005.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._port.interrupt.command():
            for attempt in range(1, TRIES + 1):
                self._check_there()
                try:
                    return self._read_powered(deadline_s)
                except DeviceError as error:
                    self._judge_failure(error, last=attempt == TRIES or time.monotonic() >= deadline_s)
        raise AssertionError("the last attempt returns or raises")

    def _read_powered(self, deadline_s: float) -> SocialCard:
        try:
            self._port.connect(deadline_s)
            return _Dialogue(self._port, deadline_s).read()
        finally:
            self._port.disconnect()

    def _judge_failure(self, error: DeviceError, last: bool) -> None:
        """Return to try again silently; otherwise raise what the resident or the technician must know."""
        if error.fault is faults.CHP_LIFTED:
            self._media = MediaState.NOT_PRESENT
        elif error.fault.code in _WORTH_A_SECOND_TRY and error.completion is not CompletionCode.TIME_OUT:
            if not self._look() & SlotState.PRESENT:
                # Pulling a card looks to some readers like a card that does not answer.
                raise DeviceError(faults.CHP_LIFTED, completion=CompletionCode.USER_ERROR) from error
            if not last:
                _LOG.info("chip card tried again after %s", error.fault.code)
                return
        raise error

    def _check_there(self) -> None:
        if not self._look() & SlotState.PRESENT:
            raise DeviceError(faults.CHP_NO_CARD, completion=CompletionCode.USER_ERROR)

    def _wait(self, wanted: MediaState, timeout_s: float) -> bool:
        deadline_s = time.monotonic() + timeout_s
        with self._port.interrupt.command():
            state = self._look()
            while self._media is not wanted and time.monotonic() < deadline_s:
                state = self._port.await_change(state, deadline_s - time.monotonic())
                self._note(state)
            return self._media is wanted

    def _look(self) -> SlotState:
        state = self._port.state()
        self._note(state)
        return state

    def _note(self, state: SlotState) -> None:
        self._media = MediaState.PRESENT if state & SlotState.PRESENT else MediaState.NOT_PRESENT


class _Dialogue:
    """One reading of one powered card; remembers which way of asking this card understands."""

    def __init__(self, port: PcscSlot, deadline_s: float) -> None:
        self._port = port
        self._deadline_s = deadline_s
        self._by_tag = True

    def read(self) -> SocialCard:
        try:
            named = self._ask(select_application()).ok
            public = self._file(EF05)
        except _Locked as locked:
            raise DeviceError(faults.CHP_LOCKED, str(locked), CompletionCode.COMMAND_ERROR_CODE) from None
        if public is None:
            detail = "the application has no EF05" if named else "neither the application nor EF05"
            raise DeviceError(faults.CHP_UNKNOWN, detail, CompletionCode.UNSUPPORTED_DATA)
        try:
            return decode_card(public, self._holder(), HolderLock.OPEN)
        except _Locked as locked:
            _LOG.info("the card keeps its holder closed: %s", locked)
            return decode_card(public, None, locked.lock)

    def _holder(self) -> Records:
        records = self._file(EF06)
        if records is None:
            raise DeviceError(faults.CHP_DATA, "EF06 is not there or not whole", CompletionCode.INVALID_DATA)
        return records

    def _file(self, file: CardFile) -> Records | None:
        """All records the file has; None when there is no such file or it lacks a required one."""
        if not self._selected(file):
            return None
        records: dict[int, bytes] = {}
        for field in file.fields:
            value = self._record(field)
            if value is not None:
                records[field.tag] = value
            elif field.required:
                return None
        return records

    def _selected(self, file: CardFile) -> bool:
        """Some cards answer the way they do not know as if the file were closed; only both ways closed is closed.

        :raises _Locked: :raises DeviceError:
        """
        closed: Reply | None = None
        for by_parent in (True, False):
            reply = apdu.exchange(self._transmit, select_file(file.file_id, by_parent))
            if reply.ok:
                return True
            closed = closed or (reply if reply.locked else None)
        if closed is not None:
            raise _Locked(closed)
        return False

    def _record(self, field: Field) -> bytes | None:
        for by_tag in (self._by_tag, not self._by_tag):
            reply = self._ask(read_record(field, by_tag))
            if reply.sw == apdu.WRONG_LENGTH:
                reply = self._ask(read_record(field, by_tag, le=field.size + 2))
            value = record_value(reply.data, field.tag) if reply.ok else None
            if value is not None:
                self._by_tag = by_tag
                return value
        return None

    def _ask(self, command: Command) -> Reply:
        """:raises _Locked: :raises DeviceError:"""
        reply = apdu.exchange(self._transmit, command)
        if reply.locked:
            raise _Locked(reply)
        return reply

    def _transmit(self, command: bytes) -> bytes:
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise DeviceError(faults.CHP_MUTE, "too slow", CompletionCode.TIME_OUT)
        return self._port.transmit(command, min(APDU_S, left_s))


DESCRIBE = apdu_wire.describe


def DRIVER(table: Mapping[str, object]) -> ChipCardReader:
    """Make the driver from its devices.toml table. :raises SettingsError:"""
    return PcscSocialReader(table)
