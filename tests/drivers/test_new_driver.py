"""A maker ships a driver in a package of its own: it is begun by a command, installed by pip, and found by its name."""

from __future__ import annotations

import importlib
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from drivers import api, faults, registry, scaffold
from drivers.__main__ import main
from drivers.api import API_VERSION, Device, DeviceError, DeviceState
from drivers.codec.wire import describe_unknown
from drivers.registry import FOLDER_OF_CLASS, UnknownModel

MODEL, MODULE = "acme_80", "tshupinn_acme_80"


def made(folder: Path, device_class: str = "receipt_printer", model: str = MODEL) -> Path:
    assert main(["new", device_class, model, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip lays it down, in a folder outside this checkout."""
    source = made(tmp_path_factory.mktemp("maker") / "source")
    target = tmp_path_factory.mktemp("site")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-q")
    command = (sys.executable, "-m", "pip", "install", *offline, "--target", str(target), str(source))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def found(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(installed)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    return installed


def test_an_installed_package_brings_its_model(found: Path, tmp_path: Path) -> None:
    assert MODEL in registry.models("receipt_printer")
    assert MODEL not in registry.models("id_card")
    device = registry.create("receipt_printer", MODEL, {"model": MODEL, "port": str(tmp_path / "port")})
    assert isinstance(device, Device)
    assert sys.modules[MODULE].__file__ == str(found / f"{MODULE}.py")
    assert registry.describer("receipt_printer", MODEL) is describe_unknown
    assert device.status().state is DeviceState.NO_DEVICE
    with pytest.raises(DeviceError) as failed:
        device.open()
    assert failed.value.fault is faults.DEV_NOT_FOUND
    device.cancel()
    device.close()
    with pytest.raises(ValueError, match="buad"):
        registry.create("receipt_printer", MODEL, {"port": "/dev/kiosk/x", "buad": 9600})


@pytest.mark.usefixtures("found")
def test_one_written_for_another_api_is_refused_with_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "API_VERSION", API_VERSION + 1)
    with pytest.raises(UnknownModel, match=f"driver API {API_VERSION}, and this terminal has {API_VERSION + 1}"):
        registry.create("receipt_printer", MODEL, {"port": "/dev/kiosk/x"})


def test_one_that_cannot_be_loaded_is_refused_with_the_reason(found: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE, None)
    with pytest.raises(UnknownModel, match=f"cannot be loaded.*{MODULE}"):
        registry.create("receipt_printer", MODEL, {"port": "/dev/kiosk/x"})
    assert "escpos_80mm" in registry.models("receipt_printer"), "the others are there all the same"


def lay(folder: Path, name: str, model: str, code: str) -> None:
    """A package as it lies where it is installed."""
    told = folder / f"{name}-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(f"[{registry.GROUP}]\nid_card.{model} = {name}\n", encoding="utf-8")
    (folder / f"{name}.py").write_text(code, encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise RuntimeError('no licence')", "cannot be loaded: RuntimeError: no licence"),
        ("def DRIVER(", "cannot be loaded: SyntaxError"),
        ("", "was written for driver API None"),
        (f"DRIVER_API = {API_VERSION}", "maker_of_nothing has no DRIVER of this class"),
    ],
)
def test_whatever_is_wrong_with_a_makers_module_is_told_as_a_wrong_setting(
    code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, "maker_of_nothing", "acme_1", code + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "maker_of_nothing", raising=False)
    with pytest.raises(UnknownModel, match=said):
        registry.create("id_card", "acme_1", {"port": "/dev/kiosk/x"})


def test_the_name_of_a_model_here_cannot_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, "thief", "sam_v", "raise RuntimeError('this package is not to be loaded')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.models("id_card").count("sam_v") == 1
    device = registry.create("id_card", "sam_v", {"port": "/dev/kiosk/x"})
    assert type(device).__module__ == "drivers.id_card.sam_v"


@pytest.mark.parametrize("device_class", FOLDER_OF_CLASS)
def test_every_class_can_be_begun(device_class: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = f"begun_{device_class}"
    monkeypatch.syspath_prepend(made(tmp_path / "source", device_class, model))
    module = importlib.import_module(f"tshupinn_{model}")
    device = module.DRIVER({"model": model, "port": "/dev/kiosk/x"})
    protocol = scaffold.PROTOCOL_OF_CLASS[device_class]
    wanted = {name for name in dir(protocol) if not name.startswith("_")}
    assert wanted and wanted <= set(dir(device))
    names = {**vars(api), **vars(module)}
    for name in wanted:
        assert typing.get_type_hints(getattr(type(device), name), names), f"{name}: its types are known to the module"
    assert typing.get_type_hints(module.DRIVER, names)["return"] is protocol


@pytest.mark.parametrize(
    ("device_class", "model", "said"),
    [
        ("toaster", "acme_80", "no device class 'toaster'; known: cabinet"),
        ("id_card", "Acme-80", "is no name of a model"),
        ("id_card", "class", "is no name of a model"),
        ("id_card", "sam_v", "the class id_card has a model 'sam_v' already"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    device_class: str, model: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", device_class, model, "--out", str(tmp_path / "new")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    assert main(["new", "id_card", MODEL, "--out", str(tmp_path)]) == 2
    assert "is not empty; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
