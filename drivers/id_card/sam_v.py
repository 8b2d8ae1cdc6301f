"""Identity-card reader on the SAM_V protocol (SDT, GA 467 mode): one driver for most makers' modules.

Every reading runs find, select, read anew, since the module forgets the card after an error. A wobble
of the hand is normal: one silent second try, then the resident is asked to lay the card again.

Some modules do not find a card again that they have read and that was not lifted. Whether such a card
still lies there is therefore asked by reading the added address, which needs no new find.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace

from drivers import faults, settings
from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    DeviceStatus,
    IdCard,
    IdCardReader,
    IdDocument,
    MediaState,
)
from drivers.codec import sam_v, sam_v_wire
from drivers.codec.sam_v import Command, FrameParser, Reply, Sw3
from drivers.codec.sam_v_text import decode_base, decode_base_fp, decode_new_address, decode_text
from drivers.transport.serial_port import PortIdentity, SerialPort

_LOG = logging.getLogger(__name__)

DEADLINE_S: Mapping[str, float] = {
    sam_v.RESET.name: 1.0,
    sam_v.STATUS.name: 0.4,
    sam_v.SAM_ID.name: 0.4,
    sam_v.FIND.name: 0.4,
    sam_v.SELECT.name: 0.8,
    sam_v.READ_BASE.name: 2.5,
    sam_v.READ_BASE_FP.name: 3.5,
    sam_v.READ_ADDRESS.name: 1.5,
    "baud": 0.4,
}
SILENCE_S = 0.06
"""A frame that pauses this long will not be finished."""
POLL_S = 0.3
"""Makers ask for at least 300 ms between two finds."""
POLLS_UNTIL_TROUBLE = 3
POLLS_UNTIL_REMOVED = 2
"""A hand's wobble looks like a removal for one poll."""
TRIES = 2

_WORTH_A_SECOND_TRY = frozenset(
    fault.code for fault in (faults.CRD_RETRY, faults.CRD_COMMAND, faults.DEV_GARBLED, faults.DEV_SILENT)
)
_UNHEARD = (faults.DEV_SILENT, faults.DEV_GARBLED)
_CARD_LIES_THERE = (faults.CRD_INVALID, faults.CRD_SECURITY, faults.CRD_RETRY)
_STATE_OF_FAULT = {
    faults.DEV_NOT_FOUND.code: DeviceState.NO_DEVICE,
    faults.DEV_LOST.code: DeviceState.NO_DEVICE,
    faults.DEV_SILENT.code: DeviceState.OFFLINE,
}


class SamVReader:
    """See `drivers.api.IdCardReader`. Settings: `port`, `baud` (default 115200), `fingerprints` (false; true: read
    them with the card), `find_speed` (false; true: a reader that answers at another speed is set to `baud`).
    """

    def __init__(self, table: Mapping[str, object]) -> None:
        settings.only(table, "port", "baud", "fingerprints", "find_speed")
        self._baud = settings.whole(table, "baud", 115200)
        self._port = SerialPort(PortIdentity.parse(settings.text(table, "port")), self._baud)
        self._fingerprints = settings.flag(table, "fingerprints", False)
        self._find_speed = settings.flag(table, "find_speed", False)
        if self._find_speed and self._baud not in sam_v.BAUD_PARAMETER:
            raise settings.SettingsError(f"baud must be one of {', '.join(map(str, sam_v.BAUD_PARAMETER))}")
        self._media = MediaState.UNKNOWN
        self._just_read = False
        self._finds_owed = 0
        """Finds running that were left unanswered: their answers may still come."""

    def open(self) -> None:
        """:raises DeviceError: DEV-001 no port, DEV-002 silent, DEV-003 other bytes than a SAM's, CRD-005 broken,
        CRD-009 does not take the speed.
        """
        self._media = MediaState.UNKNOWN
        self._just_read = False
        self._finds_owed = 0
        self._port.open()
        try:
            with self._port.interrupt.command():
                self._prove()
        except DeviceError:
            self._port.close()
            raise

    def _prove(self) -> None:
        try:
            self._second_chance(sam_v.STATUS)
        except DeviceError as error:
            if not self._find_speed or error.fault not in _UNHEARD:
                raise
            self._bring_to_speed(error)

    def _bring_to_speed(self, unheard: DeviceError) -> None:
        """Find the speed it answers at, set ours, and prove that it answers at ours."""
        found = next((baud for baud in sam_v.BAUD_PARAMETER if baud != self._baud and self._answers_at(baud)), None)
        if found is None:
            self._port.set_baud(self._baud)
            raise unheard
        self._answers(sam_v.set_baud(self._baud))  # whether it was heard is not the proof
        self._port.set_baud(self._baud)
        if not self._answers(sam_v.STATUS):
            self._port.set_baud(found)
            raise DeviceError(faults.CRD_SPEED, f"answers at {found}, not at {self._baud}") from unheard
        _LOG.warning("reader answered at %d and was set to %d", found, self._baud)

    def _answers_at(self, baud: int) -> bool:
        self._port.set_baud(baud)
        return self._answers(sam_v.STATUS)

    def _answers(self, command: Command) -> bool:
        try:
            self._exchange(command)
        except DeviceError as error:
            if error.fault not in (*_UNHEARD, faults.CRD_COMMAND):
                raise
            return False
        return True

    def status(self) -> DeviceStatus:
        with self._port.interrupt.idle() as free:
            if not free:
                return DeviceStatus(DeviceState.DEVICE_BUSY, self._media)
            if not self._port.is_open:
                return DeviceStatus(DeviceState.NO_DEVICE, faults=frozenset({faults.DEV_LOST.code}))
            try:
                with self._port.interrupt.command():
                    self._second_chance(sam_v.STATUS)
            except DeviceError as error:
                if error.completion is CompletionCode.CANCELED:
                    return DeviceStatus(DeviceState.DEVICE_BUSY, self._media)
                state = _STATE_OF_FAULT.get(error.fault.code, DeviceState.HARDWARE_ERROR)
                return DeviceStatus(state, faults=frozenset({error.fault.code}))
            return DeviceStatus(DeviceState.ONLINE, self._media)

    def cancel(self) -> None:
        self._port.cancel()

    def reset(self) -> None:
        with self._port.interrupt.command():
            self._media = MediaState.UNKNOWN
            self._just_read = False
            self._second_chance(sam_v.RESET)

    def close(self) -> None:
        self._port.close()

    def identity(self) -> DeviceIdentity:
        """The security module's version and number. :raises DeviceError:"""
        with self._port.interrupt.command():
            version, number = sam_v.sam_identity(self._second_chance(sam_v.SAM_ID).data)
        return DeviceIdentity("SAM_V", version, number)

    def wait_card(self, timeout_s: float) -> bool:
        return self._poll_until(MediaState.PRESENT, timeout_s, polls=1)

    def wait_removed(self, timeout_s: float) -> bool:
        return self._poll_until(MediaState.NOT_PRESENT, timeout_s, polls=POLLS_UNTIL_REMOVED)

    def read(self, timeout_s: float) -> IdCard:
        """:raises DeviceError: CRD-001 no card, CRD-006 lifted meanwhile, CRD-002 lay it again, CRD-003…005, CRD-007,
        CRD-008, DEV-002…005.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._port.interrupt.command():
            seen = self._just_read = False
            for attempt in range(1, TRIES + 1):
                try:
                    self._exchange(sam_v.FIND, deadline_s)
                    seen = True
                    self._media = MediaState.PRESENT
                    self._exchange(sam_v.SELECT, deadline_s)
                    return self._read_found(deadline_s)
                except DeviceError as error:
                    self._judge_failure(error, seen, last=attempt == TRIES or time.monotonic() >= deadline_s)
        raise AssertionError("the last attempt returns or raises")

    def _judge_failure(self, error: DeviceError, seen: bool, last: bool) -> None:
        """Return to try again silently; otherwise raise what the resident or the technician must know."""
        if error.fault is faults.CRD_NO_CARD:
            self._media = MediaState.NOT_PRESENT
            if seen:
                raise DeviceError(faults.CRD_LIFTED, completion=CompletionCode.USER_ERROR) from error
        if last or error.fault.code not in _WORTH_A_SECOND_TRY:
            raise error
        _LOG.info("card reading tried again after %s", error.fault.code)

    def _read_found(self, deadline_s: float) -> IdCard:
        text, photo, fingerprints = self._read_chip(deadline_s)
        self._just_read = True
        card = decode_text(text, photo)
        if card.document is IdDocument.RESIDENT:
            card = decode_text(text, photo, self._new_address(deadline_s))
        return replace(card, fingerprints=fingerprints)

    def _read_chip(self, deadline_s: float) -> tuple[bytes, bytes, bytes]:
        if self._fingerprints:
            return decode_base_fp(self._exchange(sam_v.READ_BASE_FP, deadline_s).data)
        return *decode_base(self._exchange(sam_v.READ_BASE, deadline_s).data), b""

    def _new_address(self, deadline_s: float) -> str:
        """The address added after the card was made; without it the card is as good."""
        try:
            reply = self._exchange(sam_v.READ_ADDRESS, deadline_s)
        except DeviceError as error:
            if error.completion is CompletionCode.CANCELED:
                raise
            _LOG.info("no added address: %s", error.fault.code)
            return ""
        return "" if reply.sw3 == Sw3.ABSENT_ITEM else decode_new_address(reply.data)

    def _poll_until(self, wanted: MediaState, timeout_s: float, polls: int) -> bool:
        """Find every 300 ms until the answer is `wanted` that many times running; False at the time-out.

        One spoiled poll is nothing; three running, or not one good answer in all the time, is raised.
        """
        deadline_s = time.monotonic() + timeout_s
        agreeing = troubles = 0
        answered = False
        with self._port.interrupt.command():
            while True:
                began_s = time.monotonic()
                try:
                    self._media = self._look()
                    answered, troubles = True, 0
                except DeviceError as error:
                    troubles += 1
                    late = time.monotonic() >= deadline_s and not answered
                    if late or troubles >= POLLS_UNTIL_TROUBLE or error.fault.code not in _WORTH_A_SECOND_TRY:
                        raise
                agreeing = agreeing + 1 if self._media is wanted and not troubles else 0
                if agreeing >= polls:
                    return True
                if time.monotonic() >= deadline_s:
                    return False
                self._port.interrupt.pause(min(deadline_s, began_s + POLL_S) - time.monotonic())

    def _look(self) -> MediaState:
        """Whether anything lies there; a card that cannot be used does, and `read` says what is wrong with it."""
        if self._just_read and self._answers_still():
            return MediaState.PRESENT
        self._just_read = False
        try:
            self._exchange(sam_v.FIND)
        except DeviceError as error:
            if error.fault is faults.CRD_NO_CARD:
                return MediaState.NOT_PRESENT
            if error.fault not in _CARD_LIES_THERE:
                raise
        return MediaState.PRESENT

    def _answers_still(self) -> bool:
        try:
            self._exchange(sam_v.READ_ADDRESS)
        except DeviceError as error:
            if error.fault.code.startswith("DEV-"):
                raise
            return False
        return True

    def _second_chance(self, command: Command) -> Reply:
        """For commands that change nothing: one lost byte is no broken device."""
        try:
            return self._exchange(command)
        except DeviceError as error:
            if error.fault.code not in _WORTH_A_SECOND_TRY:
                raise
            return self._exchange(command)

    def _exchange(self, command: Command, deadline_s: float | None = None) -> Reply:
        """One request and its answer.

        :raises DeviceError: DEV-002 nothing came, DEV-003 only bytes that are no answer to this command came,
            DEV-004, DEV-005, or what SW3 means.
        """
        self._port.flush_input()
        self._port.write(sam_v.encode_request(command))
        end_s = time.monotonic() + DEADLINE_S[command.name]
        reply = self._own_answer(command, min(end_s, deadline_s) if deadline_s is not None else end_s)
        if reply.sw3 == command.success or (reply.sw3 == Sw3.ABSENT_ITEM and command.may_be_absent):
            return reply
        fault = sam_v.FAULT_OF_SW3.get(reply.sw3, faults.CRD_COMMAND)
        raise DeviceError(fault, f"{command.name}: SW3 {reply.sw3:02X}", CompletionCode.COMMAND_ERROR_CODE)

    def _own_answer(self, command: Command, deadline_s: float) -> Reply:
        """A "no card" may be the late answer to an earlier find; every other answer is as good late as in time."""
        doubts = 0
        if command is sam_v.FIND:
            doubts, self._finds_owed = self._finds_owed, self._finds_owed + 1
        reply = self._await_answer(command, deadline_s, doubts)
        self._finds_owed = 0  # a module answers in turn
        return reply

    def _await_answer(self, command: Command, deadline_s: float, doubts: int = 0) -> Reply:
        """:param doubts: so many answers "no card" count only when none comes behind them."""
        parser = FrameParser()
        heard_bytes = strangers = 0
        doubtful: Reply | None = None
        while (left_s := deadline_s - time.monotonic()) > 0:
            under_way = parser.mid_frame or parser.bad_frames
            chunk = self._port.read_available(min(left_s, SILENCE_S) if under_way else left_s)
            heard_bytes += len(chunk)
            for body in parser.feed(chunk) if chunk else parser.silence():
                reply = sam_v.decode_reply(body)
                if sam_v.answers(command, reply):
                    if reply.sw3 != Sw3.FIND_FAILED or doubts == 0:
                        return reply
                    doubts, doubtful = doubts - 1, reply
                    continue
                strangers += 1
            if not chunk and parser.bad_frames:
                break  # the answer came and was spoiled; waiting longer only keeps the resident waiting
        if doubtful is not None:
            return doubtful
        if not heard_bytes:
            raise DeviceError(faults.DEV_SILENT, command.name, CompletionCode.TIME_OUT)
        detail = f"{command.name}: {heard_bytes} bytes, {parser.bad_frames} bad frames, {strangers} other answers"
        raise DeviceError(faults.DEV_GARBLED, detail, CompletionCode.INVALID_DATA)


DESCRIBE = sam_v_wire.describe


def DRIVER(table: Mapping[str, object]) -> IdCardReader:
    """Make the driver from its devices.toml table. :raises SettingsError: or ValueError for a wrong port."""
    return SamVReader(table)
