"""A watch that follows a device all day does not end with one bad look."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from drivers.api import DeviceError, DeviceState, DeviceStatus, ScannedCode
from drivers.faults import CAM_COVERED, DEV_CANCELLED, DEV_LOST, SCN_UNREADABLE, Fault
from kiosk.adapters.clock import SystemClock
from kiosk.app.device_hub import DeviceWorker
from kiosk.app.watches.code import CodeWatch
from kiosk.domain.visit.machine import Ev, Event


class Scanner:
    """Gives what the test puts in, one thing a look."""

    def __init__(self) -> None:
        self.coming: queue.SimpleQueue[str | Fault] = queue.SimpleQueue()
        self.reached = threading.Event()

    def open(self) -> None: ...

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def cancel(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def read(self, timeout_s: float) -> ScannedCode | None:
        self.reached.set()
        try:
            coming = self.coming.get(timeout=0.02)
        except queue.Empty:
            return None
        if isinstance(coming, Fault):
            raise DeviceError(coming)
        return ScannedCode("qr", coming, coming.encode())


@pytest.fixture
def clock() -> Iterator[SystemClock]:
    made = SystemClock()
    yield made
    made.close()


@pytest.mark.parametrize("fault", [SCN_UNREADABLE, CAM_COVERED, DEV_LOST, DEV_CANCELLED])
def test_the_next_code_is_read_after_any_bad_look(clock: SystemClock, fault: Fault) -> None:
    scanner, seen = Scanner(), queue.SimpleQueue[Event]()
    worker = DeviceWorker("code_scanner", scanner, clock, lambda _event: None)
    worker.start()
    CodeWatch(worker, seen.put).start()
    scanner.coming.put(fault)
    scanner.coming.put("TSHP1")
    assert seen.get(timeout=10) == Event(Ev.CODE_SHOWN, "TSHP1")
    worker.close()


def test_a_loss_while_something_else_waits_ends_no_watch(clock: SystemClock) -> None:
    scanner, seen = Scanner(), queue.SimpleQueue[Event]()
    worker = DeviceWorker("code_scanner", scanner, clock, lambda _event: None)
    worker.start()
    CodeWatch(worker, seen.put).start()
    assert scanner.reached.wait(5)
    done = threading.Event()
    scanner.coming.put(DEV_LOST)
    worker.run_soon(lambda _scanner: done.set())
    assert done.wait(5)
    scanner.coming.put("TSHP1")
    assert seen.get(timeout=10) == Event(Ev.CODE_SHOWN, "TSHP1")
    worker.close()
