"""A command that is not wanted any more ends within a tenth of a second, from the hub's worker to the real wire."""

from __future__ import annotations

import io
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pypdf import PdfWriter

from drivers import registry
from drivers.api import DeviceState, Flash, LightPosition, TextRow
from drivers.sim.twins import twins
from kiosk.adapters.clock import SystemClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker

CANCEL_S = 0.1
TIMES = 5
"""The middle one of so many counts: other programs may hold one up, not most of them."""
LONG_S = 60.0
LONG_SLIP = [TextRow("01234567890123456789", scale=2)] * 120

Command = Callable[[Any], object]


def wait_second_change(device: Any) -> None:
    """The first one is what is found after opening."""
    device.wait_change(0.05)
    device.wait_change(LONG_S)


def blank_page() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@dataclass(frozen=True)
class Case:
    """A command that takes long on this device, and what its other side must be like for that."""

    device_class: str
    model: str
    command: Command
    settings: dict[str, object] = field(default_factory=dict)
    plan: dict[str, object] = field(default_factory=dict)
    fault: str = ""
    """Armed once the device is open, where a command would be over too soon."""


CASES = (
    Case("id_card", "sam_v", lambda d: d.wait_card(LONG_S), {"baud": 115200}, {"baud": 115200}),
    Case("receipt_printer", "escpos_80mm", lambda d: d.print_receipt(LONG_SLIP), {"baud": 115200}, {"baud": 115200}),
    Case("code_scanner", "serial_line", lambda d: d.read(LONG_S), {"baud": 9600}, {"baud": 9600}),
    Case("headphone", "evdev_switch", lambda d: wait_second_change(d)),
    Case("keypad", "evdev_keypad", lambda d: d.wait_key(LONG_S)),
    Case("ups", "nut_ups", lambda d: wait_second_change(d)),
    Case("lights", "modbus_lights", lambda d: d.set(LightPosition.CARD_READER, Flash.CONTINUOUS), fault="mute"),
    Case("cabinet", "modbus_cabinet", lambda d: d.read(), fault="mute"),
    Case("document_printer", "ipp_everywhere", lambda d: d.print_document(blank_page(), "3502"), plan={"page_s": 20.0}),
    Case("document_scanner", "camera_page", lambda d: d.capture(LONG_S), plan={"size": [1920, 1080]}),
    Case("id_face", "camera_face", lambda d: d.wait_face(LONG_S), plan={"size": [1920, 1080]}),
    Case("portrait", "camera_portrait", lambda d: d.capture(LONG_S)),
)


@pytest.fixture
def work() -> Iterator[Callable[[str, Any], AbstractContextManager[DeviceWorker[Any]]]]:
    """A worker of the hub on a device that is open."""
    clock = SystemClock()

    @contextmanager
    def working(name: str, device: Any) -> Iterator[DeviceWorker[Any]]:
        is_open = threading.Event()

        def tell(event: DeviceEvent) -> None:
            if event.state is DeviceState.ONLINE:
                is_open.set()

        worker: DeviceWorker[Any] = DeviceWorker(name, device, clock, tell)
        worker.start()
        try:
            assert is_open.wait(30), f"{name} did not open"
            yield worker
        finally:
            worker.close()

    yield working
    clock.close()


def seconds_to_end(worker: DeviceWorker[Any], command: Command) -> float:
    begun, ended = threading.Event(), threading.Event()

    def job(device: Any) -> None:
        begun.set()
        try:
            command(device)
        finally:
            ended.set()

    worker.run_soon(job)
    assert begun.wait(10)
    assert not ended.wait(0.15), "the command must still run"
    cancelled_s = time.monotonic()
    worker.cancel()
    assert ended.wait(10)
    return time.monotonic() - cancelled_s


SLOW = frozenset(("document_scanner", "portrait"))
"""They open a process that sees; one learns what an empty table looks like before each command."""


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.device_class, marks=[pytest.mark.proof] if case.device_class in SLOW else [])
        for case in CASES
    ],
)
def test_a_cancel_ends_the_running_command_within_a_tenth_of_a_second(
    case: Case, start_twin: Any, work: Any, quickest: Any
) -> None:
    module, twin_class = next((name, twin) for name, twin in twins().items() if case.model in twin.models)
    plan = {**case.plan, **twin_class.bench_settings(case.model)}
    if lack := twin_class.missing(plan):
        pytest.fail(lack)
    twin = start_twin(module, **plan)
    device = registry.create(case.device_class, case.model, {"port": str(twin.link), **case.settings})
    with work(case.device_class, device) as worker:
        if case.fault:
            twin.ctl("fault", name=case.fault, count=-1)

        def usual_s() -> float:
            return statistics.median(seconds_to_end(worker, case.command) for _ in range(TIMES))

        took_s = quickest(usual_s, CANCEL_S)
    assert took_s <= CANCEL_S
