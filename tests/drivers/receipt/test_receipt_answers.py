"""The return channel alone: which byte answers which question."""

from __future__ import annotations

import pytest

from drivers import faults
from drivers.api import DeviceError
from drivers.receipt_printer import _answers
from drivers.receipt_printer._answers import Answers


class ScriptedPort:
    """Answers every question with the next scripted list of reads; an empty read is a time-out."""

    def __init__(self, *reads_after_each_question: list[bytes]) -> None:
        self._script = list(reads_after_each_question)
        self._reads: list[bytes] = []
        self.asked: list[int] = []

    def write(self, data: bytes) -> None:
        self.asked.append(data[-1])
        self._reads += self._script.pop(0) if self._script else []

    def read_available(self, timeout_s: float) -> bytes:
        return self._reads.pop(0) if self._reads else b""

    def flush_input(self) -> None:
        self._reads.clear()


def answers(*script: list[bytes]) -> tuple[Answers, ScriptedPort]:
    port = ScriptedPort(*script)
    return Answers(port, 115200), port  # type: ignore[arg-type]


def test_two_answers_to_a_repeated_question_are_both_taken_off_the_line() -> None:
    # The first answer came late: both lie there after the second question.
    asking, port = answers([], [b"\x1a", b"\x1a"], [b"\x16"], [b"\x12"], [b"\x12"])
    state = asking.state()
    assert port.asked == [1, 1, 2, 3, 4]
    assert state.offline
    assert state.cover_open
    assert not state.feeding_by_button


def test_a_proof_that_arrives_among_status_answers_is_kept() -> None:
    asking, _port = answers([b"\x00\x12"])
    asking.ask(1)
    paper = asking.queued(0.0)
    assert paper is not None
    assert not paper.out
    assert asking.queued(0.0) is None


def test_flow_control_bytes_are_neither_answer_nor_noise() -> None:
    asking, port = answers([b"\x13", b"\x11\x12"])
    assert asking.ask(4) == 0x12
    assert port.asked == [4]


@pytest.mark.parametrize(("heard", "fault"), [([], faults.DEV_SILENT), ([b"\xff\x80"], faults.DEV_GARBLED)])
def test_silence_and_noise_are_told_apart_after_asking_twice(heard: list[bytes], fault: faults.Fault) -> None:
    asking, port = answers(heard, heard)
    with pytest.raises(DeviceError) as failed:
        asking.ask(2)
    assert failed.value.fault is fault
    assert len(port.asked) == _answers.TRIES


def test_what_came_unasked_is_forgotten_before_a_job() -> None:
    asking, _port = answers([b"\x00\x12"], [b"\x12"])
    asking.ask(1)
    asking.forget()
    assert asking.queued(0.0) is None
