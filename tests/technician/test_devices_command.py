"""`kiosk devices`: what is configured, what answers, what is wrong; and it always comes to an end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tty
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.api import DeviceState, DeviceStatus, PaperSupply
from drivers.sim.lifetime import ends_with_us
from kiosk.adapters.settings.selftest_log import FILE
from kiosk.app.technician.diagnostics import Look
from kiosk.technician import report as technician_report
from kiosk.technician import shared as technician_shared

ROOT = Path(__file__).resolve().parents[2]


def test_healthy_devices_are_told_with_model_port_state_firmware_and_media(terminal) -> None:
    with terminal.twin("id_card") as hands:
        hands("present", resident="a_kim")
    ran = terminal.kiosk("devices", "--json")
    assert ran.code == 0, ran.err
    found = ran.devices
    assert {name: device["state"] for name, device in found.items()} == dict.fromkeys(found, "online")
    assert set(found) == {"id_card", "receipt_printer", "code_scanner", "headphone"}
    reader = found["id_card"]
    assert (reader["model"], reader["media"]) == ("sam_v", "present")
    assert reader["firmware"] == "SAM_V 05.03-20120315 0001234567-0987654321"
    assert reader["port"] == str(terminal.run / "id_card")
    assert (found["receipt_printer"]["paper"], found["receipt_printer"]["cover_open"]) == ("full", False)
    assert found["receipt_printer"]["firmware"] == "TWIN-80 2.31 K80-000123"
    assert found["headphone"]["firmware"] is None, "a switch cannot be asked, so nothing is made up"
    assert found["headphone"]["media"] == "notPresent"
    assert all(device["faults"] == [] and device["selftest"] is None for device in found.values())


def test_what_is_wrong_is_named_with_cause_and_remedy(terminal) -> None:
    with terminal.twin("receipt_printer") as printer, terminal.twin("code_scanner") as scanner:
        printer("cover", open=True)
        printer("paper", state="low")
        scanner("unplug")
    ran = terminal.kiosk("devices", "--json")
    assert ran.code == 1
    printer_faults = ran.devices["receipt_printer"]["faults"]
    assert [fault["code"] for fault in printer_faults] == ["PRN-001", "PRN-003"]
    assert all(fault["cause"] and fault["remedy"] for fault in printer_faults)
    assert ran.devices["code_scanner"]["state"] == "noDevice"
    assert ran.devices["id_card"]["faults"] == []
    text = terminal.kiosk("devices").out
    assert "PRN-003: The printer's cover is open." in text and "Close the cover until it clicks." in text


@pytest.mark.parametrize(
    ("pages_left", "told"), [(7, "paper low, at least 7 more pages"), (0, "paper low"), (None, "paper low")]
)
def test_what_is_left_of_the_roll_is_told_where_the_printer_knows_it(pages_left: int | None, told: str) -> None:
    (subject,) = technician_shared.subjects(
        {"receipt_printer": {"model": "escpos_80mm", "port": "/dev/ttyS0"}}, Path("devices.toml")
    )
    status = DeviceStatus(DeviceState.ONLINE, paper=PaperSupply.LOW, pages_left=pages_left)
    looks = [Look(subject, status, None, ())]
    assert f"    {told}" in list(technician_report.devices_text(looks, {}))
    (found,) = cast(Any, technician_report.devices_json(looks, {})["devices"])
    assert found["pages_left"] == pages_left


def test_a_port_that_another_program_holds_is_busy_not_missing(terminal) -> None:
    import serial

    with serial.Serial(str(terminal.run / "id_card"), 115200, exclusive=True):
        ran = terminal.kiosk("devices", "--json")
    assert ran.devices["id_card"]["state"] == "deviceBusy"
    assert "is the kiosk running?" in ran.devices["id_card"]["detail"]


def test_mute_devices_are_offline_and_the_whole_look_ends_soon(terminal, quickest) -> None:
    for name in ("id_card", "receipt_printer"):
        with terminal.twin(name) as hands:
            hands("fault", name="mute", count=-1)

    def seconds_of_a_look() -> float:
        began_s = time.monotonic()
        ran = terminal.kiosk("devices", "--json")
        took_s = time.monotonic() - began_s
        states = {name: device["state"] for name, device in ran.devices.items()}
        assert states == {
            "id_card": "offline",
            "receipt_printer": "offline",
            "code_scanner": "online",
            "headphone": "online",
        }
        return took_s

    assert quickest(seconds_of_a_look, 12) < 12


def test_the_last_self_test_and_its_date_are_shown(terminal) -> None:
    assert terminal.kiosk("selftest", "headphone").code == 0
    with terminal.twin("receipt_printer") as hands:
        hands("paper", state="out")
    assert terminal.kiosk("selftest", "receipt_printer").code == 1
    with terminal.twin("receipt_printer") as hands:
        hands("paper", state="ok")
    found = terminal.kiosk("devices", "--json").devices
    assert found["headphone"]["selftest"]["result"] == "pass"
    assert found["receipt_printer"]["selftest"]["result"] == "fail"
    assert "paper PRN-002" in found["receipt_printer"]["selftest"]["failed"]
    assert found["receipt_printer"]["selftest"]["at"].startswith("20")
    assert found["id_card"]["selftest"] is None
    text = terminal.kiosk("devices").out
    assert "last self-test: fail" in text and "never tested" in text


def test_a_damaged_record_of_self_tests_is_no_reason_to_fail(terminal) -> None:
    terminal.state.mkdir()
    (terminal.state / FILE).write_text("{not json")
    assert terminal.kiosk("devices", "--json").code == 0
    assert terminal.kiosk("selftest", "headphone").code == 0
    assert terminal.kiosk("devices", "--json").devices["headphone"]["selftest"]["result"] == "pass"


def test_settings_that_cannot_be_used_are_told_apart_from_sick_devices(terminal) -> None:
    (terminal.config / "devices.toml").write_text('[id_card]\nmodel = "sam_x"\nport = "/dev/kiosk/id_card"\n')
    ran = terminal.kiosk("devices")
    assert ran.code == 78 and "sam_x" in ran.err
    assert terminal.kiosk("selftest", "toaster").code == 2


def test_a_device_that_sends_without_end_is_left_at_its_deadline(terminal, quickest) -> None:
    """A port that floods: no answer is ever found in it, and the other devices are still looked at."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    flood = subprocess.Popen(
        ends_with_us([sys.executable, "-c", f"import os\nwhile True: os.write({ours}, bytes(64))"]), pass_fds=[ours]
    )
    try:
        text = (terminal.config / "devices.toml").read_text()
        flooded = text.replace(str(terminal.run / "id_card"), os.ttyname(theirs))
        (terminal.config / "devices.toml").write_text(flooded)

        def seconds_of_a_look() -> float:
            began_s = time.monotonic()
            ran = terminal.kiosk("devices", "--json")
            took_s = time.monotonic() - began_s
            assert ran.devices["id_card"]["faults"], "a flood is no healthy reader"
            assert ran.devices["headphone"]["state"] == "online"
            return took_s

        assert quickest(seconds_of_a_look, 15) < 15
    finally:
        flood.kill()
        flood.wait()
        os.close(ours)
        os.close(theirs)
