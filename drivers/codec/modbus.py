"""Modbus RTU questions and answers (Modbus application protocol V1.1b3): pure bytes in and out.

pymodbus packs and unpacks messages and checksums. What is an answer to this question is decided here: RTU has no
transaction numbers, so unit, function, length and what a write confirms must all fit. A frame that fails moves the
search on by one byte, where pymodbus would throw the rest away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

MIN_FRAME_BYTES = 5
MAX_FRAME_BYTES = 256
"""Unit, function, data and checksum (Modbus over serial line V1.02, 2.5.1)."""
ERROR_BIT = 0x80


class Table(IntEnum):
    """The four tables of a board, by the function that reads them."""

    COIL = 1
    DISCRETE_INPUT = 2
    HOLDING = 3
    INPUT = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One request on the wire, and what its answer must look like."""

    frame: bytes
    unit: int
    function: int
    address: int
    count: int
    values: tuple[int, ...] = ()
    """What a write writes; empty for a read."""

    @property
    def answer_bytes(self) -> int:
        """Length of the answer's frame when the board does not refuse."""
        if self.function in (Table.COIL, Table.DISCRETE_INPUT):
            return 5 + (self.count + 7) // 8
        return 5 + 2 * self.count if self.function in (Table.HOLDING, Table.INPUT) else 8


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` of a read, as many as were asked for; `refusal` is the exception code, 0 when there is none."""

    values: tuple[int, ...] = ()
    refusal: int = 0


_READERS: dict[Table, type[ModbusPDU]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE_INPUT: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}
_ANSWERS = FramerRTU(DecodePDU(is_server=False))
_QUESTIONS = FramerRTU(DecodePDU(is_server=True))


def read(unit: int, table: Table, address: int, count: int) -> Question:
    """:raises ValueError: when the protocol has no such address or count."""
    return _question(_READERS[table](dev_id=unit, address=address, count=count))


def write(unit: int, table: Table, address: int, values: Sequence[int], *, single: bool = False) -> Question:
    """Set coils or holding registers from `address` on.

    :param single: with the functions for one value (05, 06), for boards that know no others.
    :raises ValueError: a table that cannot be written, or several values for `single`.
    """
    if table is Table.COIL:
        bits = [bool(value) for value in values]
        if single:
            return _question(WriteSingleCoilRequest(dev_id=unit, address=address, bits=[bool(_only(values))]))
        return _question(WriteMultipleCoilsRequest(dev_id=unit, address=address, bits=bits))
    if table is Table.HOLDING:
        if single:
            return _question(WriteSingleRegisterRequest(dev_id=unit, address=address, registers=[_only(values)]))
        return _question(WriteMultipleRegistersRequest(dev_id=unit, address=address, registers=list(values)))
    raise ValueError(f"{table.name} cannot be written")


def question_in(frame: bytes) -> Question | None:
    """What a master's bytes ask; None when they are no question that is made here."""
    pdu = _decoded(_QUESTIONS, frame)
    try:
        made = _question(pdu) if pdu is not None and not pdu.isError() else None
    except (ValueError, KeyError):
        return None
    return made if made is not None and made.frame == frame else None


def answer_in(question: Question, heard: bytes) -> Answer | None:
    """The first answer to `question` in what was heard; None while there is none."""
    for start in range(len(heard) - MIN_FRAME_BYTES + 1):
        if heard[start] != question.unit or heard[start + 1] & ~ERROR_BIT != question.function:
            continue
        pdu = _decoded(_ANSWERS, heard[start : start + MAX_FRAME_BYTES])
        if pdu is not None and (answer := _fitting(question, pdu)) is not None:
            return answer
    return None


def without_echo(question: Question, heard: bytes) -> bytes:
    """What was heard beside the question itself, which many RS485 adapters give back.

    The answer to a single write is the question once more: alone it is taken for the answer, so whoever uses single
    writes has to read what became of them.
    """
    at = heard.find(question.frame)
    if at >= 0:
        rest = heard[at + len(question.frame) :]
        return heard if not rest and question.function in (5, 6) else rest
    return b"" if question.frame.startswith(heard) else heard


def what_was_heard(question: Question, heard: bytes) -> str:
    """Why bytes are no answer, for a technician."""
    if _decoded(_ANSWERS, heard) is None:
        return f"{len(heard)} bytes without a valid checksum"
    if heard[0] != question.unit:
        return f"an answer of unit {heard[0]} instead of {question.unit}"
    return f"an answer to function {heard[1] & ~ERROR_BIT} that does not fit the question"


def silence_s(baud: int) -> float:
    """Between two frames the line is silent for 3.5 characters, above 19200 for 1.75 ms (V1.02, 2.5.1.1)."""
    return 0.00175 if baud > 19200 else 3.5 * 11 / baud


def _only(values: Sequence[int]) -> int:
    if len(values) != 1:
        raise ValueError("a single write has one value")
    return values[0]


def _question(pdu: ModbusPDU) -> Question:
    values: tuple[int, ...] = ()
    if pdu.function_code in (5, 15):
        values = tuple(int(bit) for bit in pdu.bits)
    elif pdu.function_code in (6, 16):
        values = tuple(pdu.registers)
    count = len(values) or pdu.count
    return Question(_ANSWERS.buildFrame(pdu), pdu.dev_id, pdu.function_code, pdu.address, count, values)


def _decoded(framer: FramerRTU, data: bytes) -> ModbusPDU | None:
    """The frame at the very start of `data`; what follows it is not looked at."""
    if len(data) < MIN_FRAME_BYTES or framer.decoder.lookupPduClass(data) is None:
        return None
    _used, unit, _number, body = framer.decode(data)
    pdu = framer.decoder.decode(body) if body else None
    if pdu is not None:
        pdu.dev_id = unit
    return pdu


def _fitting(question: Question, pdu: ModbusPDU) -> Answer | None:
    if isinstance(pdu, ExceptionResponse):
        return Answer(refusal=pdu.exception_code)
    if question.function in (Table.COIL, Table.DISCRETE_INPUT):
        fits = len(pdu.bits) == (question.count + 7) // 8 * 8
        return Answer(tuple(int(bit) for bit in pdu.bits[: question.count])) if fits else None
    if question.function in (Table.HOLDING, Table.INPUT):
        return Answer(tuple(pdu.registers)) if len(pdu.registers) == question.count else None
    if pdu.address != question.address:
        return None
    if question.function == 5:
        return Answer() if tuple(int(bit) for bit in pdu.bits[:1]) == question.values else None
    if question.function == 6:
        return Answer() if tuple(pdu.registers) == question.values else None
    return Answer() if pdu.count == question.count else None
