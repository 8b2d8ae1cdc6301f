"""Register ("zone bit") scan engines: EM2000, EM3095, GM6x and their many clones. Binary frames.

    command  7E 00 | type 07 read, 08 write, 09 save | count | address(2, BE) | data | CRC(2, BE)
    reply    02 00 | type 00 done, 01 checksum wrong, 03 invalid | count | data | CRC(2, BE)

CRC-CCITT (polynomial 1021), initial value 0, over type..data; AB CD instead says "do not check".
Register 0000 bits 1-0: 0 button, 1 command, 2 continuous, 3 sensor. Register 0002 bit 0: trigger.
Source: EM3095 and GM65 user manuals. Some clones stay silent where the manual says 01 or 03.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping

from drivers.codec.scanner.replies import Cut, Reply, Request, Verdict, only_controls

COMMAND_PREFIX = b"\x7e\x00"
REPLY_PREFIX = b"\x02\x00"
READ, WRITE, SAVE = 0x07, 0x08, 0x09
UNCHECKED = b"\xab\xcd"
MODE_REGISTER, TRIGGER_REGISTER = 0x0000, 0x0002
MODE_BITS, COMMAND_MODE, SENSOR_MODE = 0b11, 0b01, 0b11
MAX_VALUE_BYTES = 16
CRC_BYTES = 2
VERDICT_OF_TYPE: Mapping[int, Verdict] = {0x00: Verdict.ACK, 0x01: Verdict.NAK, 0x03: Verdict.ENQ}


def crc(data: bytes) -> bytes:
    """CRC-CCITT with initial value 0."""
    return binascii.crc_hqx(data, 0).to_bytes(2, "big")


def encode_command(kind: int, address: int, value: int) -> bytes:
    """One register of one byte: `value` to write, or how many to read."""
    counted = bytes([kind, 1]) + address.to_bytes(2, "big") + bytes([value])
    return COMMAND_PREFIX + counted + crc(counted)


class RegisterEngine:
    """See `scanner_replies.Family`."""

    name = "register_engine"
    query = Request(encode_command(READ, MODE_REGISTER, 1))
    product_query: Request | None = None

    def trigger(self, on: bool) -> Request:
        return Request(encode_command(WRITE, TRIGGER_REGISTER, int(on)))

    def mode(self, answer: Reply, by_command: bool) -> Request | None:
        """Only the two mode bits change: the others are lamp, aim and sound."""
        now = answer.value[0]
        wanted = now & ~MODE_BITS | (COMMAND_MODE if by_command else SENSOR_MODE)
        return None if wanted == now else Request(encode_command(WRITE, MODE_REGISTER, wanted))

    def first_cut(self, buffer: bytes) -> Cut | None:
        start = buffer.find(REPLY_PREFIX)
        if start < 0:
            return Cut(len(buffer) - 1) if buffer.endswith(REPLY_PREFIX[:1]) else None
        counted = buffer[start + 2 :]
        if len(counted) < 2:
            return Cut(start)
        kind, count = counted[0], counted[1]
        if kind not in VERDICT_OF_TYPE or not 1 <= count <= MAX_VALUE_BYTES:
            return Cut(start, spoiled=True)
        size = 2 + count + CRC_BYTES
        if len(counted) < size:
            return Cut(start)
        if crc(counted[: size - CRC_BYTES]) != counted[size - CRC_BYTES : size]:
            return Cut(start, spoiled=True)
        return Cut(start, start + 2 + size, Reply(VERDICT_OF_TYPE[kind], value=counted[2 : size - CRC_BYTES]))

    def is_debris(self, line: bytes) -> bool:
        """A checksum without its reply counts as debris too: no code that people show has two characters."""
        return only_controls(line) or b"\x00" in line or len(line) <= CRC_BYTES


FAMILY = RegisterEngine()
