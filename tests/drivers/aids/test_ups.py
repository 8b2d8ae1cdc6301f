"""The power supply: what its service says, and what NUT's own upsd says."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import faults, registry
from drivers.api import DeviceError, DeviceIdentity, DeviceState, Identified, PowerReading, PowerState, Ups
from drivers.codec.nut import Mark, Refusal, Variable, reading_of, reply_in, state_of
from drivers.codec.wire import health
from drivers.transport import tap

PATIENCE_S = 20.0


def _ups(port: str) -> Ups:
    made: Any = registry.create("ups", "nut_ups", {"port": port})
    return made  # type: ignore[no-any-return]  # the registry knows devices only


def _fault_of(call: Callable[[], object]) -> faults.Fault:
    with pytest.raises(DeviceError) as caught:
        call()
    return caught.value.fault


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("OL", PowerState.MAINS),
        ("OL CHRG", PowerState.MAINS),
        ("OL LB", PowerState.MAINS),
        ("OB", PowerState.BATTERY),
        ("OB DISCHRG", PowerState.BATTERY),
        ("LB OB", PowerState.BATTERY_LOW),
        ("FSD OL", PowerState.BATTERY_LOW),
        ("WAIT", PowerState.UNKNOWN),
        ("", PowerState.UNKNOWN),
        ("HOBBY", PowerState.UNKNOWN),
    ],
)
def test_the_words_of_a_supply(words: str, state: PowerState) -> None:
    assert state_of(words) is state


def test_lines_of_the_protocol() -> None:
    assert reply_in('VAR ups device.model "Smart \\"1000\\" \\\\ X"') == Variable(
        "ups", "device.model", 'Smart "1000" \\ X'
    )
    assert reply_in("ERR DATA-STALE") == Refusal("DATA-STALE")
    assert reply_in("BEGIN LIST VAR ups") == Mark("ups", True)
    assert reply_in('VAR ups ups.status "OL') is None
    assert reading_of({"ups.status": "OL", "battery.charge": "1e9", "battery.runtime": "90.5"}) == PowerReading(
        PowerState.MAINS, None, 90.5
    )


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_no_line_of_noise_raises(text: str) -> None:
    reply_in(text)
    reply_in(f"VAR ups {text}")
    reading_of({"ups.status": text, "battery.charge": text})


@pytest.fixture(scope="module")
def twin(start_twin: Callable[..., Any]) -> Any:
    return start_twin("ups")


@pytest.fixture
def ups(twin: Any) -> Iterator[Ups]:
    twin.ctl("clear")
    twin.ctl("replug")
    twin.ctl("power", state="mains")
    driver = _ups(str(twin.link))
    driver.open()
    yield driver
    driver.close()


def test_the_state_found_and_each_change_are_told_once(twin: Any, ups: Ups) -> None:
    assert ups.wait_change(0.0) == PowerReading(PowerState.MAINS, 100.0, 1500.0)
    assert ups.wait_change(0.05) is None
    twin.ctl("charge", percent=80)
    twin.ctl("runtime", s=900)
    twin.ctl("power", state="battery")
    assert ups.wait_change(PATIENCE_S) == PowerReading(PowerState.BATTERY, 80.0, 900.0)
    assert ups.status().faults == {faults.UPS_BATTERY.code}
    twin.ctl("power", state="battery_low")
    assert ups.wait_change(PATIENCE_S) == PowerReading(PowerState.BATTERY_LOW, 80.0, 900.0)
    assert ups.status().faults == {faults.UPS_LOW.code}
    twin.ctl("power", state="ending")
    assert ups.wait_change(0.05) is None
    twin.ctl("power", state="mains")
    changed = ups.wait_change(PATIENCE_S)
    assert changed is not None and changed.state is PowerState.MAINS
    assert ups.status().faults == frozenset()


def test_it_says_who_it_is(ups: Ups) -> None:
    assert isinstance(ups, Identified)
    assert ups.identity() == DeviceIdentity('Simulated Supply "1000"', "", "S0001")


@pytest.mark.parametrize("fault", ["stale", "no_driver"])
def test_a_supply_that_nobody_hears_of_is_unknown_and_never_on_mains(twin: Any, ups: Ups, fault: str) -> None:
    assert ups.wait_change(0.0) is not None
    twin.ctl("fault", name=fault, count=-1)
    assert _fault_of(ups.power) is faults.UPS_STALE
    assert ups.wait_change(0.0) == PowerReading(PowerState.UNKNOWN)
    told = ups.status()
    assert (told.state, told.faults) == (DeviceState.HARDWARE_ERROR, {faults.UPS_STALE.code})
    ups.close()
    ups.open()
    twin.ctl("clear")
    changed = ups.wait_change(PATIENCE_S)
    assert changed is not None and changed.state is PowerState.MAINS


@pytest.mark.parametrize("fault", ["unknown_supply", "denied"])
def test_a_service_that_refuses_is_told_at_opening(twin: Any, ups: Ups, fault: str) -> None:
    ups.close()
    twin.ctl("fault", name=fault)
    assert _fault_of(ups.open) is faults.UPS_REFUSED
    ups.open()
    assert ups.status().state is DeviceState.ONLINE


@pytest.mark.parametrize(
    ("fault", "named", "state"),
    [
        ({"name": "mute"}, faults.DEV_SILENT, DeviceState.OFFLINE),
        pytest.param({"name": "half"}, faults.DEV_SILENT, DeviceState.OFFLINE, marks=pytest.mark.proof),
        ({"name": "junk"}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR),
        ({"name": "garble", "at": 0, "bit": 2}, faults.DEV_GARBLED, DeviceState.HARDWARE_ERROR),
        pytest.param({"name": "late"}, faults.DEV_SILENT, DeviceState.OFFLINE, marks=pytest.mark.proof),
        ({"name": "unplug", "at": 30}, faults.DEV_LOST, DeviceState.NO_DEVICE),
    ],
    ids=lambda value: value.get("name") if isinstance(value, dict) else None,
)
def test_a_spoiled_answer_is_named_and_the_next_connection_is_clean(
    twin: Any, ups: Ups, fault: dict[str, Any], named: faults.Fault, state: DeviceState
) -> None:
    twin.ctl("fault", **fault)
    told = ups.status()
    assert (told.state, told.faults) == (state, {named.code})
    assert _fault_of(ups.power) is faults.DEV_LOST, "the spoiled connection is used again"
    twin.ctl("clear")
    twin.ctl("replug")
    ups.close()
    ups.open()
    assert ups.power().state is PowerState.MAINS


def test_a_service_that_is_away_is_not_found(twin: Any, ups: Ups) -> None:
    twin.ctl("unplug")
    assert _fault_of(ups.power) is faults.DEV_LOST
    assert _fault_of(ups.open) is faults.DEV_NOT_FOUND


def test_a_cancel_ends_the_waiting_at_once(twin: Any, ups: Ups, quickest: Any) -> None:
    ups.wait_change(0.0)
    ended: list[tuple[float, faults.Fault]] = []

    def wait() -> None:
        fault = _fault_of(lambda: ups.wait_change(30))
        ended.append((time.monotonic(), fault))

    def seconds_to_end() -> float:
        thread = threading.Thread(target=wait)
        thread.start()
        busy_by_s = time.monotonic() + PATIENCE_S
        while ups.status().state is not DeviceState.DEVICE_BUSY:
            assert time.monotonic() < busy_by_s, "ups never became busy"
            time.sleep(0.005)
        began_s = time.monotonic()
        ups.cancel()
        thread.join(10)
        at_s, fault = ended.pop()
        assert fault is faults.DEV_CANCELLED
        return at_s - began_s

    assert quickest(seconds_to_end, 0.2) < 0.2
    twin.ctl("fault", name="hang", count=-1)
    assert quickest(seconds_to_end, 0.2) < 0.2


def test_the_traffic_is_told_with_its_meaning(twin: Any, ups: Ups) -> None:
    with tap.recording() as watched:
        ups.power()
        twin.ctl("fault", name="stale")
        _fault_of(ups.power)
        lines = registry.describer("ups", "nut_ups")(watched.passages())
    meanings = [line.meaning for line in lines]
    assert meanings[:2] == ["how is the supply", "the list begins"]
    assert "ups.status is OL CHRG" in meanings
    assert meanings[-1] == "refused: DATA-STALE"
    assert (health(lines).questions, health(lines).answers) == (2, 2)


def test_against_nuts_own_service(power_service: Any) -> None:
    driver = _ups(power_service.port)
    driver.open()
    assert driver.wait_change(PATIENCE_S) == PowerReading(PowerState.MAINS, 97.0, 1200.0)
    power_service.set("OB")
    changed = driver.wait_change(PATIENCE_S)
    assert changed is not None and changed.state is PowerState.BATTERY
    power_service.set("OB LB")
    changed = driver.wait_change(PATIENCE_S)
    assert changed is not None and changed.state is PowerState.BATTERY_LOW
    assert driver.status().faults == {faults.UPS_LOW.code}
    power_service.supply.send_signal(signal.SIGKILL)
    changed = driver.wait_change(PATIENCE_S)
    assert changed is not None and changed.state is PowerState.UNKNOWN
    assert _fault_of(_ups(power_service.port.replace("ups@", "other@")).open) is faults.UPS_REFUSED
    power_service.service.terminate()
    power_service.service.wait(PATIENCE_S)
    assert _fault_of(driver.power) is faults.DEV_LOST
    driver.close()
