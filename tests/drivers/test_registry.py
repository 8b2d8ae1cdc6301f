"""Every model can be made, has its other side, and every fault has a case."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from drivers import faults, registry
from drivers.api import Device
from drivers.registry import FOLDER_OF_CLASS, UnknownModel
from drivers.settings import SettingsError
from drivers.sim.twins import twins

REPOSITORY = Path(__file__).resolve().parents[2]
MODELS = [(device_class, model) for device_class in FOLDER_OF_CLASS for model in registry.models(device_class)]

NOT_EVERYWHERE = {
    "chip_card", "document_printer", "document_scanner", "id_face", "portrait", "keypad", "lights", "cabinet", "ups",
}  # fmt: skip
"""Classes that a terminal may do without."""


def test_there_is_a_model_of_every_class() -> None:
    assert {device_class for device_class, _ in MODELS} == set(FOLDER_OF_CLASS)


@pytest.mark.parametrize(("device_class", "model"), MODELS)
def test_every_model_has_a_simulated_device(device_class: str, model: str) -> None:
    assert len([name for name, twin in twins().items() if model in twin.models]) == 1, device_class


@pytest.mark.parametrize(("device_class", "model"), MODELS)
def test_every_model_is_made_without_touching_the_port(device_class: str, model: str, tmp_path: Path) -> None:
    device = registry.create(device_class, model, {"model": model, "port": str(tmp_path / "nothing")})
    assert isinstance(device, Device)


@pytest.mark.parametrize(("device_class", "model"), MODELS)
def test_a_misspelt_setting_is_refused_by_name(device_class: str, model: str) -> None:
    with pytest.raises(ValueError, match="buad"):
        registry.create(device_class, model, {"port": "/dev/kiosk/x", "buad": 9600})


def test_an_unknown_class_or_model_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownModel, match="headphone"):
        registry.create("toaster", "x", {})
    with pytest.raises(UnknownModel, match="sam_v"):
        registry.create("id_card", "sam_x", {})
    with pytest.raises(SettingsError, match="port"):
        registry.create("id_card", "sam_v", {})


def test_the_devices_of_this_terminal_can_all_be_made() -> None:
    tables = tomllib.loads((REPOSITORY / "config" / "devices.toml").read_text(encoding="utf-8"))
    assert set(FOLDER_OF_CLASS) - NOT_EVERYWHERE <= set(tables) <= set(FOLDER_OF_CLASS)
    for device_class, table in tables.items():
        registry.create(device_class, table["model"], table)


def _test_texts() -> str:
    here = Path(__file__).resolve()
    files = sorted(here.parent.rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.resolve() != here)


CONSTANTS = {value.code: name for name, value in vars(faults).items() if isinstance(value, faults.Fault)}


@pytest.mark.parametrize("code", sorted(faults.CATALOGUE))
def test_every_fault_of_the_catalogue_is_provoked_by_some_test(code: str) -> None:
    assert re.search(rf"\b{CONSTANTS[code]}\b|{code}", _test_texts())


@pytest.mark.parametrize("name", sorted({(twin, fault) for twin, c in twins().items() for fault in c.own_faults}))
def test_every_fault_of_a_simulated_device_has_a_case(name: tuple[str, str]) -> None:
    assert re.search(rf"[\"']{name[1]}(:..)?[\"']", _test_texts())
