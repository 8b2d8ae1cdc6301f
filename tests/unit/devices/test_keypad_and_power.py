"""Keys go to the screen by name and in order; on battery nobody begins, and who has begun is let finish."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from drivers.api import (
    CompletionCode,
    DeviceError,
    DeviceState,
    DeviceStatus,
    KeypadKey,
    PowerReading,
    PowerState,
)
from drivers.faults import DEV_CANCELLED, DEV_LOST, UPS_BATTERY, UPS_LOW
from kiosk.adapters.clock import SystemClock
from kiosk.app.device_hub import DeviceEvent, DeviceWorker
from kiosk.app.watches.keypad import KeypadWatch
from kiosk.app.watches.power import PowerWatch, advice


class Queued:
    """A keypad and a supply at once: what the test puts in comes out, an error is raised."""

    def __init__(self) -> None:
        self.coming: queue.SimpleQueue[KeypadKey | PowerReading | DeviceError] = queue.SimpleQueue()
        self.opened = 0

    def open(self) -> None:
        self.opened += 1

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.ONLINE)

    def cancel(self) -> None:
        self.coming.put(DeviceError(DEV_CANCELLED, completion=CompletionCode.CANCELED))

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def wait_key(self, timeout_s: float) -> KeypadKey | None:
        key = self._next(timeout_s)
        assert key is None or isinstance(key, KeypadKey)
        return key

    def power(self) -> PowerReading:
        raise NotImplementedError

    def wait_change(self, timeout_s: float) -> PowerReading | None:
        reading = self._next(timeout_s)
        assert reading is None or isinstance(reading, PowerReading)
        return reading

    def _next(self, timeout_s: float) -> KeypadKey | PowerReading | None:
        try:
            found = self.coming.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(found, DeviceError):
            raise found
        return found


@pytest.fixture
def clock() -> Iterator[SystemClock]:
    made = SystemClock()
    yield made
    made.close()


def _until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_keys_come_by_name_and_in_order_also_after_the_keypad_was_away(clock: SystemClock) -> None:
    device, pressed = Queued(), list[str]()
    worker = DeviceWorker("keypad", device, clock, lambda _event: None)
    worker.start()
    KeypadWatch(worker, pressed.append).start()
    device.coming.put(KeypadKey.UP)
    device.coming.put(DeviceError(DEV_LOST))
    device.coming.put(KeypadKey.ENTER)
    _until(lambda: pressed == ["up", "enter"])
    assert device.opened == 2
    worker.close()


@pytest.mark.parametrize(
    ("state", "may_begin", "is_ending", "fault"),
    [
        (PowerState.MAINS, True, False, None),
        (PowerState.UNKNOWN, True, False, None),
        (PowerState.BATTERY, False, False, UPS_BATTERY),
        (PowerState.BATTERY_LOW, False, True, UPS_LOW),
    ],
)
def test_what_a_state_of_the_power_means(state: PowerState, may_begin: bool, is_ending: bool, fault: object) -> None:
    found = advice(state)
    assert (found.may_begin, found.is_ending, found.fault) == (may_begin, is_ending, fault)


def test_on_battery_the_reason_is_told_and_what_waits_is_sent_once_before_the_end(clock: SystemClock) -> None:
    device, flushed = Queued(), list[int]()
    told: list[Mapping[str, object]] = []
    events: list[DeviceEvent] = []
    worker = DeviceWorker("ups", device, clock, events.append)
    watch = PowerWatch(worker, lambda _kind, facts: told.append(facts), lambda: flushed.append(1))
    worker.start()
    watch.start()
    assert watch.why_not() == ""
    device.coming.put(PowerReading(PowerState.BATTERY, 90.0, 600.0))
    _until(lambda: watch.why_not() == "fault.power_battery")
    assert told[-1] == {"state": "battery", "charge_percent": 90.0, "runtime_s": 600.0}
    assert not flushed
    device.coming.put(PowerReading(PowerState.BATTERY_LOW, 9.0, 60.0))
    _until(lambda: watch.why_not() == "fault.power_low")
    _until(lambda: [event.fault for event in events] == [None, UPS_BATTERY, UPS_LOW])
    device.coming.put(PowerReading(PowerState.MAINS))
    _until(lambda: watch.why_not() == "")
    assert flushed == [1]
    worker.close()


def test_a_service_that_went_away_holds_nobody_off(clock: SystemClock) -> None:
    device = Queued()
    worker = DeviceWorker("ups", device, clock, lambda _event: None)
    watch = PowerWatch(worker, lambda _kind, _facts: None)
    worker.start()
    watch.start()
    device.coming.put(PowerReading(PowerState.BATTERY))
    _until(lambda: watch.why_not() != "")
    device.coming.put(DeviceError(DEV_LOST))
    _until(lambda: watch.why_not() == "")
    device.coming.put(PowerReading(PowerState.BATTERY))
    _until(lambda: watch.why_not() != "")
    worker.close()


def test_without_a_supply_everybody_may_begin() -> None:
    watch = PowerWatch(None, lambda _kind, _facts: None)
    watch.start()
    assert watch.why_not() == ""
