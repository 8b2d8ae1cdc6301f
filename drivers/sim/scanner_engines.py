"""How simulated scanners of each family obey: the device's side, written from the manuals, not from the drivers.

An engine takes bytes of any chunking and returns what happens, in order. It knows nothing of the wire.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

ACK, NAK, ENQ = b"\x06", b"\x15", b"\x05"
PRODUCT = b"TWIN-2D-SCANNER"


@dataclass(frozen=True, slots=True)
class Happening:
    """One obeyed command. `answer` empty: the family does not answer it."""

    tag: str
    answer: bytes = b""
    lamp: bool | None = None
    """Reading switched on or off by it."""
    by_command: bool | None = None
    """Now reads only when told to, or by sight."""


class Engine(Protocol):
    refuse_next: bool
    """Answer the next command with a refusal."""

    def obey(self, data: bytes) -> list[Happening]: ...


class PlainEngine:
    """A scanner that obeys nothing that comes over the wire."""

    refuse_next = False

    def obey(self, data: bytes) -> list[Happening]:
        return []


class NewlandEngine:
    """Text commands between `~ SOH 0000` and `; ETX`; the answer repeats the command."""

    def __init__(self) -> None:
        self.refuse_next = False
        self._heard = b""

    def obey(self, data: bytes) -> list[Happening]:
        self._heard = (self._heard + data)[-512:]
        happened = []
        while found := re.search(rb"~\x010000([@#])([A-Z0-9]{3})([A-Z0-9]{3})([^;]*);\x03", self._heard):
            self._heard = self._heard[found.end() :]
            happened.append(self._carry_out(found[1], found[2] + found[3], found[4]))
        return happened

    def _carry_out(self, storage: bytes, command: bytes, data: bytes) -> Happening:
        refused, self.refuse_next = self.refuse_next, False

        def happening(verdict: bytes, tag: str, value: bytes = data, **effects: bool) -> Happening:
            answer = b"\x02\x010000" + storage + command + value + verdict + b";\x03"
            return Happening(tag, answer, **effects)

        if refused:
            return happening(NAK, "ack")
        if command == b"QRYPDN":
            return happening(ACK, "query", PRODUCT)
        if command == b"SCNTRG":
            return happening(ACK, "ack", lamp=data == b"1") if data in (b"0", b"1") else happening(NAK, "ack")
        if command == b"SCNMOD":
            return happening(ACK, "ack", by_command=data == b"0") if data in (b"0", b"2") else happening(NAK, "ack")
        return happening(ENQ, "ack")


class RegisterEngineTwin:
    """Registers written and read by binary frames with a CRC that may be waived by AB CD."""

    def __init__(self) -> None:
        self.refuse_next = False
        self._heard = bytearray()
        self._registers = {0x0000: 0xD6, 0x0002: 0x00}
        """0000 as delivered: sound, aim and lamp on, reads continuously."""

    def obey(self, data: bytes) -> list[Happening]:
        self._heard += data
        happened = []
        while (frame := self._frame()) is not None:
            happened.append(self._carry_out(frame))
        return happened

    def _frame(self) -> bytes | None:
        """Type, count, address, data and checksum of the next whole command."""
        start = self._heard.find(b"\x7e\x00")
        if start < 0:
            del self._heard[:-1]
            return None
        del self._heard[:start]
        if len(self._heard) < 4:
            return None
        size = 6 + (self._heard[3] if self._heard[2] == 0x08 else 1) + 2
        if len(self._heard) < size:
            return None
        frame = bytes(self._heard[2:size])
        del self._heard[:size]
        return frame

    def _carry_out(self, frame: bytes) -> Happening:
        refused, self.refuse_next = self.refuse_next, False
        kind, address, value = frame[0], frame[2] << 8 | frame[3], frame[4]
        if frame[-2:] not in (b"\xab\xcd", _crc16(frame[:-2])):
            return Happening("ack", _register_reply(0x01, b"\x00"))
        if refused or kind not in (0x07, 0x08) or address not in self._registers:
            return Happening("ack", _register_reply(0x03, b"\x00"))
        if kind == 0x07:
            return Happening("query", _register_reply(0x00, bytes([self._registers[address]])))
        self._registers[address] = value
        done = _register_reply(0x00, b"\x00")
        if address == 0x0002:
            return Happening("ack", done, lamp=bool(value & 1))
        return Happening("ack", done, by_command=value & 3 == 1)


def _register_reply(kind: int, value: bytes) -> bytes:
    counted = bytes([kind, len(value)]) + value
    return b"\x02\x00" + counted + _crc16(counted)


def _crc16(data: bytes) -> bytes:
    """Polynomial x^16 + x^12 + x^5 + 1, from zero, bit by bit as the manual draws it."""
    register = 0
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    return register.to_bytes(2, "big")


class HoneywellEngine:
    """SYN T and SYN U switch reading, SYN M begins a menu command that is repeated with a verdict."""

    def __init__(self) -> None:
        self.refuse_next = False
        self._heard = b""
        self._mode = b"3"

    def obey(self, data: bytes) -> list[Happening]:
        self._heard = (self._heard + data)[-512:]
        happened = []
        while found := re.search(rb"\x16(?:([TU])\r|M\r([A-Z]{6})([^.!]*)([.!]))", self._heard):
            self._heard = self._heard[found.end() :]
            if found[1]:
                happened.append(Happening("trigger", lamp=found[1] == b"T"))
            else:
                happened.append(self._menu(found[2], found[3], found[4]))
        return happened

    def _menu(self, command: bytes, data: bytes, storage: bytes) -> Happening:
        refused, self.refuse_next = self.refuse_next, False
        if refused:
            return Happening("ack", command + data + NAK + storage)
        if command == b"REVINF":
            text = b": Product Name: " + PRODUCT + b"\r\nBoot Revision: 1\r\nSerial Number: 0000000001\r\n"
            return Happening("query", command + text + ACK + storage)
        if command != b"TRGMOD":
            return Happening("ack", command + data + ENQ + storage)
        if data == b"?":
            return Happening("query", command + self._mode + ACK + storage)
        if data not in (b"0", b"3"):
            return Happening("ack", command + data + NAK + storage)
        self._mode = data
        return Happening("ack", command + data + ACK + storage, by_command=data == b"0")


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "serial_line": PlainEngine,
    "newland_unified": NewlandEngine,
    "register_engine": RegisterEngineTwin,
    "honeywell_serial": HoneywellEngine,
}
"""By the model that each is the other side of."""
