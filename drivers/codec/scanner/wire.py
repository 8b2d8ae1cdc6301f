"""A code scanner's traffic told to a technician: commands and their answers, and that a code came, how long and how
encoded; never what it says.

Which family's answers to look for is known from the commands; a scanner that is sent none only talks in codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drivers.api import DeviceError
from drivers.codec.scanner import honeywell, newland, register_engine
from drivers.codec.scanner.line import decode_code
from drivers.codec.scanner.replies import ANSWER_S, Family, Reply, StreamSplitter, Verdict
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, hidden, stray

SILENCE_S = 0.1
_LINE_ENDS = {b"\r": "CR", b"\n": "LF", b"\r\n": "CR LF", b"": "none"}
_FAMILY_OF_PREFIX: Mapping[bytes, Family] = {
    newland.COMMAND_PREFIX: newland.FAMILY,
    register_engine.COMMAND_PREFIX: register_engine.FAMILY,
    honeywell.MENU[:1]: honeywell.FAMILY,
}


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a command, an answer or a code; pieces that follow within 100 ms are one code.

    The pieces of an answer may lie as far apart as the answer has time.
    """
    told = _Told()
    for passage in passages:
        if passage.direction is Direction.TO_DEVICE:
            told.sent(passage)
        else:
            told.heard(passage)
    told.silence()
    return told.lines


class _Told:
    def __init__(self) -> None:
        self.lines: list[WireLine] = []
        self._splitter: StreamSplitter | None = None
        self._last_sent, self._asked_s = b"", 0.0
        self._held, self._since_s, self._last_s = b"", 0.0, 0.0
        self._before, self._before_s = b"", 0.0
        """The code before this one: no hand shows a code twice within 100 ms."""

    def sent(self, passage: Passage) -> None:
        data = passage.data
        if passage.at_s - self._last_s > SILENCE_S:
            self.silence()
        family = next((made for prefix, made in _FAMILY_OF_PREFIX.items() if data.startswith(prefix)), None)
        if family is not None and (self._splitter is None or self._splitter.family is not family):
            self._splitter = StreamSplitter(family)
        answered = family is not None and data not in (honeywell.TRIGGER_ON, honeywell.TRIGGER_OFF)
        meaning = f"{family.name} command" if family else "command of no known family"
        sign = Sign.QUESTION if answered else Sign.COMMAND
        self.lines.append(WireLine(passage.at_s, passage.direction, hexed(data), meaning, sign, len(data)))
        self._last_sent, self._asked_s = data, passage.at_s

    def heard(self, passage: Passage) -> None:
        replying = self._splitter is not None and self._splitter.in_reply and passage.at_s - self._asked_s <= ANSWER_S
        if passage.at_s - self._last_s > SILENCE_S and not replying:
            self.silence()
        self._last_s = passage.at_s
        data = passage.data
        if self._last_sent and data.startswith(self._last_sent):
            echo, data = self._last_sent, data[len(self._last_sent) :]
            self.lines.append(stray(passage.at_s, passage.direction, echo, "the command itself comes back (echo)"))
        for piece in self._splitter.feed(data) if self._splitter else [data]:
            self._sort(passage.at_s, piece)

    def silence(self) -> None:
        """The line fell silent: what is held is a code without a line end."""
        for piece in self._splitter.silence() if self._splitter else []:
            self._sort(self._last_s, piece)
        if self._held:
            self._tell_code(self._held)
            self._held = b""

    def _sort(self, at_s: float, piece: bytes | Reply | None) -> None:
        if piece is None:
            self.lines.append(stray(at_s, Direction.FROM_DEVICE, b"\0", "a spoiled answer"))
        elif isinstance(piece, Reply):
            sign = Sign.ANSWER if piece.verdict is Verdict.ACK else Sign.TROUBLE
            meaning = f"{piece.verdict.value} {piece.tag}".rstrip()
            # The value may be a product's name; it is nobody's secret, but it is not needed here either.
            shown = hidden(len(piece.value)) if piece.value else "-"
            self.lines.append(WireLine(at_s, Direction.FROM_DEVICE, shown, meaning, sign, len(piece.value)))
        else:
            self._code_bytes(at_s, piece)

    def _code_bytes(self, at_s: float, data: bytes) -> None:
        if not self._held:
            self._since_s = at_s
            if self._before.endswith(b"\r") and data.startswith(b"\n"):
                data = data[1:]  # the second half of a line end that came in two pieces
        self._held += data
        while (end := _line_end(self._held)) is not None:
            self._tell_code(self._held[:end])
            self._held, self._since_s = self._held[end:], at_s

    def _tell_code(self, line: bytes) -> None:
        doubled = line == self._before and self._last_s - self._before_s < SILENCE_S
        self._before, self._before_s = line, self._last_s
        if self._splitter and (self._last_sent in line or self._splitter.family.is_debris(line.rstrip(b"\r\n"))):
            what = "the rest of an answer, or a command that comes back (echo)"
            self.lines.append(stray(self._since_s, Direction.FROM_DEVICE, line, what))
        elif doubled:
            again = "the same code a second time within 100 ms"
            self.lines.append(stray(self._since_s, Direction.FROM_DEVICE, line, again))
        else:
            self.lines.append(_code(self._since_s, line))


def _line_end(held: bytes) -> int | None:
    """Where the first whole line ends, its line end included."""
    at = next((n for n, byte in enumerate(held) if byte in b"\r\n"), None)
    if at is None:
        return None
    while at < len(held) and held[at] in b"\r\n":
        at += 1
    return at


def _code(at_s: float, line: bytes) -> WireLine:
    payload = line.rstrip(b"\r\n")
    if not payload:
        return stray(at_s, Direction.FROM_DEVICE, line, "a line end without a code")
    ending = _LINE_ENDS.get(line[len(payload) :], "several")
    try:
        symbology = decode_code(payload).symbology
    except DeviceError as error:
        return stray(at_s, Direction.FROM_DEVICE, line, f"unreadable ({error.fault.code}), line end {ending}")
    meaning = f"a code of {len(payload)} bytes, symbology {symbology}, line end {ending}"
    return WireLine(at_s, Direction.FROM_DEVICE, hidden(len(line)), meaning, Sign.EVENT, len(line))
