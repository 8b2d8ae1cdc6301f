"""The tactile keypad: each press tells once, whatever the wire does, and nothing is told of digits."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import faults, registry
from drivers.api import DeviceError, DeviceState, Keypad, KeypadKey
from drivers.codec import keypad_wire
from drivers.codec.input_event import EV_KEY, EV_SYN, LAYOUT, PRESSED
from drivers.codec.keypad_keys import CODE_OF_NAME
from drivers.codec.wire import Direction, Passage, Sign, hexed, hidden
from drivers.keypad import evdev_keypad
from drivers.transport import event_node, tap

PATIENCE_S = 20.0
EV_MSC, MSC_SCAN = 0x04, 0x04  # linux/input-event-codes.h
KEYPAD_1 = 0x70059  # HID Usage Tables, page 0x07, usage 0x59; "Keypad 0" follows "Keypad 9"


def _keypad(port: object, **table: object) -> Keypad:
    made: Any = registry.create("keypad", "evdev_keypad", {"port": str(port), **table})
    return made  # type: ignore[no-any-return]  # the registry knows devices only


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def _keys(keypad: Keypad, wait_s: float = 0.1) -> list[KeypadKey]:
    found = []
    while (key := keypad.wait_key(wait_s)) is not None:
        found.append(key)
    return found


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any]) -> Any:
    return start_twin("keypad")


@pytest.fixture
def keypad(twin: Any) -> Iterator[Keypad]:
    twin.ctl("clear")
    twin.ctl("unplug")
    twin.ctl("replug")
    driver = _keypad(twin.link)
    driver.open()
    yield driver
    driver.close()


def test_keys_have_their_meanings_in_the_order_of_the_presses(twin: Any, keypad: Keypad) -> None:
    for key in (
        "UP",
        "DOWN",
        "LEFT",
        "RIGHT",
        "KPENTER",
        "BACK",
        "HELP",
        "KPPLUS",
        "KPMINUS",
        "KPASTERISK",
        "LEFTMETA",
    ):
        twin.ctl("press", key=key)
    meanings = ["up", "down", "left", "right", "enter", "back", "help", "louder", "softer", "repeat"]
    assert _keys(keypad) == [KeypadKey(meaning) for meaning in meanings]


def test_the_number_pad_is_a_cross_of_arrows_or_ten_digits(twin: Any, keypad: Keypad) -> None:
    pressed = ("KP8", "KP2", "KP4", "KP6", "KP5", "KP0")
    for key in pressed:
        twin.ctl("press", key=key)
    assert _keys(keypad) == [KeypadKey(meaning) for meaning in ["up", "down", "left", "right", "enter", "back"]]
    keypad.close()
    numbers = _keypad(twin.link, pad="numbers", keys={"F3": "help"})
    numbers.open()
    for key in (*pressed, "F3"):
        twin.ctl("press", key=key)
    assert _keys(numbers) == [KeypadKey(meaning) for meaning in ["8", "2", "4", "6", "5", "0", "help"]]
    numbers.close()


def test_a_held_key_tells_once_and_is_a_fault_when_nobody_lets_go(
    twin: Any, keypad: Keypad, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin.ctl("hold", key="ENTER", repeats=40)
    assert _keys(keypad) == [KeypadKey.ENTER]
    assert keypad.status().faults == frozenset()
    monkeypatch.setattr(evdev_keypad, "STUCK_S", 0.05)
    deadline_s = time.monotonic() + PATIENCE_S
    while keypad.status().faults != {faults.KEY_STUCK.code}:
        assert time.monotonic() < deadline_s
    twin.ctl("release", key="ENTER")
    assert _keys(keypad) == []
    assert keypad.status().faults == frozenset()


def _told_for(keypad: Keypad, seconds: float) -> set[str]:
    """Every fault that is told within that time."""
    told: set[str] = set()
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        told |= keypad.status().faults
    return told


def test_a_key_that_is_none_of_the_keypad_cannot_be_stuck(
    twin: Any, keypad: Keypad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evdev_keypad, "STUCK_S", 0.05)
    twin.ctl("hold", key="LEFTMETA")
    assert _told_for(keypad, 0.3) == set()


def test_the_kernel_knows_better_than_a_release_that_was_lost(
    twin: Any, keypad: Keypad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evdev_keypad, "STUCK_S", 0.05)
    monkeypatch.setattr(event_node.EventNode, "keys_down", lambda node: bytes(event_node.KEYS_BYTES))
    twin.ctl("hold", key="ENTER")
    assert _keys(keypad) == [KeypadKey.ENTER]
    assert _told_for(keypad, 0.3) == set()


def test_a_worn_contact_tells_once(twin: Any, keypad: Keypad) -> None:
    twin.ctl("fault", name="bounce")
    twin.ctl("press", key="DOWN")
    assert _keys(keypad) == [KeypadKey.DOWN]
    twin.ctl("press", key="DOWN")
    assert _keys(keypad) == [KeypadKey.DOWN]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"name": "duplicate"}, marks=pytest.mark.proof),
        pytest.param({"name": "late", "delay_s": 0.2}, marks=pytest.mark.proof),
        {"name": "mute"},
        {"name": "half", "at": 30},
        {"name": "drop", "at": 24},
        pytest.param({"name": "junk", "length": 5}, marks=pytest.mark.proof),
        {"name": "garble", "at": 20, "bit": 1},
        pytest.param({"name": "wrong_baud"}, marks=pytest.mark.proof),
        pytest.param({"name": "echo"}, marks=pytest.mark.proof),
    ],
    ids=lambda fault: fault["name"],
)
def test_a_spoiled_event_is_at_most_one_press_and_the_next_one_counts(
    twin: Any, keypad: Keypad, fault: dict[str, Any]
) -> None:
    twin.ctl("fault", **fault)
    twin.ctl("press", key="UP")
    assert _keys(keypad, 0.25) in ([KeypadKey.UP], [])
    twin.ctl("clear")
    twin.ctl("unplug")
    assert _fault_of(lambda: keypad.wait_key(PATIENCE_S)) is faults.DEV_LOST
    twin.ctl("replug")
    keypad.open()
    twin.ctl("press", key="UP")
    assert _keys(keypad) == [KeypadKey.UP]


def test_events_lost_by_the_kernel_do_not_stop_it(twin: Any, keypad: Keypad) -> None:
    twin.ctl("lost")
    twin.ctl("press", key="BACK")
    assert _keys(keypad) == [KeypadKey.BACK]


def test_a_pulled_keypad_is_lost_and_found_again(twin: Any, keypad: Keypad) -> None:
    twin.ctl("unplug")
    assert keypad.status().state is DeviceState.NO_DEVICE
    assert _fault_of(keypad.open) is faults.DEV_NOT_FOUND
    twin.ctl("replug")
    keypad.open()
    assert keypad.status().state is DeviceState.ONLINE


def test_a_keypad_that_another_program_holds_is_named(
    twin: Any, keypad: Keypad, monkeypatch: pytest.MonkeyPatch
) -> None:
    keypad.close()
    real, asked = event_node.fcntl.ioctl, []

    def ioctl(fd: int, request: int, argument: Any = 0) -> Any:
        asked.append(request)
        if request == event_node.EVIOCGRAB:
            raise OSError(16, os.strerror(16))
        return real(fd, request, argument)

    monkeypatch.setattr(event_node.fcntl, "ioctl", ioctl)
    assert _fault_of(keypad.open) is faults.KEY_TAKEN
    assert 0x40044590 in asked
    assert keypad.status().state is DeviceState.NO_DEVICE


def test_another_keyboard_at_the_node_is_refused(twin: Any, keypad: Keypad, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that answers as for a keyboard of 1234:abcd with the key Q alone, then with an arrow."""
    keypad.close()
    codes = bytearray(96)
    codes[16 // 8] |= 1 << 16 % 8

    def ioctl(_fd: int, request: int, argument: Any = 0) -> Any:
        number, size = request & 0xFF, request >> 16 & 0x3FFF
        if number == 0x02:
            return b"\x03\x00\x34\x12\xcd\xab\x01\x00"
        return bytes(codes)[:size].ljust(size, b"\0") if number == 0x20 + 1 else bytes(size)

    monkeypatch.setattr(event_node.fcntl, "ioctl", ioctl)
    assert _fault_of(_keypad(twin.link).open) is faults.DEV_NOT_FOUND
    codes[103 // 8] |= 1 << 103 % 8
    assert _fault_of(_keypad(twin.link, usb="1234:0001").open) is faults.DEV_NOT_FOUND
    driver = _keypad(twin.link, usb="1234:abcd")
    driver.open()
    driver.close()


@pytest.mark.parametrize(
    "wrong", [{"usb": "x"}, {"pad": "round"}, {"keys": {"F99": "help"}}, {"keys": {"F3": "jump"}}, {"keys": 3}]
)
def test_unusable_settings_are_refused_by_their_key(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        _keypad(tmp_path / "node", **wrong)


def test_a_cancel_ends_the_waiting_at_once(keypad: Keypad, quickest: Any) -> None:
    def seconds_to_end() -> float:
        ended: list[tuple[float, faults.Fault]] = []

        def wait() -> None:
            fault = _fault_of(lambda: keypad.wait_key(30))
            ended.append((time.monotonic(), fault))

        thread = threading.Thread(target=wait)
        thread.start()
        busy_by_s = time.monotonic() + PATIENCE_S
        while keypad.status().state is not DeviceState.DEVICE_BUSY:
            assert time.monotonic() < busy_by_s, "keypad never became busy"
            time.sleep(0.005)
        began_s = time.monotonic()
        keypad.cancel()
        thread.join(10)
        assert ended[0][1] is faults.DEV_CANCELLED
        return ended[0][0] - began_s

    assert quickest(seconds_to_end, 0.1) < 0.1


def test_the_traffic_names_no_digit(twin: Any, keypad: Keypad) -> None:
    with tap.recording() as watched:
        twin.ctl("press", key="KP8")
        twin.ctl("press", key="HELP")
        _keys(keypad)
        lines = registry.describer("keypad", "evdev_keypad")(watched.passages())
    assert [line.meaning for line in lines if "key" in line.meaning] == [
        "key digit pressed",
        "key digit released",
        "key HELP pressed",
        "key HELP released",
    ]
    assert all(line.sign is Sign.EVENT for line in lines)
    assert all(line.length == LAYOUT.size for line in lines)
    shown = [LAYOUT.unpack(bytes.fromhex(line.shown)) for line in lines if "hidden" not in line.shown]
    assert {event_type for _, _, event_type, _, _ in shown} == {EV_SYN}, "more than the end of a report is shown"


@given(st.integers(0, 2**31 - 1), st.integers(0, 999_999), st.sampled_from(range(10)))
def test_a_digits_scan_code_is_hidden_too(s: int, us: int, digit: int) -> None:
    """A real keyboard names the key twice: by its scan code and by its key code."""
    scan_code = KEYPAD_1 + (digit + 9) % 10
    report = ((EV_MSC, MSC_SCAN, scan_code), (EV_KEY, CODE_OF_NAME[f"KP{digit}"], PRESSED), (EV_SYN, 0, 0))
    sent = b"".join(LAYOUT.pack(s, us, kind, code, value) for kind, code, value in report)
    lines = keypad_wire.describe([Passage(0.0, Direction.FROM_DEVICE, sent)])
    assert [line.shown for line in lines[:2]] == [hidden(LAYOUT.size)] * 2
    assert lines[2].shown == hexed(sent[-LAYOUT.size :])
