"""Commands on the hub: a cancel is never lost, health is counted, a driver's mistake costs no device."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from drivers.api import CompletionCode, DeviceError, DeviceState
from drivers.faults import CRD_LIFTED, CRD_MODULE, CRD_RETRY, DEV_LOST
from kiosk.app.device_hub import HEALTH_COUNT

Bench = Any
Reader = Any


def test_a_cancel_between_two_calls_of_a_command_ends_it_all_the_same(bench: Bench, quickest: Any) -> None:
    """The driver takes no notice of a cancel while none of its commands runs."""
    bench.worker.start()

    def seconds_to_end() -> float:
        between, go_on, ended = threading.Event(), threading.Event(), threading.Event()

        def job(reader: Reader) -> None:
            between.set()
            assert go_on.wait(5)
            try:
                reader.wait_card(60)
            finally:
                ended.set()

        bench.worker.run_soon(job)
        assert between.wait(5)
        bench.worker.cancel()
        go_on.set()
        began_s = time.monotonic()
        assert ended.wait(5)
        return time.monotonic() - began_s

    assert quickest(seconds_to_end, 0.1) < 0.1


def test_a_cancel_that_meets_a_command_at_its_begin_is_never_lost(bench: Bench) -> None:
    bench.worker.start()
    for _ in range(100):
        ended = threading.Event()

        def job(reader: Reader, ended: threading.Event = ended) -> None:
            try:
                reader.wait_card(60)
            finally:
                ended.set()

        bench.worker.run_soon(job)
        bench.worker.cancel()
        bench.worker.run_soon(lambda reader, ended=ended: ended.set())
        assert ended.wait(5)


def test_health_is_the_share_of_the_last_commands_that_succeeded(bench: Bench) -> None:
    def fails(reader: Reader) -> None:
        raise DeviceError(CRD_RETRY)

    bench.worker.start()
    assert bench.bus.get(timeout=5).health.ratio == 1.0
    for job in (lambda reader: None, fails, fails):
        bench.worker.run_soon(job)
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    until_s = time.monotonic() + 5
    while bench.worker.health.asked < 5 and time.monotonic() < until_s:
        time.sleep(0.005)
    assert (bench.worker.health.succeeded, bench.worker.health.asked) == (3, 5)
    for _ in range(2 * HEALTH_COUNT):
        bench.worker.run_soon(lambda reader: None)
    done.clear()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert bench.worker.health.ratio == 1.0, "old failures are forgotten"


def test_a_hands_mistake_says_nothing_of_the_device(bench: Bench) -> None:
    def lifted(reader: Reader) -> None:
        raise DeviceError(CRD_LIFTED, completion=CompletionCode.USER_ERROR)

    bench.worker.start()
    assert bench.bus.get(timeout=5).state is DeviceState.ONLINE
    bench.worker.run_soon(lifted)
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert bench.worker.health.ratio == 1.0


def test_a_mistake_in_a_driver_costs_the_command_and_not_the_device(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(reader: Reader) -> None:
        raise ValueError("陈阿金")

    bench.worker.start()
    assert bench.bus.get(timeout=5).fault is None
    bench.worker.run_soon(broken)
    assert bench.bus.get(timeout=5).fault is DEV_LOST
    bench.worker.cancel()
    assert bench.bus.get(timeout=5).fault is None
    done = threading.Event()
    bench.worker.run_soon(lambda reader: done.set())
    assert done.wait(5)
    assert "ValueError" in caplog.text and "陈阿金" not in caplog.text


def test_a_broken_reader_stays_broken_until_a_card_is_read(bench: Bench) -> None:
    bench.worker.start()
    bench.worker.run_soon(lambda reader: bench.worker.note(CRD_MODULE))
    assert [bench.bus.get(timeout=5).fault, bench.bus.get(timeout=5).fault] == [None, CRD_MODULE]
    bench.worker.run_soon(lambda reader: bench.worker.note(None))
    assert bench.bus.get(timeout=5).fault is None
