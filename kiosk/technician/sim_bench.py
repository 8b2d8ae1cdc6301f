"""Simulated devices for `kiosk selftest --sim`: their processes, and the tables that name their ports.

The code under test gets ordinary device tables with other ports, and cannot tell.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from drivers.registry import FOLDER_OF_CLASS, models
from drivers.sim.core import Twin
from drivers.sim.twins import twins
from kiosk.play.process import Managed
from kiosk.play.run_folder import to_toml
from kiosk.technician.sim_hands import SimHands

READY_S = 40.0
"""The A4 printer and the smart-card service are real programs that have to start."""
CHIP_CARD_DOOR = "PCSCLITE_CSOCK_NAME"
"""Where pcsc-lite's client library looks for its service."""
VIRTUAL_READER = "Virtual PCD"

Tables = Mapping[str, Mapping[str, object]]
WITH_EVERYTHING: Tables = {
    "modbus_cabinet": {"relays": {"fan": 0}, "temperature": 0},
    "camera_page": {"width": 1600, "height": 1200},
}
"""How a model that the terminal does not have is set, so that all of it is tried at a pace that any machine keeps."""


class SimBench:
    """`with SimBench(sim_toml, devices) as bench`: the twins of these devices run meanwhile.

    :param plan: the sim.toml whose settings the twins get; a class without a table there runs with none.
    :param devices: tables of devices.toml.
    :raises StageError: when one does not start.
    """

    def __init__(self, plan: Path, devices: Tables) -> None:
        self._plan = plan
        self._devices = devices
        self._folder = tempfile.TemporaryDirectory(prefix="kiosk-sim-")
        self.run_dir = Path(self._folder.name)
        self.left_out: dict[str, str] = {}
        """Device -> why it has no simulated other side here."""
        self._running: list[str] = []
        self._twins: Managed | None = None
        self._door_before = os.environ.get(CHIP_CARD_DOOR)

    def __enter__(self) -> SimBench:
        plan = self._chosen()
        self._running = list(plan)
        (self.run_dir / "sim.toml").write_text(to_toml(plan), encoding="utf-8")
        argv = [sys.executable, "-m", "drivers.sim", "up", str(self.run_dir / "sim.toml"), "--dir", str(self.run_dir)]
        try:
            self._twins = Managed("simulated devices", argv, self.run_dir / "twins.log")
            self._twins.wait_line(lambda line: line.strip() == "ready", READY_S)
        except BaseException:
            self._end()
            raise
        if "chip_card" in self._running:
            os.environ[CHIP_CARD_DOOR] = str(self.run_dir / "chip_card")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def tables(self) -> dict[str, dict[str, object]]:
        """The tables of the devices that run, with the simulated port in place of theirs."""
        return {name: _with_port(name, self._devices[name], self.run_dir / name) for name in self._running}

    def hands(self) -> SimHands:
        return SimHands(self.run_dir)

    def _chosen(self) -> dict[str, dict[str, object]]:
        """The plan of the twins that are to run; fills `left_out`."""
        shipped, chosen = _shipped(self._plan), dict[str, dict[str, object]]()
        for name, table in self._devices.items():
            found = _twin_of(str(table["model"]))
            if found is None:
                self.left_out[name] = f"no simulated device is the other side of {table['model']}"
                continue
            module, twin = found
            planned = shipped.get(name, {})
            if planned.get("twin", name) != module:
                planned = {}
            model = str(table["model"])
            settings = {**planned, **twin.bench_settings(model), **_size(table), "twin": module}
            if lack := twin.missing(settings):
                self.left_out[name] = lack
            else:
                chosen[name] = settings
        return chosen

    def _end(self) -> None:
        if self._twins is not None:
            self._twins.stop()
        if self._door_before is None:
            os.environ.pop(CHIP_CARD_DOOR, None)
        else:
            os.environ[CHIP_CARD_DOOR] = self._door_before
        self._folder.cleanup()


def with_every_class(devices: Tables) -> dict[str, Mapping[str, object]]:
    """These tables, and for each class that they lack the first model that has a simulated other side."""
    every = {name: dict[str, object](table) for name, table in devices.items()}
    for device_class in FOLDER_OF_CLASS:
        # A twin names the model that it was made for first, and a fallback after it.
        ranked = [(found[1].models.index(model), model) for model in models(device_class) if (found := _twin_of(model))]
        simulated = [model for _rank, model in sorted(ranked)]
        if device_class not in every and simulated:
            every[device_class] = {**WITH_EVERYTHING.get(simulated[0], {}), "model": simulated[0], "port": ""}
    return dict(every)


def _twin_of(model: str) -> tuple[str, type[Twin]] | None:
    return next(((name, twin) for name, twin in twins().items() if model in twin.models), None)


def _size(table: Mapping[str, object]) -> dict[str, object]:
    """A simulated camera gives pictures as large as its driver is set to ask for."""
    return {"size": [table["width"], table["height"]]} if {"width", "height"} <= set(table) else {}


def _with_port(device_class: str, table: Mapping[str, object], link: Path) -> dict[str, object]:
    """A chip-card reader is named; which service is asked for the name stands in the environment."""
    if device_class == "chip_card":
        return {**table, "port": VIRTUAL_READER, "slot": 0}
    return {**table, "port": str(link)}


def _shipped(plan: Path) -> dict[str, dict[str, object]]:
    """The plan's tables; a relative `..._file` is meant from the plan's folder."""
    tables: dict[str, dict[str, object]] = tomllib.loads(plan.read_text(encoding="utf-8"))
    for table in tables.values():
        for key, value in table.items():
            if key.endswith("_file"):
                table[key] = str((plan.parent / str(value)).resolve())
    return tables
