"""Begins the driver of a new model in a package of its own: every method of its class is there and answers honestly.

Until its methods are written the device says that it is not there, so a terminal that has it set up loses nothing.
"""

from __future__ import annotations

import ast
import inspect
import keyword
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from drivers import api
from drivers.registry import FOLDER_OF_CLASS, GROUP, models

PROTOCOL_OF_CLASS: Mapping[str, type] = {
    "id_card": api.IdCardReader,
    "chip_card": api.ChipCardReader,
    "receipt_printer": api.ReceiptPrinter,
    "document_printer": api.DocumentPrinter,
    "code_scanner": api.CodeScanner,
    "headphone": api.HeadphoneSensor,
    "lights": api.Lights,
    "cabinet": api.Cabinet,
    "ups": api.Ups,
    "keypad": api.Keypad,
    "document_scanner": api.DocumentScanner,
    "id_face": api.IdFaceReader,
    "portrait": api.PortraitCamera,
}

_FROM_ABC = ("Callable", "Iterator", "Mapping", "Sequence")
_QUIET = ("cancel", "close")
"""Methods that have nothing to do where nothing is open."""

_PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{package}"
version = "0.1.0"
description = "Driver of {model}, a device of the class {device_class}"
requires-python = ">=3.11"
dependencies = ["tshu-pinn"]

[project.entry-points."{group}"]
"{device_class}.{model}" = "{module}"

[tool.setuptools]
py-modules = ["{module}"]
"""

_TEST = '''"""The model is found by its name and keeps the contract as far as it is written."""

from drivers import registry
from drivers.api import Device, DeviceState


def test_the_model_is_found_and_says_how_it_stands() -> None:
    device = registry.create("{device_class}", "{model}", {{"port": "/dev/kiosk/{model}"}})
    assert isinstance(device, Device)
    assert device.status().state in DeviceState
'''

_README = """# {model}

A driver of the class `{device_class}` for the kiosk. Every method in `{module}.py` says what it must do.

    pip install -e .                  # beside the kiosk, in its environment
    python -m pytest
    python -m drivers.conformance {device_class}/{model} --port PORT

`config/devices.toml` of the terminal then has

    [{device_class}]
    model = "{model}"
    port = "PORT"
"""


class CannotMake(ValueError):
    """No driver can be begun by this name here; the text says why."""


def make(device_class: str, model: str, folder: Path) -> list[Path]:
    """Write a package with the driver, its entry point and a test into `folder`; returns its files.

    :raises CannotMake: for an unknown class, a name that is no Python name or is taken, or a folder that is not empty.
    :raises OSError: when it cannot be written.
    """
    if device_class not in FOLDER_OF_CLASS:
        raise CannotMake(f"no device class {device_class!r}; known: {', '.join(sorted(FOLDER_OF_CLASS))}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", model) or keyword.iskeyword(model):
        raise CannotMake(
            f"{model!r} is no name of a model: small letters, digits and _, a letter first, such as acme_80"
        )
    if model in models(device_class):
        raise CannotMake(f"the class {device_class} has a model {model!r} already")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotMake(f"{folder} is not empty; nothing was written")
    names = {
        "device_class": device_class,
        "model": model,
        "group": GROUP,
        "module": f"tshupinn_{model}",
        "package": f"tshupinn-{model.replace('_', '-')}",
    }
    texts = {
        "pyproject.toml": _PROJECT.format(**names),
        f"{names['module']}.py": _driver(device_class, model),
        f"tests/test_{model}.py": _TEST.format(**names),
        "README.md": _README.format(**names),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _driver(device_class: str, model: str) -> str:
    protocol = PROTOCOL_OF_CLASS[device_class]
    methods = [(name, value) for name, value in inspect.getmembers(protocol, inspect.isfunction) if name[0] != "_"]
    methods.sort(key=lambda method: (method[0] not in vars(api.Device), inspect.getsourcelines(method[1])[1]))
    made = [_method(name, value) for name, value in methods]
    needed = {word for text in made for word in re.findall(r"[A-Z]\w+", text.split('"""')[0])} | {protocol.__name__}
    needed |= {"CompletionCode", "DeviceError", "DeviceState", "DeviceStatus"}
    abc = sorted(needed.intersection(_FROM_ABC) | {"Mapping"})
    of_api = sorted(name for name in needed if hasattr(api, name))
    class_name = "".join(word.capitalize() for word in model.split("_"))
    return "\n".join(
        (
            f'"""{model}, a device of the class {device_class}."""',
            "",
            "from __future__ import annotations",
            "",
            f"from collections.abc import {', '.join(abc)}",
            "",
            "from drivers import faults, settings",
            "from drivers.api import (",
            *(f"    {name}," for name in of_api),
            ")",
            *(["from drivers.faults import Fault"] if "Fault" in needed else []),
            "",
            f"DRIVER_API = {api.API_VERSION}",
            '"""The version of `drivers.api` that this driver was written for."""',
            "",
            "",
            f"class {class_name}:",
            f'    """See `drivers.api.{protocol.__name__}`. Settings: `port`."""',
            "",
            "    def __init__(self, table: Mapping[str, object]) -> None:",
            '        """Opens nothing. :raises ValueError: for a setting that is missing, unknown or wrong."""',
            '        settings.only(table, "port")',
            '        self._port = settings.text(table, "port")',
            "",
            "\n".join(made),
            "    def _unwritten(self) -> DeviceError:",
            '        detail = "this driver is not written yet"',
            "        return DeviceError(faults.DEV_NOT_FOUND, detail, CompletionCode.UNSUPPORTED_COMMAND)",
            "",
            "",
            f"def DRIVER(table: Mapping[str, object]) -> {protocol.__name__}:",
            '    """Make the driver from its devices.toml table. :raises ValueError: for unusable settings."""',
            f"    return {class_name}(table)",
            "",
        )
    )


def _method(name: str, function: object) -> str:
    assert inspect.isfunction(function)
    written = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(written, ast.FunctionDef) and written.returns is not None
    lines = [f"    def {name}({ast.unparse(written.args)}) -> {ast.unparse(written.returns)}:"]
    doc = inspect.getdoc(function)
    if doc:
        first, *more = doc.split("\n")
        lines += [f'        """{first}', *(f"        {line}".rstrip() for line in more)]
        lines[-1] += '\n        """' if more else '"""'
    if name == "status":
        lines.append("        return DeviceStatus(DeviceState.NO_DEVICE)")
    elif name not in _QUIET:
        lines.append("        raise self._unwritten()")
    elif not doc:
        lines.append("        return")
    return "\n".join([*lines, ""])
