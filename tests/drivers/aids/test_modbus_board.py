"""Lights and cabinet on one RS485 line: every fault has its name, and no lamp is believed that was not read back."""

from __future__ import annotations

import itertools
import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers import faults, registry
from drivers.api import Cabinet, DeviceError, DeviceState, Flash, LightPosition, Lights
from drivers.codec.wire import Sign, health
from drivers.sim.modbus_board import SILENCE_S
from drivers.transport import tap

FAST = {"baud": 115200}
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def board(start_twin: Callable[..., Any]) -> Any:
    return start_twin("modbus_board", **FAST)


def _lights(board: Any, **table: object) -> Lights:
    made: Any = registry.create("lights", "modbus_lights", {"port": str(board.link), **FAST, **table})
    return made  # type: ignore[no-any-return]  # the registry knows devices only


def _cabinet(board: Any, **table: object) -> Cabinet:
    settings = {"relays": {"fan": 3}, "temperature": 0, **FAST, **table}
    made: Any = registry.create("cabinet", "modbus_cabinet", {"port": str(board.link), **settings})
    return made  # type: ignore[no-any-return]  # as above


@pytest.fixture
def lights(board: Any) -> Iterator[Lights]:
    board.ctl("clear")
    board.ctl("replug")
    driver = _lights(board)
    driver.open()
    yield driver
    driver.close()


@pytest.fixture
def cabinet(board: Any) -> Iterator[Cabinet]:
    board.ctl("clear")
    board.ctl("replug")
    board.ctl("door", open=False)
    board.ctl("heat", c=23.5)
    driver = _cabinet(board)
    driver.open()
    yield driver
    driver.close()


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


def test_a_lamp_is_lit_and_put_out_at_its_address(board: Any, lights: Lights) -> None:
    lights.set(LightPosition.RECEIPT_PRINTER, Flash.CONTINUOUS)
    assert board.ctl("status")["lamps"][:7] == [0, 0, 1, 0, 0, 0, 0]
    lights.set(LightPosition.RECEIPT_PRINTER, Flash.OFF)
    assert not any(board.ctl("status")["lamps"])


def test_opening_puts_out_what_an_earlier_life_left_lit(board: Any, lights: Lights) -> None:
    lights.set(LightPosition.STATUS_BAD, Flash.CONTINUOUS)
    lights.close()
    assert any(board.ctl("status")["lamps"])
    lights.open()
    assert not any(board.ctl("status")["lamps"])


def test_a_lamp_that_the_board_cannot_blink_is_blinked_at_most_twice_a_second(board: Any, lights: Lights) -> None:
    before = len(board.ctl("lamp_changes")["changes"])
    lights.set(LightPosition.CARD_READER, Flash.QUICK)
    time.sleep(1.1)  # the pace itself is looked at: so many changes in so much time
    assert lights.status().state is DeviceState.ONLINE
    lights.set(LightPosition.CARD_READER, Flash.OFF)
    changes = [at for at, lamp, _on in board.ctl("lamp_changes")["changes"][before:] if lamp == 0]
    assert 4 <= len(changes) <= 6
    assert all(later - earlier > 0.15 for earlier, later in itertools.pairwise(changes[:-1]))
    time.sleep(0.3)  # longer than from one change to the next: that nothing comes can only be waited for
    assert board.ctl("status")["lamps"][0] == 0, "it went on blinking"


def test_a_board_with_rates_of_its_own_is_told_the_rate(board: Any) -> None:
    board.ctl("clear")
    rates = {"off": 0, "continuous": 1, "slow": 2, "quick": 4}
    driver = _lights(board, outputs="registers", rates=rates, positions={"scanner": 5})
    driver.open()
    driver.set(LightPosition.SCANNER, Flash.QUICK)
    driver.set(LightPosition.CARD_READER, Flash.QUICK)
    assert board.ctl("status")["lamp_registers"][:8] == [0, 0, 0, 0, 0, 4, 0, 0]
    driver.close()


def test_the_door_the_heat_and_the_relays(board: Any, cabinet: Cabinet) -> None:
    assert cabinet.read() == type(cabinet.read())(False, 23.5)
    assert cabinet.status().faults == frozenset()
    board.ctl("door", open=True)
    board.ctl("heat", c=-7.5)
    assert (cabinet.read().door_open, cabinet.read().temperature_c) == (True, -7.5)
    assert cabinet.status().faults == {faults.CAB_DOOR.code}
    board.ctl("heat", c=71.0)
    assert cabinet.status().faults == {faults.CAB_DOOR.code, faults.CAB_HOT.code}
    cabinet.switch("fan", True)
    assert board.ctl("status")["relays"][:5] == [0, 0, 0, 1, 0]
    with pytest.raises(ValueError, match="fan"):
        cabinet.switch("heater", True)


def test_two_devices_share_one_line_at_the_same_time(board: Any, lights: Lights, cabinet: Cabinet) -> None:
    lights.set(LightPosition.SCANNER, Flash.QUICK)
    failures: list[BaseException] = []

    def use(call: Callable[[], object]) -> None:
        try:
            for _ in range(25):
                call()
        except BaseException as error:
            failures.append(error)

    shows = iter([Flash.CONTINUOUS, Flash.OFF] * 13)
    threads = [
        threading.Thread(target=use, args=(cabinet.read,)),
        threading.Thread(target=use, args=(lambda: lights.set(LightPosition.STATUS_GOOD, next(shows)),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failures
    assert board.ctl("status")["lamps"][5] == 1


def test_one_leaves_the_line_and_the_other_goes_on(lights: Lights, cabinet: Cabinet) -> None:
    lights.close()
    assert lights.status().state is DeviceState.NO_DEVICE
    assert cabinet.read().door_open is False
    lights.open()
    assert lights.status().state is DeviceState.ONLINE


def test_the_same_lamps_are_not_given_twice(board: Any, lights: Lights) -> None:
    assert _fault_of(_lights(board).open) is faults.DEV_NOT_FOUND
    assert lights.status().state is DeviceState.ONLINE


def test_another_speed_on_a_shared_line_is_refused_by_its_key(board: Any, lights: Lights) -> None:
    with pytest.raises(ValueError, match="baud 9600"):
        _cabinet(board, baud=9600)


@pytest.mark.parametrize(
    ("fault", "named", "state"),
    [
        ({"name": "mute"}, faults.DEV_SILENT, DeviceState.OFFLINE),
        ({"name": "garble", "at": 2, "bit": 3}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR),
        ({"name": "drop", "at": 1}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR),
        pytest.param({"name": "half"}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR, marks=pytest.mark.proof),
        pytest.param({"name": "wrong_baud"}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR, marks=pytest.mark.proof),
        ({"name": "wrong_unit"}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR),
        ({"name": "exception:02"}, faults.BRD_REFUSED, DeviceState.HARDWARE_ERROR),
        ({"name": "exception:04"}, faults.BRD_FAILED, DeviceState.HARDWARE_ERROR),
        ({"name": "exception:06"}, faults.BRD_BUSY, DeviceState.DEVICE_BUSY),
        pytest.param({"name": "exception:0B"}, faults.DEV_SILENT, DeviceState.OFFLINE, marks=pytest.mark.proof),
        pytest.param({"name": "hang"}, faults.DEV_SILENT, DeviceState.OFFLINE, marks=pytest.mark.proof),
    ],
    ids=lambda value: value.get("name") if isinstance(value, dict) else None,
)
def test_a_fault_that_stays_is_named_and_leaves_when_it_ends(
    board: Any, cabinet: Cabinet, quickest: Any, fault: dict[str, Any], named: faults.Fault, state: DeviceState
) -> None:
    board.ctl("fault", count=-1, **fault)

    def seconds_to_name() -> float:
        began_s = time.monotonic()
        assert _fault_of(cabinet.read) is named
        return time.monotonic() - began_s

    assert quickest(seconds_to_name, 3.0) < 3.0
    assert cabinet.status().state is state
    board.ctl("clear")
    assert cabinet.read().temperature_c == 23.5


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "mute"},
        {"name": "garble"},
        {"name": "half"},
        {"name": "drop"},
        {"name": "wrong_unit"},
        {"name": "exception:06"},
        {"name": "junk", "length": 5},
        {"name": "duplicate"},
        {"name": "echo"},
        {"name": "wrong_baud"},
        {"name": "slow_drain", "bytes_per_s": 200},
    ],
    ids=lambda fault: fault["name"],
)
def test_what_happens_once_is_asked_once_more_and_never_seen(
    board: Any, cabinet: Cabinet, fault: dict[str, Any]
) -> None:
    board.ctl("fault", **fault)
    assert cabinet.read().temperature_c == 23.5
    assert cabinet.status().state is DeviceState.ONLINE


@pytest.mark.parametrize("single", [False, True])
def test_an_adapter_that_gives_everything_back_changes_nothing(board: Any, lights: Lights, single: bool) -> None:
    lights.close()
    driver = _lights(board, single_writes=single)
    board.ctl("fault", name="echo", count=-1)
    driver.open()
    driver.set(LightPosition.SCANNER, Flash.CONTINUOUS)
    assert board.ctl("status")["lamps"][4] == 1
    driver.close()


@pytest.mark.parametrize("single", [False, True])
def test_a_stuck_output_is_not_believed(board: Any, lights: Lights, single: bool) -> None:
    lights.close()
    driver = _lights(board, single_writes=single)
    driver.open()
    board.ctl("fault", name="stuck")
    assert _fault_of(lambda: driver.set(LightPosition.SCANNER, Flash.CONTINUOUS)) is faults.BRD_NOT_SET
    driver.set(LightPosition.SCANNER, Flash.CONTINUOUS)
    assert board.ctl("status")["lamps"][4] == 1
    driver.close()


@pytest.mark.parametrize(
    ("delay_s", "ended"), [(0.8, None), pytest.param(1.2, faults.DEV_SILENT, marks=pytest.mark.proof)]
)
def test_a_late_answer_is_never_taken_for_another_lamps(
    board: Any, lights: Lights, delay_s: float, ended: faults.Fault | None
) -> None:
    lights.set(LightPosition.CARD_READER, Flash.CONTINUOUS)
    board.ctl("fault", name="late", delay_s=delay_s, on="read", count=2)
    if ended is None:
        lights.set(LightPosition.SCANNER, Flash.CONTINUOUS)
    else:
        assert _fault_of(lambda: lights.set(LightPosition.SCANNER, Flash.CONTINUOUS)) is ended
    lights.set(LightPosition.CHIP_CARD, Flash.OFF)
    lights.set(LightPosition.STATUS_BAD, Flash.CONTINUOUS)
    assert board.ctl("status")["lamps"][:7] == [1, 0, 0, 0, 1, 0, 1]


def test_what_a_power_cut_put_out_is_lit_again_at_the_next_look(board: Any, lights: Lights) -> None:
    lights.set(LightPosition.STATUS_GOOD, Flash.CONTINUOUS)
    board.ctl("power_cut")
    assert lights.status().state is DeviceState.ONLINE
    assert board.ctl("status")["lamps"][5] == 1


def test_a_pulled_cable_is_lost_for_both_and_found_again(board: Any, lights: Lights, cabinet: Cabinet) -> None:
    board.ctl("unplug")
    assert _fault_of(cabinet.read) is faults.DEV_LOST
    assert _fault_of(lambda: lights.set(LightPosition.SCANNER, Flash.OFF)) is faults.DEV_LOST
    assert lights.status().state is cabinet.status().state is DeviceState.NO_DEVICE
    cabinet.close()
    assert _fault_of(cabinet.open) is faults.DEV_NOT_FOUND
    board.ctl("replug")
    cabinet.open()
    assert cabinet.status().state is DeviceState.ONLINE
    lights.close()
    lights.open()
    assert lights.status().state is DeviceState.ONLINE


def test_a_cancel_ends_its_own_command_at_once_whether_it_runs_or_waits(
    board: Any, lights: Lights, cabinet: Cabinet, quickest: Any
) -> None:
    ended: dict[str, tuple[float, faults.Fault]] = {}

    def run(name: str, call: Callable[[], object]) -> threading.Thread:
        def body() -> None:
            fault = _fault_of(call)
            ended[name] = (time.monotonic(), fault)

        thread = threading.Thread(target=body)
        thread.start()
        return thread

    def seconds_to_end() -> float:
        ended.clear()
        board.ctl("fault", name="hang")
        first = run("runs", cabinet.read)
        busy_by_s = time.monotonic() + PATIENCE_S
        while cabinet.status().state is not DeviceState.DEVICE_BUSY:
            assert time.monotonic() < busy_by_s, "cabinet never became busy"
            time.sleep(0.005)
        second = run("waits", lambda: lights.set(LightPosition.SCANNER, Flash.OFF))
        busy_by_s = time.monotonic() + PATIENCE_S
        while lights.status().state is not DeviceState.DEVICE_BUSY:
            assert time.monotonic() < busy_by_s, "lights never became busy"
            time.sleep(0.005)
        began_s = time.monotonic()
        lights.cancel()
        second.join(PATIENCE_S)
        assert first.is_alive(), "the other device's command was ended"
        cabinet.cancel()
        first.join(PATIENCE_S)
        assert {name: fault for name, (_at, fault) in ended.items()} == {
            "runs": faults.DEV_CANCELLED,
            "waits": faults.DEV_CANCELLED,
        }
        return max(at for at, _fault in ended.values()) - began_s

    assert quickest(seconds_to_end, 0.2) < 0.2
    board.ctl("clear")
    assert cabinet.read().door_open is False


def test_the_traffic_is_told_with_its_meaning(board: Any, cabinet: Cabinet) -> None:
    with tap.recording() as watched:
        cabinet.switch("fan", True)
        board.ctl("fault", name="echo")
        board.ctl("fault", name="exception:04")
        _fault_of(cabinet.read)
        board.ctl("fault", name="wrong_unit", count=2)
        _fault_of(cabinet.read)
        lines = registry.describer("cabinet", "modbus_cabinet")(watched.passages())
    meanings = [line.meaning for line in lines]
    assert meanings[:4] == ["unit 2: write coils 3 = 1", "confirmed", "unit 2: read coils 3", "values 1"]
    assert "refused, exception 4" in meanings
    assert "the question itself comes back (echo)" in meanings
    assert "an answer of unit 3 instead of 2" in meanings
    told = health(lines)
    assert (told.questions, told.answers) == (5, 3)
    assert sum(line.sign is Sign.TROUBLE for line in lines) == 1


# ---- the simulated boards ----------------------------------------------------------------------------------


LAMP_0 = bytes.fromhex("01 01 00 00 00 01 fd ca")
"""Unit 1, read one coil from address 0, with its checksum (Modbus over serial line V1.02, appendix B)."""


@pytest.fixture
def bare_line(board: Any) -> Iterator[int]:
    board.ctl("clear")
    board.ctl("replug")
    line = os.open(board.link, os.O_RDWR | os.O_NOCTTY)
    termios.tcflush(line, termios.TCIFLUSH)
    yield line
    os.close(line)


def _heard_of(board: Any, before: int, count: int) -> None:
    board.ctl("wait", key="bytes_in", at_least=before + count, timeout_s=5)


def _answer(line: int, within_s: float) -> bytes:
    return os.read(line, 64) if select.select([line], [], [], within_s)[0] else b""


def test_a_board_whose_process_had_to_wait_hears_a_question_that_came_whole(board: Any, bare_line: int) -> None:
    before = board.ctl("status")["bytes_in"]
    os.write(bare_line, LAMP_0[:4])
    _heard_of(board, before, 4)
    os.kill(board.process.pid, signal.SIGSTOP)
    try:
        os.write(bare_line, LAMP_0[4:])
        time.sleep(3 * SILENCE_S)  # as long as a busy machine may leave a process aside
    finally:
        os.kill(board.process.pid, signal.SIGCONT)
    assert _answer(bare_line, 5.0)[:2] == LAMP_0[:2]


def test_half_a_question_is_forgotten_after_a_silence_of_the_line(board: Any, bare_line: int) -> None:
    before = board.ctl("status")["bytes_in"]
    os.write(bare_line, LAMP_0[:4])
    _heard_of(board, before, 4)
    time.sleep(3 * SILENCE_S)
    os.write(bare_line, LAMP_0)
    assert _answer(bare_line, 5.0)[:2] == LAMP_0[:2], "the half did not spoil the whole one"
