"""SAM_V (SDT, GA 467 mode) frames of resident-identity-card readers: pure bytes in and out.

    request  AA AA AA 96 69 | LEN(2, BE) | CMD PARA | DATA | XOR      LEN counts CMD..XOR
    reply    AA AA AA 96 69 | LEN(2, BE) | SW1 SW2 SW3 | DATA | XOR   LEN counts SW1..XOR

XOR covers LEN and everything after it except itself. SW1/SW2 relay the card, SW3 is the reader's own
status. Sources: the public SAM_V protocol pages of module vendors, checked against several open drivers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from operator import xor

from drivers import faults
from drivers.faults import Fault

PREAMBLE = bytes.fromhex("AAAAAA9669")
HEADER_BYTES = len(PREAMBLE) + 2
MIN_REPLY_LEN = 4
MAX_REPLY_LEN = 0x090A
"""The longest reply known: text, photo and two fingerprints."""
MAX_FRAME_BYTES = HEADER_BYTES + MAX_REPLY_LEN

TEXT_BYTES = 256
PHOTO_BYTES = 1024
NEW_ADDRESS_BYTES = 70


class Sw3(IntEnum):
    """The reader's own status byte."""

    CHECKSUM = 0x10
    LENGTH = 0x11
    BAD_COMMAND = 0x21
    UNAUTHORISED = 0x23
    UNKNOWN_ERROR = 0x24
    CARD_REJECTS_SAM = 0x31
    SAM_REJECTS_CARD = 0x32
    VERIFICATION_FAILED = 0x33
    NOT_FOUND_BEFORE = 0x34
    UNKNOWN_CARD = 0x40
    READ_FAILED = 0x41
    RANDOM_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    SAM_UNAUTHORISED = 0x66
    FIND_FAILED = 0x80
    SELECT_FAILED = 0x81
    OK = 0x90
    ABSENT_ITEM = 0x91
    FOUND = 0x9F


FAULT_OF_SW3: dict[int, Fault] = {
    Sw3.CHECKSUM: faults.CRD_COMMAND,
    Sw3.LENGTH: faults.CRD_COMMAND,
    Sw3.BAD_COMMAND: faults.CRD_COMMAND,
    Sw3.UNAUTHORISED: faults.CRD_COMMAND,
    Sw3.UNKNOWN_ERROR: faults.CRD_COMMAND,
    Sw3.CARD_REJECTS_SAM: faults.CRD_SECURITY,
    Sw3.SAM_REJECTS_CARD: faults.CRD_SECURITY,
    Sw3.VERIFICATION_FAILED: faults.CRD_SECURITY,
    Sw3.NOT_FOUND_BEFORE: faults.CRD_RETRY,
    Sw3.UNKNOWN_CARD: faults.CRD_INVALID,
    Sw3.READ_FAILED: faults.CRD_RETRY,
    Sw3.RANDOM_FAILED: faults.CRD_RETRY,
    Sw3.SELF_TEST_FAILED: faults.CRD_MODULE,
    Sw3.SAM_UNAUTHORISED: faults.CRD_MODULE,
    Sw3.FIND_FAILED: faults.CRD_NO_CARD,
    Sw3.SELECT_FAILED: faults.CRD_RETRY,
}


@dataclass(frozen=True, slots=True)
class Command:
    """One request and what its answer must look like, so that a late answer to another is not taken for it."""

    name: str
    code: int
    parameter: int
    success: Sw3
    data_bytes: int | None
    """Data length of a successful answer; None when the answer carries its own inner lengths."""
    may_fail_with: frozenset[int] = frozenset()
    """Codes that only this kind of command can answer."""
    may_be_absent: bool = False

    @property
    def code_pair(self) -> tuple[int, int]:
        return self.code, self.parameter


RESET = Command("reset", 0x10, 0xFF, Sw3.OK, 0)
STATUS = Command("status", 0x11, 0xFF, Sw3.OK, 0)
SAM_ID = Command("sam_id", 0x12, 0xFF, Sw3.OK, 16)
FIND = Command("find", 0x20, 0x01, Sw3.FOUND, 4, frozenset({Sw3.FIND_FAILED}))
SELECT = Command("select", 0x20, 0x02, Sw3.OK, 8, frozenset({Sw3.SELECT_FAILED}))
READ_BASE = Command("read", 0x30, 0x01, Sw3.OK, None, frozenset({Sw3.READ_FAILED}))
READ_ADDRESS = Command(
    "read_address", 0x30, 0x03, Sw3.OK, NEW_ADDRESS_BYTES, frozenset({Sw3.READ_FAILED}), may_be_absent=True
)
READ_BASE_FP = Command("read_fp", 0x30, 0x10, Sw3.OK, None, frozenset({Sw3.READ_FAILED}))

BAUD_PARAMETER: Mapping[int, int] = {115200: 0x00, 57600: 0x01, 38400: 0x02, 19200: 0x03, 9600: 0x04}
"""Line speeds that 60 xx sets, fastest first."""


def set_baud(baud: int) -> Command:
    """The reader answers at its old speed, then listens at the new one. :raises KeyError: for a speed it has not."""
    return Command("baud", 0x60, BAUD_PARAMETER[baud], Sw3.OK, 0)


COMMANDS = (RESET, STATUS, SAM_ID, FIND, SELECT, READ_BASE, READ_ADDRESS, READ_BASE_FP)
_OWNED_SW3 = frozenset().union(*(command.may_fail_with for command in COMMANDS))


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """One answer. The repr hides the data: replies to 30 xx are personal."""

    sw1: int
    sw2: int
    sw3: int
    data: bytes = b""

    def __repr__(self) -> str:
        return f"Reply({self.sw1:02X} {self.sw2:02X} {self.sw3:02X}, {len(self.data)} bytes)"


def checksum(data: bytes) -> int:
    """XOR of all bytes."""
    return reduce(xor, data, 0)


def encode_frame(body: bytes) -> bytes:
    """Preamble, length, body and checksum."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([checksum(counted)])


def encode_request(command: Command, data: bytes = b"") -> bytes:
    return encode_frame(bytes([command.code, command.parameter]) + data)


def encode_reply(reply: Reply) -> bytes:
    return encode_frame(bytes([reply.sw1, reply.sw2, reply.sw3]) + reply.data)


def decode_reply(body: bytes) -> Reply:
    """A frame body (SW1..last data byte), as `FrameParser` yields it, to a reply."""
    return Reply(body[0], body[1], body[2], body[3:])


def sam_identity(data: bytes) -> tuple[str, str]:
    """Version and number of the security module as makers print them: `05.03-20120315`, `0001234567-0987654321`.

    :raises ValueError: when `data` is not the 16 bytes that answer 12 FF.
    """
    if len(data) != SAM_ID.data_bytes:
        raise ValueError(f"{len(data)} bytes are no identity of a security module")
    kind, version = (int.from_bytes(data[at : at + 2], "little") for at in (0, 2))
    made, first, second = (int.from_bytes(data[at : at + 4], "little") for at in (4, 8, 12))
    return f"{kind:02d}.{version:02d}-{made:08d}", f"{first:010d}-{second:010d}"


def answers(command: Command, reply: Reply) -> bool:
    """Can this reply be the answer to `command`? False for a late answer to another command."""
    if reply.sw3 == Sw3.ABSENT_ITEM:
        return command.may_be_absent
    if reply.sw3 in (Sw3.OK, Sw3.FOUND):
        if reply.sw3 != command.success:
            return False
        if command.data_bytes is None:
            return len(reply.data) > 4 + TEXT_BYTES and not _is_other_reading(command, reply.data)
        return len(reply.data) == command.data_bytes
    return reply.sw3 not in _OWNED_SW3 or reply.sw3 in command.may_fail_with


def _is_other_reading(command: Command, data: bytes) -> bool:
    """Do the inner lengths say that this answers the reading with fingerprints, or the one without, instead?"""
    text, photo, fingerprints = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4))
    without, with_them = len(data) == 4 + text + photo, len(data) == 6 + text + photo + fingerprints
    return without if command.code_pair == READ_BASE_FP.code_pair else with_them and not without


@dataclass(slots=True)
class FrameParser:
    """Finds reply frames in a stream of any chunking; remembers at most one longest frame.

    A bad length or checksum moves on by one byte, not by one frame, so that a good frame behind
    junk that looked like a header is still found.
    """

    discarded_bytes: int = 0
    bad_frames: int = 0
    """Headers with a plausible length whose frame was spoiled or never finished."""
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, return the bodies (SW1..last data byte) of the frames completed by them."""
        self._buffer += data
        found: list[bytes] = []
        while self._sync():
            length = int.from_bytes(self._buffer[5:7], "big")
            if not MIN_REPLY_LEN <= length <= MAX_REPLY_LEN:
                self._skip(1)
                continue
            end = HEADER_BYTES + length
            if len(self._buffer) < end:
                break
            if checksum(bytes(self._buffer[5 : end - 1])) != self._buffer[end - 1]:
                self.bad_frames += 1
                self._skip(1)
                continue
            found.append(bytes(self._buffer[HEADER_BYTES : end - 1]))
            del self._buffer[:end]
        return found

    def silence(self) -> list[bytes]:
        """The line fell silent within a frame: give that frame up, return whole ones hidden behind its header."""
        found: list[bytes] = []
        if len(self._buffer) >= HEADER_BYTES:
            self.bad_frames += 1
        while self._buffer:
            self._skip(1)
            found += self.feed(b"")
        return found

    @property
    def mid_frame(self) -> bool:
        """Are there bytes that may be the beginning of a frame?"""
        return bool(self._buffer)

    @property
    def held_bytes(self) -> int:
        return len(self._buffer)

    def _sync(self) -> bool:
        """Bring a preamble to the front; True when a whole header stands there."""
        at = self._buffer.find(PREAMBLE)
        if at >= 0:
            self._skip(at)
            return len(self._buffer) >= HEADER_BYTES
        keep = next(n for n in range(len(PREAMBLE) - 1, -1, -1) if self._buffer.endswith(PREAMBLE[:n]))
        self._skip(len(self._buffer) - keep)
        return False

    def _skip(self, count: int) -> None:
        self.discarded_bytes += count
        del self._buffer[:count]
