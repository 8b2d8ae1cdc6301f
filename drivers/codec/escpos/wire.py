"""ESC/POS traffic told to a technician: questions and status bytes are shown, what is printed is not.

Bytes from the printer are shown only when they answer a question: an echo of a slip looks like status bytes, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.escpos import jobs
from drivers.codec.escpos import status as bits
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

_QUESTIONS: dict[bytes, str] = {
    jobs.status_query(1): "is it ready? (DLE EOT 1)",
    jobs.status_query(2): "cover and stops? (DLE EOT 2)",
    jobs.status_query(3): "errors? (DLE EOT 3)",
    jobs.status_query(4): "paper? (DLE EOT 4)",
    jobs.QUEUED_PAPER_STATUS: "paper, after everything before it? (GS r 1)",
    jobs.QUEUED_PAPER_STATUS_OLD: "paper, after everything before it? (ESC v)",
}
_COMMANDS: dict[bytes, str] = {
    jobs.CLEAR_BUFFERS: "go on after an error and forget what was received (DLE ENQ 2)",
    jobs.INIT: "initialise (ESC @)",
    jobs.AUTOMATIC_STATUS_OFF: "tell nothing unasked (GS a 0)",
    jobs.FEED_AND_CUT: "feed and cut (GS V)",
    jobs.who_are_you(jobs.MODEL_NAME): "which model? (GS I 67)",
    jobs.who_are_you(jobs.FIRMWARE): "which firmware? (GS I 65)",
    jobs.who_are_you(jobs.SERIAL_NUMBER): "which serial number? (GS I 68)",
}
"""Not every printer knows GS I: it is no question that has to be answered."""
_KNOWN = {**_QUESTIONS, **_COMMANDS}


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a command of ours and one a status byte; what is printed in between is counted."""
    told = _Told()
    for passage in passages:
        if passage.direction is Direction.TO_DEVICE:
            told.sent(passage)
        else:
            told.heard_all(passage)
    return told.lines


class _Told:
    def __init__(self) -> None:
        self.lines: list[WireLine] = []
        self._asked: int | None = None
        """The real-time question that waits: a driver asks the next one when it has given the last one up."""
        self._queued = 0
        self._sorter = bits.Sorter()
        self._text: bytearray | None = None
        """What came so far of an answer to GS I; None while none is awaited."""

    def sent(self, passage: Passage) -> None:
        """The driver writes a question or a command as one piece; the rest is the slip."""
        data, way = passage.data, Direction.TO_DEVICE
        self._text = bytearray() if data.startswith(jobs.GS + b"I") else None
        if (meaning := _KNOWN.get(data)) is None and data.endswith(jobs.PARTIAL_CUT):
            meaning = "feed and cut (ESC J, ESC m)"
        if meaning is None:
            shown = hidden(len(data))
            self.lines.append(WireLine(passage.at_s, way, shown, "part of a slip", Sign.COMMAND, len(data)))
            return
        sign = Sign.QUESTION if data in _QUESTIONS else Sign.COMMAND
        self.lines.append(WireLine(passage.at_s, way, hexed(data), meaning, sign, len(data)))
        if data in (jobs.QUEUED_PAPER_STATUS, jobs.QUEUED_PAPER_STATUS_OLD):
            self._queued += 1
        elif sign is Sign.QUESTION:
            self._asked = data[2]

    def heard_all(self, passage: Passage) -> None:
        for byte in passage.data:
            if self._text is not None:
                self._heard_text(passage.at_s, byte)
            else:
                self._heard(passage.at_s, byte, self._sorter.sorted(bytes((byte,)))[0][1])

    def _heard(self, at_s: float, byte: int, kind: bits.ByteKind) -> None:
        way = Direction.FROM_DEVICE
        if kind is bits.ByteKind.REAL_TIME and self._asked is not None:
            meaning, fine = _real_time(self._asked, byte)
            self._asked = None
        elif kind is bits.ByteKind.QUEUED and self._queued:
            self._queued -= 1
            paper = bits.decode_queued(byte)
            meaning, fine = ("paper out" if paper.out else "paper low" if paper.low else "paper fine"), not paper.out
        elif kind is bits.ByteKind.AUTOMATIC:
            self.lines.append(stray(at_s, way, bytes((byte,)), "automatic status, told unasked (GS a)"))
            return
        elif kind is bits.ByteKind.FLOW:
            self.lines.append(stray(at_s, way, bytes((byte,)), "XON or XOFF: set the printer's flow control to DTR"))
            return
        else:
            self.lines.append(stray(at_s, way, bytes((byte,)), "answers no question"))
            return
        self.lines.append(WireLine(at_s, way, f"{byte:02X}", meaning, Sign.ANSWER if fine else Sign.TROUBLE, length=1))

    def _heard_text(self, at_s: float, byte: int) -> None:
        """A model, firmware or serial number is the printer's own, not a resident's: it is shown."""
        assert self._text is not None
        self._text.append(byte)
        if byte and len(self._text) < bits.LONGEST_TEXT_BYTES:
            return
        data, self._text = bytes(self._text), None
        said = bits.text_in(data)
        if said is None or data[:1] != b"_":
            self.lines.append(stray(at_s, Direction.FROM_DEVICE, data))
        else:
            self.lines.append(WireLine(at_s, Direction.FROM_DEVICE, hexed(data), said, Sign.EVENT, len(data)))


def _real_time(query: int, byte: int) -> tuple[str, bool]:
    state = bits.decode({query: byte})
    names = [
        name.replace("_", " ")
        for name in (
            "offline", "cover_open", "feeding_by_button", "stopped_by_paper_end", "error", "recoverable_error",
            "cutter_error", "unrecoverable_error", "head_hot", "paper_low", "paper_out",
        )
        if getattr(state, name)
    ]  # fmt: skip
    return f"DLE EOT {query}: {', '.join(names) or 'fine'}", not names
