"""The self-test against real simulated devices: healthy ones pass, and every fault that one can have is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.sim.client import Control
from drivers.sim.faultbook import LINE_FAULTS
from drivers.sim.twins import twins
from kiosk import technician
from kiosk.adapters.config import load_devices
from kiosk.app import selftest as checks
from kiosk.app.diagnostics import Examined, Result
from kiosk.sim_bench import SimHands

pytestmark = pytest.mark.proof

ROOT = Path(__file__).resolve().parents[2]
UNTIL_CLEARED = -1
NOTHING_TO_ECHO = {"code_scanner", "headphone"}
"""The host sends these nothing: nothing comes back, nothing waits."""
NOT_ON_THIS_BENCH = {"ack_before_code", "ack_behind_code", "refuse", "keeps_speed"}
"""Answers to commands that the shipped scanner is never sent; a change of speed is asked for by no setting here."""
ARGUMENTS: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("id_card", "sw3"): {"code": "41", "on": "read"},
    ("id_card", "lifted"): {"on": "read"},
    ("receipt_printer", "hot"): {"for_s": 20},
    ("code_scanner", "garble"): {"at": 2},
}
EXPECTED: Mapping[tuple[str, str], str] = {
    ("id_card", "sw3"): "CRD-002",
    ("id_card", "lifted"): "CRD-006",
    ("id_card", "mute"): "DEV-002",
    ("id_card", "wrong_baud"): "DEV-003",
    ("id_card", "unplug"): "DEV-004",
    ("receipt_printer", "cutter"): "PRN-004",
    ("receipt_printer", "hot"): "PRN-005",
    ("receipt_printer", "unrecoverable"): "PRN-006",
    ("receipt_printer", "mute"): "DEV-002",
    ("receipt_printer", "unplug"): "DEV-004",
    ("code_scanner", "mute"): "DEV-002",
    ("code_scanner", "garble"): "SCN-001",
    ("code_scanner", "unplug"): "DEV-004",
    ("headphone", "mute"): "DEV-002",
    ("headphone", "unplug"): "DEV-004",
}
"""Where one code alone is right; for the others any finding will do."""
CLASSES = ("id_card", "receipt_printer", "code_scanner", "headphone")
MATRIX = sorted(
    (name, fault)
    for name in CLASSES
    for fault in {**LINE_FAULTS, **twins()[name].own_faults}
    if not (fault in ("echo", "slow_drain") and name in NOTHING_TO_ECHO) and fault not in NOT_ON_THIS_BENCH
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated hands are quick."""
    monkeypatch.setattr(checks, "HAND_S", 0.8)
    monkeypatch.setattr(checks, "ROUNDS", 4)


def examined(terminal, name: str) -> Examined:
    (subject,) = technician.subjects({name: load_devices(terminal.config / "devices.toml")[name]})
    return checks.selftest(subject, SimHands(terminal.run), lambda: datetime.now(UTC))


def found(result: Examined) -> dict[str, str]:
    return {
        finding.check: finding.fault.code if finding.fault else finding.note
        for finding in result.findings
        if finding.result is Result.FAIL
    }


@pytest.mark.parametrize("name", CLASSES)
def test_a_healthy_device_passes_every_check_with_a_figure(terminal, hasty: None, name: str) -> None:
    result = examined(terminal, name)
    assert result.result is Result.PASS and not found(result)
    assert all(finding.value is not None and finding.unit for finding in result.findings)
    assert any(finding.guided for finding in result.findings)
    assert result.state.value == "online"


@pytest.mark.parametrize(("name", "fault"), MATRIX)
def test_every_fault_of_every_simulated_device_is_found(terminal, hasty: None, name: str, fault: str) -> None:
    with terminal.twin(name) as hands:
        hands("fault", name=fault, count=UNTIL_CLEARED, **ARGUMENTS.get((name, fault), {}))
    result = examined(terminal, name)
    assert result.result is Result.FAIL
    named = " ".join(found(result).values())
    assert named.strip()
    assert EXPECTED.get((name, fault), "") in named, found(result)


@pytest.mark.parametrize(
    ("op", "fields", "code"),
    [
        ("paper", {"state": "low"}, "PRN-001"),
        ("paper", {"state": "out"}, "PRN-002"),
        ("cover", {"open": True}, "PRN-003"),
        ("mute", {"on": True}, "DEV-002"),
    ],
)
def test_what_hands_do_to_a_printer_is_found(terminal, hasty: None, op: str, fields: dict, code: str) -> None:
    with terminal.twin("receipt_printer") as hands:
        hands(op, **fields)
    assert code in found(examined(terminal, "receipt_printer")).values()


@pytest.mark.parametrize("fault", ["duplicate", "junk", "garble"])
def test_a_fault_that_the_driver_forgives_once_is_still_found_on_the_line(terminal, hasty: None, fault: str) -> None:
    with terminal.twin("id_card") as hands:
        hands("fault", name=fault, on="status", skip=2, count=1)
    assert set(found(examined(terminal, "id_card"))) == {"line"}


@pytest.mark.parametrize("family", ["newland_unified", "register_engine", "honeywell_serial"])
def test_scanners_that_obey_commands_pass_and_their_own_faults_are_found(
    tmp_path: Path, hasty: None, family: str
) -> None:
    link, control = tmp_path / "code_scanner", tmp_path / "code_scanner.ctl"
    options = ["--link", str(link), "--control", str(control), "--settings", json.dumps({"family": family})]
    command = [sys.executable, "-m", "drivers.sim", "code_scanner", *options]
    twin = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert twin.stdin is not None and twin.stdout is not None
    outcomes = {}
    try:
        assert twin.stdout.readline() == b"ready\n"
        with Control(control) as hands:
            for fault in ("", "refuse", "ack_before_code", "ack_behind_code", "echo"):
                if fault:
                    hands("fault", name=fault, count=UNTIL_CLEARED)
                (subject,) = technician.subjects({"code_scanner": {"model": family, "port": str(link)}})
                outcomes[fault] = checks.selftest(subject, SimHands(tmp_path), lambda: datetime.now(UTC))
                for op in ("clear", "unplug", "replug"):
                    hands(op)
    finally:
        twin.stdin.close()
        twin.wait(5)
        twin.stdout.close()
    assert outcomes[""].result is Result.PASS, found(outcomes[""])
    assert {fault for fault, outcome in outcomes.items() if outcome.result is not Result.FAIL} == {""}
    assert found(outcomes["refuse"])["open"] == "SCN-003"


def test_a_sick_device_does_not_keep_the_others_from_being_tested_and_the_exit_code_says_so(terminal) -> None:
    with terminal.twin("id_card") as hands:
        hands("fault", name="mute", count=UNTIL_CLEARED)
    ran = terminal.kiosk("selftest", "--json")
    assert ran.code == 1
    assert {name: device["result"] for name, device in ran.devices.items()} == {
        "id_card": "fail", "receipt_printer": "pass", "code_scanner": "pass", "headphone": "pass",
    }  # fmt: skip
    (opened, *_) = ran.devices["id_card"]["measured"]
    assert opened["fault"]["code"] == "DEV-002" and opened["fault"]["remedy"]
    assert ran.devices["id_card"]["state"] == "offline"


def test_without_a_terminal_guided_checks_are_not_applicable_and_say_why(terminal) -> None:
    with terminal.twin("receipt_printer") as hands:
        pages = hands("status")["pages"]
    ran = terminal.kiosk("selftest", "--json")
    assert ran.code == 0, ran.out
    rows = [row for device in ran.devices.values() for row in device["measured"]]
    guided = [row for row in rows if row["guided"]]
    assert len(guided) == 6
    assert all(row["result"] == "not-applicable" and "terminal" in row["note"] for row in guided)
    assert all(row["result"] == "pass" for row in rows if not row["guided"])
    assert all(datetime.fromisoformat(row["at"]).tzinfo for row in rows)
    with terminal.twin("receipt_printer") as hands:
        assert hands("status")["pages"] == pages, "no paper is used when nobody is there"
    assert set(ran.devices["id_card"]) == {"class", "model", "firmware", "state", "result", "measured", "at"}


def test_with_sim_everything_passes_guided_checks_too_and_nothing_is_left_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "kiosk", "selftest", "--sim", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, env=environment
    )
    devices = {device["class"]: device for device in json.loads(done.stdout)["devices"]}
    assert done.returncode == 0, done.stdout
    assert set(CLASSES) <= set(devices)
    for name in CLASSES:
        assert {row["result"] for row in devices[name]["measured"]} == {"pass"}
    assert list(tmp_path.iterdir()) == [], "simulated results are no record of this terminal"
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in listed
