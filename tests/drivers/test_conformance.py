"""The contract's checks: every model that can be checked passes them, and a driver that breaks it fails each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from drivers import registry
from drivers.api import DeviceState, DeviceStatus
from drivers.conformance import checks
from drivers.conformance.checks import CHECKS, Measured
from drivers.conformance.report import Result, as_json, as_text, run
from drivers.conformance.stage import CLASSES, CannotBegin, Stage, Subject, with_twin
from drivers.sim.twins import twins

pytestmark = pytest.mark.proof

REPOSITORY = Path(__file__).resolve().parents[2]
WITH_TWIN = {model for twin in twins().values() for model in twin.models}
MODELS = [
    (one, model)
    for one in CLASSES
    if one in registry.FOLDER_OF_CLASS
    for model in registry.models(one)
    if model in WITH_TWIN
]


def _installed(device_class: str, model: str) -> Subject:
    return Subject(device_class, model, lambda table: registry.create(device_class, model, table))


def test_every_class_of_the_registry_has_its_row_and_every_row_its_class() -> None:
    assert set(registry.FOLDER_OF_CLASS) <= set(CLASSES)
    assert {device_class for device_class, _ in MODELS} == set(CLASSES) & set(registry.FOLDER_OF_CLASS)


@pytest.mark.parametrize(("device_class", "model"), MODELS)
def test_every_model_conforms(device_class: str, model: str, tmp_path: Path) -> None:
    """A process of its own for each: the PC/SC library takes its service's name only once."""
    done = _command(f"{device_class}/{model}", "--report", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / f"{model}.json").read_text(encoding="utf-8"))
    passed = [outcome for outcome in report["outcomes"] if outcome["result"] == Result.PASS]
    assert len(passed) >= 8
    assert all(outcome["measured_s"] is not None and outcome["deadline_s"] for outcome in passed)


NOT_ITS_OWN = {"a camera shows its picture", "a print is proved by the paper"}
"""Checks that say nothing about a card reader."""


class _Careless:
    """Speaks to no one, waits deaf, believes everything: what a first draft of a card reader's driver looks like."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._path = str(table["port"])
        self._fd = -1

    def open(self) -> None:
        self._fd = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def status(self) -> DeviceStatus:
        if self._fd < 0:
            raise OSError("not open")
        return DeviceStatus(DeviceState.ONLINE)

    def wait_card(self, timeout_s: float) -> bool:
        time.sleep(timeout_s)
        return False

    def cancel(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None:
        self._fd = -1


def test_a_careless_driver_fails_check_after_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LOST_S", 0.5)
    with with_twin(Subject("id_card", "careless", _Careless), "sam_v") as stage:
        report = run(stage)
    assert not report.passed
    failed = {outcome.check: outcome.detail for outcome in report.outcomes if outcome.result is Result.FAIL}
    unharmed = {"open proves the device", "an early cancel does nothing", *NOT_ITS_OWN}
    assert set(failed) == set(CHECKS) - unharmed
    assert "FileNotFoundError" in failed["making a driver opens nothing"]
    assert "raised nothing" in failed["a second open is refused"]
    assert "status before open raised OSError" in failed["status never raises"]
    assert "raised nothing" in failed["silence is named"]
    assert "descriptors" in failed["nothing is left behind"]
    assert "does not conform: 10 of 14" in as_text(report)


class _Wrapped:
    """The real driver with one thing made wrong."""

    def __init__(self, table: Mapping[str, object], wrong: str) -> None:
        self._real = registry.create("id_card", "sam_v", table)
        self._wrong = wrong

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def status(self) -> DeviceStatus:
        if self._wrong == "optimist":
            return DeviceStatus(DeviceState.ONLINE)
        return self._real.status()

    def cancel(self) -> None:
        if self._wrong == "slow":
            threading.Timer(0.3, self._real.cancel).start()
        elif self._wrong != "deaf":
            self._real.cancel()

    def open(self) -> None:
        if self._wrong == "raw":
            try:
                self._real.open()
            except Exception as error:
                raise RuntimeError("it does not work") from error
        else:
            self._real.open()


@pytest.mark.parametrize(
    ("wrong", "check", "says"),
    [
        ("slow", "cancel ends a command", "ms at best"),
        ("deaf", "cancel ends a command", "did not end the command"),
        ("optimist", "status never raises", "status before open is online"),
        ("raw", "silence is named", "RuntimeError and no DeviceError"),
        ("raw", "garbage is named", "RuntimeError and no DeviceError"),
    ],
)
def test_one_thing_made_wrong_fails_its_check(wrong: str, check: str, says: str) -> None:
    subject = Subject("id_card", "wrapped", lambda table: _Wrapped(table, wrong))  # type: ignore[arg-type,return-value]
    with with_twin(subject, "sam_v") as stage:
        (outcome,) = run(stage, {check: CHECKS[check]}).outcomes
    assert outcome.result is Result.FAIL
    assert says in outcome.detail


def test_a_check_that_raises_anything_fails_and_the_next_runs() -> None:
    def broken(_stage: Stage) -> Measured:
        raise ZeroDivisionError("of all things")

    with with_twin(_installed("id_card", "sam_v")) as stage:
        report = run(stage, {"broken": broken, "next": lambda _stage: Measured(0.1, 1.0)})
    assert [outcome.result for outcome in report.outcomes] == [Result.FAIL, Result.PASS]
    assert "ZeroDivisionError" in report.outcomes[0].detail
    assert json.loads(as_json(report))["passed"] is False


def test_a_class_or_model_without_checks_or_simulated_device_is_refused() -> None:
    with pytest.raises(CannotBegin, match="toaster"), with_twin(Subject("toaster", "x", _Careless)):
        pass
    with pytest.raises(CannotBegin, match="no simulated device"), with_twin(Subject("id_card", "x", _Careless)):
        pass


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "drivers.conformance", *arguments]
    return subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True, timeout=240, check=False)


def test_the_command_writes_the_report_as_markdown_and_as_json(tmp_path: Path) -> None:
    done = _command("evdev_switch", "--sim", "--report", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("conforms\n")
    table = (tmp_path / "evdev_switch.md").read_text(encoding="utf-8")
    assert table.startswith("# headphone/evdev_switch\n") and "**conforms**" in table
    assert table.count("\n| ") == len(CHECKS) + 1
    report = json.loads((tmp_path / "evdev_switch.json").read_text(encoding="utf-8"))
    assert (report["device_class"], report["model"], report["passed"]) == ("headphone", "evdev_switch", True)
    assert [outcome["check"] for outcome in report["outcomes"]] == list(CHECKS)


def test_the_command_checks_a_port_without_hands(start_twin: object) -> None:
    assert callable(start_twin)
    device = start_twin("code_scanner", family="newland_unified")
    done = _command("code_scanner/newland_unified", "--port", str(device.link), "--set", 'reading="command"')
    assert done.returncode == 0, done.stdout + done.stderr
    assert "real device" in done.stdout
    assert done.stdout.count("needs a simulated device") == 4


def test_the_command_fails_on_a_port_without_the_device_and_refuses_unknown_models(tmp_path: Path) -> None:
    assert _command("sam_v", "--port", str(tmp_path / "nothing")).returncode == 1
    unknown = _command("sam_x")
    assert (unknown.returncode, "id_card/sam_v" in unknown.stderr) == (2, True)
    assert _command("sam_v", "--set", "baud=fast").returncode == 2
