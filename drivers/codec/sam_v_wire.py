"""SAM_V traffic told to a technician. Of replies only the reader's own identity is shown: all other data is personal.

The answer to 30 xx is a resident's identity; the short answers to find and select number her card. A frame
is judged by the question before it and by its own length, so that a late long reply to an
earlier question stays hidden, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.sam_v import (
    COMMANDS,
    FAULT_OF_SW3,
    HEADER_BYTES,
    PREAMBLE,
    READ_ADDRESS,
    SAM_ID,
    Command,
    Sw3,
    answers,
    checksum,
    decode_reply,
)
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray
from drivers.faults import CRD_NO_CARD, CRD_RETRY

_BY_CODE = {(command.code, command.parameter): command for command in COMMANDS}
_LONGEST_BODY = 0x090A
_ORDINARY = (CRD_NO_CARD, CRD_RETRY)
"""No card lies there, or a hand moved it: a reader that says so is well."""


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """Every frame with the time of its first byte; what is no frame is counted."""
    told = _Told()
    for passage in passages:
        told.take(passage)
    told.end()
    return sorted(told.lines, key=lambda line: line.at_s)


class _Told:
    """Frames cut out of both directions; a frame begins at the passage that brought its first byte."""

    def __init__(self) -> None:
        self.lines: list[WireLine] = []
        self._held: dict[Direction, bytes] = dict.fromkeys(Direction, b"")
        self._since_s: dict[Direction, float] = dict.fromkeys(Direction, 0.0)
        self._asked: Command | None = None
        self._last_request = b""

    def take(self, passage: Passage) -> None:
        way = passage.direction
        if way is Direction.TO_DEVICE and (rest := self._held[Direction.FROM_DEVICE]):
            # A new question: what is held of the answer before it will not be finished.
            self._give_up(Direction.FROM_DEVICE, rest)
        if not self._held[way]:
            self._since_s[way] = passage.at_s
        self._held[way] += passage.data
        while (size := self._front(way)) is not None:
            frame, self._held[way] = self._held[way][:size], self._held[way][size:]
            (self._request if way is Direction.TO_DEVICE else self._reply)(self._since_s[way], frame)
            self._since_s[way] = passage.at_s

    def end(self) -> None:
        for way, rest in self._held.items():
            if rest:
                self._give_up(way, rest)

    def _give_up(self, way: Direction, rest: bytes) -> None:
        self.lines.append(stray(self._since_s[way], way, rest, "a frame that was never finished, or no frame"))
        self._held[way] = b""

    def _front(self, way: Direction) -> int | None:
        """Length of the whole frame in front; what precedes it is put down as stray. None: more bytes are needed."""
        while True:
            held = self._held[way]
            at = held.find(PREAMBLE)
            if at > 0:
                self.lines.append(stray(self._since_s[way], way, held[:at]))
                self._held[way] = held[at:]
                continue
            if at < 0 or len(held) < HEADER_BYTES:
                return None
            length = int.from_bytes(held[5:HEADER_BYTES], "big")
            if not 3 <= length <= _LONGEST_BODY:
                self._skip(way, 1, "a frame with an impossible length")
                continue
            if len(held) < HEADER_BYTES + length:
                return None
            if checksum(held[5 : HEADER_BYTES + length]):
                self._skip(way, HEADER_BYTES + length, "a frame with a wrong checksum")
                continue
            return HEADER_BYTES + length

    def _skip(self, way: Direction, count: int, why: str) -> None:
        self.lines.append(stray(self._since_s[way], way, self._held[way][:count], why))
        self._held[way] = self._held[way][count:]

    def _request(self, at_s: float, frame: bytes) -> None:
        self._asked = _BY_CODE.get((frame[7], frame[8]))
        self._last_request = frame
        name = self._asked.name if self._asked else f"unknown command {frame[7]:02X} {frame[8]:02X}"
        self.lines.append(WireLine(at_s, Direction.TO_DEVICE, hexed(frame), name, Sign.QUESTION, len(frame)))

    def _reply(self, at_s: float, frame: bytes) -> None:
        way = Direction.FROM_DEVICE
        if frame == self._last_request:
            self.lines.append(stray(at_s, way, frame, "the question itself comes back (echo)"))
            return
        if len(frame) < HEADER_BYTES + 4:
            self.lines.append(stray(at_s, way, frame, "too short for an answer"))
            return
        asked, reply = self._asked, decode_reply(frame[HEADER_BYTES:-1])
        if asked is None or not answers(asked, reply):
            self.lines.append(stray(at_s, way, frame, "no answer to the last question"))
            return
        self._asked = None
        shown = hexed(frame) if not reply.data or asked is SAM_ID else f"{hexed(frame[:10])} {hidden(len(frame) - 10)}"
        fault = FAULT_OF_SW3.get(reply.sw3)
        known = reply.sw3 in set(Sw3) and (fault is None or fault in _ORDINARY)
        # Whether a card that was read still lies there is asked by reading on: every refusal then means "no".
        fine = known or asked is READ_ADDRESS
        self.lines.append(
            WireLine(at_s, way, shown, _meaning(asked, reply.sw3), Sign.ANSWER if fine else Sign.TROUBLE, len(frame))
        )


def _meaning(asked: Command, sw3: int) -> str:
    name = Sw3(sw3).name.lower().replace("_", " ") if sw3 in set(Sw3) else "unknown"
    fault = FAULT_OF_SW3.get(sw3)
    code = f", {fault.code}" if fault else ""
    return f"{asked.name}: {name} (SW3 {sw3:02X}{code})"
