"""The process that sees on a machine without time: what is slow is neither dead nor well."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from typing import ClassVar

import cv2
import numpy as np
import pytest

from drivers import faults
from drivers.transport import vision_pipe
from drivers.vision import ops, worker
from drivers.vision.frames import Frame
from drivers.vision.watch import HOLDS_S, CameraWatch, Look
from drivers.vision.worker import Out, Worker

PATIENCE_S = 30.0


class Told(io.BytesIO):
    """What the process says, line by line, as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._more = threading.Condition()
        self.replies: list[Mapping[str, object]] = []

    def write(self, line: object) -> int:
        assert isinstance(line, bytes)
        with self._more:
            self.replies.append(json.loads(line))
            self._more.notify_all()
        return len(line)

    def await_count(self, ev: str, count: int) -> bool:
        with self._more:
            return self._more.wait_for(lambda: sum(one["ev"] == ev for one in self.replies) >= count, PATIENCE_S)


class Counting:
    """`drivers.vision.ops.Op`."""

    heavy: ClassVar[bool] = False

    def start(self, request: Mapping[str, object]) -> None:
        """Nothing to prepare."""

    def on_frame(self, frame: Frame) -> list[ops.Reply]:
        return [{"ev": "frame", "seq": frame.seq}]

    def stop(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def process(told: Told, tmp_path: object) -> Iterator[Worker]:
    """Its loop runs; there is no camera."""
    made = Worker(f"{tmp_path}/no-camera", 64, 48, 15, Out(told))
    loop = threading.Thread(target=made.forever)
    loop.start()
    yield made
    made.stop()
    loop.join(PATIENCE_S)
    assert not loop.is_alive()


def picture(seq: int) -> Frame:
    pixels = np.full((48, 64, 3), 100 + seq, np.uint8)
    return Frame(cv2.imencode(".jpg", pixels)[1].tobytes(), time.monotonic(), seq)


def test_while_an_operation_is_loaded_from_a_cold_disk_there_are_signs_of_life(
    process: Worker, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ALIVE_S", 0.05)
    disk = threading.Event()

    def make(_name: str) -> ops.Op:
        disk.wait(PATIENCE_S)
        return Counting()

    monkeypatch.setattr(ops, "make", make)
    process.hear({"do": "start", "id": 1, "op": "codes"})
    process.hear({"do": "start", "id": 2, "op": "codes"})
    process.hear({"do": "stop", "id": 2})
    assert told.await_count("alive", 5)
    assert told.await_count("camera", 1)
    disk.set()
    seq, end_s = 0, time.monotonic() + PATIENCE_S
    while not any(one["ev"] == "frame" for one in told.replies):
        seq += 1
        assert time.monotonic() < end_s, "the operation that is loaded looks at no picture"
        process._latest.put(picture(seq % 50))
        threading.Event().wait(0.02)
    assert {one.get("id") for one in told.replies if one["ev"] == "frame"} == {1}, "the stopped one never began"


class Hanging(Counting):
    """A decoder that never comes back."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def on_frame(self, frame: Frame) -> list[ops.Reply]:
        self.let_go.wait(PATIENCE_S)
        return []


def test_a_turn_that_is_slow_is_alive_and_one_that_hangs_is_not(
    process: Worker, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ALIVE_S", 0.02)
    hanging = Hanging()
    monkeypatch.setattr(ops, "make", lambda _name: hanging)
    process.hear({"do": "start", "id": 1, "op": "codes"})
    end_s = time.monotonic() + PATIENCE_S
    while not process._running:
        assert time.monotonic() < end_s, "the operation never began"
        threading.Event().wait(0.01)
    process._latest.put(picture(1))
    before = sum(one["ev"] == "alive" for one in told.replies)
    assert told.await_count("alive", before + 10), "its turn is long, not over"
    assert not process._pulse.hangs
    monkeypatch.setattr(worker, "TURN_S", 0.0)
    assert process._pulse.hangs
    monkeypatch.setattr(worker, "TURN_S", 1000.0)
    assert not process._pulse.hangs
    monkeypatch.setattr(worker, "TURN_CPU_S", 0.0)
    assert process._pulse.hangs, "a decoder that turns in a circle takes a processor"
    hanging.let_go.set()


def test_an_operation_that_cannot_be_loaded_ends_alone(
    process: Worker, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(_name: str) -> ops.Op:
        raise ImportError("no such reader")

    monkeypatch.setattr(ops, "make", make)
    process.hear({"do": "start", "id": 7, "op": "codes"})
    assert told.await_count("failed", 1)
    (failed,) = (one for one in told.replies if one["ev"] == "failed")
    assert failed["id"] == 7


def test_the_same_picture_again_is_shown_to_nobody(told: Told) -> None:
    process = Worker("no-camera", 64, 48, 15, Out(told))
    running = worker.Running(3, Counting(), {}, Out(told))
    running.begin()
    process._running[3] = running
    still = picture(1)
    for frame in (still, still, picture(2), still):
        process._see(frame)
    assert [one["seq"] for one in told.replies] == [1, 2, 1]


@pytest.mark.parametrize(("mean", "fault"), [(3.0, faults.CAM_COVERED), (254.0, faults.CAM_WASHED_OUT)])
def test_a_machine_that_looks_twice_a_minute_still_tells_what_it_sees(mean: float, fault: faults.Fault) -> None:
    watch = CameraWatch(None, 0.0)
    for look in range(4):
        assert watch.verdict(30.0 * look) is not fault
        watch.saw(Look(30.0 * look, bytes([look]), mean, (160, 90)))
        watch.stalled(29.0)
    assert watch.verdict(90.0) is fault


def test_a_hand_that_passes_is_no_covered_camera_however_often_it_is_looked_at() -> None:
    watch = CameraWatch(None, 0.0)
    for look in range(20):
        watch.saw(Look(look * HOLDS_S / 25, bytes([look]), 3.0, (160, 90)))
    assert watch.verdict(0.8) is None


def test_silence_is_told_as_long_as_this_process_had_time_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    try:
        monkeypatch.setattr(vision_pipe, "SLICE_S", 0.02)
        assert not vision_pipe._readable(source, 0.1)
        waits: list[float] = []

        def stand_still(*_select: object) -> tuple[list[int], list[int], list[int]]:
            waits.append(0.0)
            return [], [], []

        clock = iter(range(0, 10_000, 5))
        monkeypatch.setattr(vision_pipe.select, "select", stand_still)
        monkeypatch.setattr(vision_pipe.time, "monotonic", lambda: float(next(clock)))
        assert not vision_pipe._readable(source, 0.1)
        assert len(waits) >= 5, "five seconds of standing still are one slice, not the end"
    finally:
        os.close(source)
        os.close(sink)
