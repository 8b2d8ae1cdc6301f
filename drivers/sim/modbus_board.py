"""Two simulated Modbus RTU boards on one RS485 line: lamps at one unit, the cabinet at another.

The lamps are coils and holding registers alike. The cabinet has its door contact at input 0 (1 = open), relays at
coils 0-7, its temperature at input register 0 in tenths of a degree. Own framing and checksum, so that it judges the
driver's. Control: `door{open}`, `heat{c}`, `power_cut` (all outputs fall), unplug, replug, faults.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping
from typing import ClassVar

from drivers.sim.core import Twin
from drivers.sim.faultbook import BadControl

OUTPUTS = 16
SILENCE_S = 0.03
"""Half a request is forgotten after this; longer than the standard's, since a pty hands bytes over in slices."""
THINK_S = 0.004
READS, WRITES = (1, 2, 3, 4), (5, 6, 15, 16)
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


class _Refused(Exception):
    """Its argument is the exception code."""


class Board:
    """One unit: its four tables."""

    def __init__(self, inputs: int, input_registers: int) -> None:
        self.coils = [0] * OUTPUTS
        self.inputs = [0] * inputs
        self.holding = [0] * OUTPUTS
        self.input_registers = [0] * input_registers
        self.writes = 0
        self.stuck = False

    def answer(self, function: int, data: bytes) -> bytes:
        """:raises _Refused:"""
        if function in READS:
            address, count = struct.unpack(">HH", data[:4])
            table = (self.coils, self.inputs, self.holding, self.input_registers)[function - 1]
            values = table[address : address + count]
            if count == 0 or len(values) != count:
                raise _Refused(ILLEGAL_ADDRESS)
            body = _bits(values) if function < 3 else struct.pack(f">{count}H", *values)
            return bytes([len(body)]) + body
        if function in WRITES:
            return self._write(function, data)
        raise _Refused(ILLEGAL_FUNCTION)

    def _write(self, function: int, data: bytes) -> bytes:
        address, word = struct.unpack(">HH", data[:4])
        if function == 5:
            if word not in (0, 0xFF00):
                raise _Refused(ILLEGAL_VALUE)
            values = [int(word == 0xFF00)]
        elif function == 6:
            values = [word]
        elif function == 15:
            values = [data[5 + n // 8] >> n % 8 & 1 for n in range(word)]
        else:
            values = list(struct.unpack(f">{word}H", data[5 : 5 + 2 * word]))
        table = self.coils if function in (5, 15) else self.holding
        if address + len(values) > len(table):
            raise _Refused(ILLEGAL_ADDRESS)
        self.writes += 1
        if not self.stuck:
            table[address : address + len(values)] = values
        return data[:4]


class ModbusBoardTwin(Twin):
    """See the module. Settings: `baud`, `lights_unit` (1), `cabinet_unit` (2)."""

    models = ("modbus_lights", "modbus_cabinet")
    default_baud = 9600
    own_faults: ClassVar[Mapping[str, str]] = {
        "exception": "the answer is the refusal `code` (default 04)",
        "wrong_unit": "the answer carries the address of another unit",
        "stuck": "a write is confirmed, but the output stays as it is",
    }

    def __init__(self, settings: Mapping[str, object]) -> None:
        super().__init__(settings)
        self.lights, self.cabinet = Board(0, 0), Board(8, 1)
        self._boards = {
            _unit(settings, "lights_unit", 1): self.lights,
            _unit(settings, "cabinet_unit", 2): self.cabinet,
        }
        self._buffer = bytearray()
        self._pieces = 0
        """How often something was heard."""
        self._lamp_changes: list[tuple[float, int, int]] = []
        self._heat(23.5)
        self.ops |= {
            "door": self._op_door,
            "heat": self._op_heat,
            "power_cut": self._op_power_cut,
            "lamp_changes": lambda _request: {"changes": list(self._lamp_changes)},
        }

    def on_bytes(self, data: bytes) -> None:
        self._pieces += 1
        self._buffer += data
        if (size := _request_bytes(self._buffer)) is not None and len(self._buffer) >= size:
            frame = bytes(self._buffer[:size])
            self._buffer.clear()
            if _crc(frame[:-2]) == frame[-2:] and frame[0] in self._boards:
                self.after(THINK_S, lambda: self._obey(frame))
        elif self._buffer:
            self._await_the_rest(self._pieces)

    def _await_the_rest(self, pieces: int) -> None:
        """The silence of the line counts, not the time in which a busy machine did not let this process listen."""

        def forget() -> None:
            if self._pieces == pieces and not self.is_spoken_to:
                self._buffer.clear()

        self.after(SILENCE_S, forget)

    def on_power_up(self) -> None:
        self._buffer.clear()

    def status(self) -> dict[str, object]:
        return {
            **super().status(),
            "lamps": list(self.lights.coils),
            "lamp_registers": list(self.lights.holding),
            "relays": list(self.cabinet.coils),
            "door_open": bool(self.cabinet.inputs[0]),
            "writes": self.lights.writes + self.cabinet.writes,
        }

    def _obey(self, frame: bytes) -> None:
        unit, function = frame[0], frame[1]
        board = self._boards[unit]
        board.stuck = function in WRITES and self.faults.take("stuck") is not None
        before = list(board.coils)
        try:
            if fault := self.faults.take("exception"):
                raise _Refused(int(str(fault.args.get("code", "04")), 16))
            body = bytes([function]) + board.answer(function, frame[2:-2])
        except _Refused as refused:
            body = bytes([function | 0x80, refused.args[0]])
        if board is self.lights:
            changed = [(n, new) for n, (old, new) in enumerate(zip(before, board.coils, strict=True)) if old != new]
            self._lamp_changes += [(time.monotonic(), n, new) for n, new in changed]
        if self.faults.take("wrong_unit"):
            unit = unit % 247 + 1
        answer = bytes([unit]) + body
        self.send(answer + _crc(answer), tag="read" if function in READS else "write")

    def _op_door(self, request: Mapping[str, object]) -> Mapping[str, object]:
        self.cabinet.inputs[0] = int(request.get("open") is True)
        return {}

    def _op_heat(self, request: Mapping[str, object]) -> Mapping[str, object]:
        degrees = request.get("c")
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -100 <= degrees <= 200:
            raise BadControl("heat: c is a temperature")
        self._heat(float(degrees))
        return {}

    def _heat(self, degrees: float) -> None:
        self.cabinet.input_registers[0] = round(degrees * 10) & 0xFFFF

    def _op_power_cut(self, _request: Mapping[str, object]) -> Mapping[str, object]:
        for board in (self.lights, self.cabinet):
            board.coils[:] = board.holding[:] = [0] * OUTPUTS
        return {}


def _request_bytes(data: bytes | bytearray) -> int | None:
    """Length of the request that begins there; None while that is not known."""
    if len(data) < 7:
        return None
    return 9 + data[6] if data[1] in (15, 16) else 8


def _bits(values: list[int]) -> bytes:
    packed = bytearray((len(values) + 7) // 8)
    for n, value in enumerate(values):
        packed[n // 8] |= value << n % 8
    return bytes(packed)


def _crc(data: bytes) -> bytes:
    """CRC-16 with polynomial A001, low byte first (Modbus over serial line V1.02, appendix B)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return struct.pack("<H", crc)


def _unit(settings: Mapping[str, object], key: str, default: int) -> int:
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 247:
        raise BadControl(f"{key} is a unit number, 1 to 247")
    return value


TWIN = ModbusBoardTwin
