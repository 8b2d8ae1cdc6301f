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


@pytest.mark.parametrize("report", [b"\x14\x00\x00\x00", b"\x10\x00\x03\x00", b"\x38\x08\x0c\x00"])
@pytest.mark.parametrize("cut_at", [1, 2, 3, 4])
def test_no_byte_of_an_automatic_status_answers_a_queued_question(report: bytes, cut_at: int) -> None:
    asking, _port = answers([report[:cut_at], report[cut_at:] + b"\x12"])
    assert asking.ask(1) == 0x12
    assert asking.queued(0.0) is None


def test_an_answer_behind_an_automatic_status_counts_and_one_beside_it_in_a_single_read_too() -> None:
    asking, _port = answers([b"\x14\x00\x00\x00\x03\x12"])
    asking.ask(1)
    paper = asking.queued(0.0)
    assert paper is not None and paper.low
    assert asking.queued(0.0) is None


def test_an_echoed_question_is_noise_though_it_begins_like_an_automatic_status() -> None:
    asking, _port = answers([b"\x10\x04\x01\x12"], [b"\x10\x04\x01\x12"])
    with pytest.raises(DeviceError) as failed:
        asking.ask(1)
    assert failed.value.fault is faults.DEV_GARBLED


@pytest.mark.parametrize("spoiled", [b"\x10", b"\x10\x00", b"\x70\x04"])
def test_a_spoiled_answer_that_begins_like_an_automatic_status_is_asked_again(spoiled: bytes) -> None:
    asking, port = answers([spoiled], [b"\x12"])
    assert asking.ask(1) == 0x12
    assert port.asked == [1, 1]


def test_flow_bytes_do_not_end_an_automatic_status() -> None:
    asking, _port = answers([b"\x14\x00\x13\x00", b"\x11\x00\x12"])
    assert asking.ask(1) == 0x12
    assert asking.queued(0.0) is None
