"""Modbus traffic told to a technician. Lamps, doors and relays are nobody's secret: everything is shown."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.codec.modbus import Answer, Question, Table, answer_in, question_in, what_was_heard, without_echo
from drivers.codec.wire import Direction, Passage, Sign, WireLine, hexed, stray

_WHAT = {
    Table.COIL.value: "read coils",
    Table.DISCRETE_INPUT.value: "read inputs",
    Table.HOLDING.value: "read registers",
    Table.INPUT.value: "read input registers",
    5: "write coil",
    6: "write register",
    15: "write coils",
    16: "write registers",
}


def describe(passages: Sequence[Passage]) -> list[WireLine]:
    """One line a question and one for what came back until the next."""
    lines: list[WireLine] = []
    asked, heard, heard_at_s = None, b"", 0.0
    for passage in passages:
        if passage.direction is Direction.FROM_DEVICE:
            heard, heard_at_s = heard + passage.data, passage.at_s
            continue
        lines += _answered(asked, heard, heard_at_s)
        asked, heard = question_in(passage.data), b""
        lines.append(_asked(passage, asked))
    return lines + _answered(asked, heard, heard_at_s)


def _asked(passage: Passage, question: Question | None) -> WireLine:
    meaning = "no question of this protocol"
    if question is not None:
        last = question.address + question.count - 1
        span = f"{question.address}" if last == question.address else f"{question.address}-{last}"
        values = f" = {_listed(question.values)}" if question.values else ""
        meaning = f"unit {question.unit}: {_WHAT[question.function]} {span}{values}"
    return WireLine(passage.at_s, passage.direction, hexed(passage.data), meaning, Sign.QUESTION, len(passage.data))


def _answered(question: Question | None, heard: bytes, at_s: float) -> list[WireLine]:
    if not heard:
        return []
    if question is None:
        return [stray(at_s, Direction.FROM_DEVICE, heard)]
    lines, rest = [], without_echo(question, heard)
    if len(rest) < len(heard):
        echo = heard[: len(heard) - len(rest)]
        lines.append(stray(at_s, Direction.FROM_DEVICE, echo, "the question itself comes back (echo)"))
    if not rest:
        return lines
    frame = _frame_of(question, rest)
    if frame is None:
        return [*lines, stray(at_s, Direction.FROM_DEVICE, rest, what_was_heard(question, rest))]
    at = rest.find(frame)
    answer = answer_in(question, frame)
    assert answer is not None
    if at:
        lines.append(stray(at_s, Direction.FROM_DEVICE, rest[:at], "noise before the answer"))
    sign = Sign.TROUBLE if answer.refusal else Sign.ANSWER
    lines.append(WireLine(at_s, Direction.FROM_DEVICE, hexed(frame), _answer_text(answer), sign, len(frame)))
    if after := rest[at + len(frame) :]:
        again = after.startswith(frame)
        lines.append(stray(at_s, Direction.FROM_DEVICE, after, "the answer comes twice" if again else "noise after it"))
    return lines


def _frame_of(question: Question, heard: bytes) -> bytes | None:
    """The shortest piece that is the answer."""
    for start in range(len(heard)):
        for length in (question.answer_bytes, 5):
            piece = heard[start : start + length]
            if len(piece) == length and answer_in(question, piece) is not None and piece[0] == question.unit:
                return piece
    return None


def _answer_text(answer: Answer) -> str:
    if answer.refusal:
        return f"refused, exception {answer.refusal}"
    return f"values {_listed(answer.values)}" if answer.values else "confirmed"


def _listed(values: Sequence[int]) -> str:
    return " ".join(str(value) for value in values)
