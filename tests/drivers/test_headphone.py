"""The headphone sensor: the kernel's events, in any chunking, and a state that is never guessed."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults, registry
from drivers.api import DeviceError, DeviceState, HeadphoneSensor, MediaState
from drivers.codec.input_event import LAYOUT, EventParser, InputEvent, bit_is_set, encode_event

PATIENCE_S = 20.0

events = st.builds(
    InputEvent,
    st.integers(0, 2**31 - 1),
    st.integers(0, 999_999),
    st.integers(0, 0x1F),
    st.integers(0, 0x2FF),
    st.integers(-(2**31), 2**31 - 1),
)


@settings(max_examples=300, deadline=None)
@given(sent=st.lists(events, max_size=6), size=st.integers(1, 64))
def test_events_come_back_as_they_were_written_in_any_chunking(sent: list[InputEvent], size: int) -> None:
    stream = b"".join(encode_event(event) for event in sent)
    parser, found = EventParser(), []
    for at in range(0, len(stream), size):
        found += parser.feed(stream[at : at + size])
    assert found == sent
    assert parser.held_bytes < LAYOUT.size


def test_the_bytes_are_the_kernels_structure() -> None:
    event = InputEvent(1_700_000_000, 5, 5, 2, 1)
    assert encode_event(event) == struct.pack("@llHHi", 1_700_000_000, 5, 5, 2, 1)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_noise_never_raises_and_never_piles_up(noise: bytes) -> None:
    parser = EventParser()
    parser.feed(noise)
    assert parser.held_bytes < LAYOUT.size


def test_bits_of_a_kernel_bit_field() -> None:
    assert [n for n in range(20) if bit_is_set(b"\x04\x80", n)] == [2, 15]


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any]) -> Any:
    return start_twin("headphone")


@pytest.fixture
def sensor(twin: Any) -> Iterator[HeadphoneSensor]:
    twin.ctl("clear")
    twin.ctl("remove")
    twin.ctl("unplug")
    twin.ctl("replug")
    driver = registry.create("headphone", "evdev_switch", {"port": str(twin.link)})
    assert isinstance(driver, HeadphoneSensor)
    driver.open()
    yield driver
    driver.close()


def test_plugging_in_and_out_is_told_once_each(twin: Any, sensor: HeadphoneSensor) -> None:
    assert sensor.status().media is MediaState.NOT_PRESENT
    assert sensor.wait_change(PATIENCE_S) is False
    assert sensor.wait_change(0.05) is None
    twin.ctl("insert")
    assert sensor.wait_change(PATIENCE_S) is True
    assert sensor.status().media is MediaState.PRESENT
    assert sensor.wait_change(0.05) is None
    twin.ctl("remove")
    assert sensor.wait_change(PATIENCE_S) is False


def test_before_the_first_word_of_the_device_the_state_is_unknown(twin: Any, sensor: HeadphoneSensor) -> None:
    sensor.close()
    twin.ctl("fault", name="mute")
    twin.ctl("unplug")
    twin.ctl("replug")
    sensor.open()
    assert sensor.status().media is MediaState.UNKNOWN
    assert sensor.wait_change(0.05) is None


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "duplicate"},
        {"name": "junk", "length": 5},
        {"name": "late", "delay_s": 0.2},
        {"name": "garble", "at": 20, "bit": 1},
        {"name": "half", "at": 30},
        {"name": "drop", "at": 24},
        {"name": "wrong_baud"},
        {"name": "echo"},
    ],
    ids=lambda fault: fault["name"],
)
def test_spoiled_events_do_not_crash_the_sensor_and_it_recovers(
    twin: Any, sensor: HeadphoneSensor, fault: dict[str, Any]
) -> None:
    sensor.wait_change(PATIENCE_S)
    twin.ctl("fault", **fault)
    twin.ctl("insert")
    sensor.wait_change(0.4)
    twin.ctl("unplug")
    with pytest.raises(DeviceError):
        # What was told before the plug was pulled may still come.
        for _ in range(5):
            sensor.wait_change(PATIENCE_S)
    twin.ctl("replug")
    sensor.open()
    assert sensor.wait_change(PATIENCE_S) is True


def test_a_vanished_node_is_lost(twin: Any, sensor: HeadphoneSensor) -> None:
    sensor.wait_change(PATIENCE_S)
    twin.ctl("fault", name="unplug")
    twin.ctl("insert")
    with pytest.raises(DeviceError) as caught:
        sensor.wait_change(PATIENCE_S)
    assert caught.value.fault is faults.DEV_LOST
    assert sensor.status().state is DeviceState.NO_DEVICE
    with pytest.raises(DeviceError) as caught:
        sensor.open()
    assert caught.value.fault is faults.DEV_NOT_FOUND


def test_cancel_ends_the_waiting(sensor: HeadphoneSensor) -> None:
    sensor.wait_change(PATIENCE_S)
    ended: list[faults.Fault] = []

    def wait() -> None:
        try:
            sensor.wait_change(30.0)
        except DeviceError as error:
            ended.append(error.fault)

    thread = threading.Thread(target=wait)
    thread.start()
    busy_by_s = time.monotonic() + PATIENCE_S
    while sensor.status().state is not DeviceState.DEVICE_BUSY:
        assert time.monotonic() < busy_by_s, "sensor never became busy"
        time.sleep(0.005)
    sensor.cancel()
    thread.join(PATIENCE_S)
    assert ended == [faults.DEV_CANCELLED]


def test_a_missing_node_is_named(tmp_path: Path) -> None:
    sensor = registry.create("headphone", "evdev_switch", {"port": str(tmp_path / "none")})
    with pytest.raises(DeviceError) as caught:
        sensor.open()
    assert caught.value.fault is faults.DEV_NOT_FOUND


def test_half_an_event_before_a_silence_does_not_spoil_those_that_come_later(
    twin: Any, sensor: HeadphoneSensor
) -> None:
    assert sensor.wait_change(PATIENCE_S) is False, "what is found after opening"
    twin.ctl("fault", name="half", at=10)
    twin.ctl("insert")
    assert sensor.wait_change(0.3) is None
    for op, plugged in (("remove", False), ("insert", True), ("remove", False)):
        twin.ctl(op)
        told = sensor.wait_change(2.0)
        assert told is plugged or (op, told) == ("remove", None)
