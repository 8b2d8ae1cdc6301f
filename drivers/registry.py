"""Finds the driver of a device: `drivers/<class>/<model>.py`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from drivers.api import Device, DeviceFactory
from drivers.codec import scanner_wire
from drivers.codec.wire import Describer, describe_unknown

FOLDER_OF_CLASS: Mapping[str, str] = {
    "id_card": "id_card",
    "chip_card": "chip_card",
    "receipt_printer": "receipt_printer",
    "document_printer": "document_printer",
    "code_scanner": "code_scanner",
    "headphone": "auxiliaries",
    "lights": "auxiliaries",
    "cabinet": "auxiliaries",
    "ups": "auxiliaries",
    "keypad": "keypad",
    "document_scanner": "document_scanner",
    "id_face": "id_face",
    "portrait": "portrait",
}
"""Tables of devices.toml -> folder under drivers/. Where classes share a folder each module says its `DEVICE_CLASS`."""


_DESCRIBER_OF_CLASS: Mapping[str, Describer] = {"code_scanner": scanner_wire.describe}
"""For classes whose models all talk alike; a model's own `DESCRIBE` comes before it."""


class UnknownModel(ValueError):
    """devices.toml names a class or model that is not installed; the text lists what is."""


def models(device_class: str) -> tuple[str, ...]:
    """The installed models of a class, sorted. :raises UnknownModel: for an unknown class."""
    return tuple(name for name in _modules(device_class) if _factory(device_class, name) is not None)


def _modules(device_class: str) -> tuple[str, ...]:
    """Names in the class's folder, sorted; none is imported: a model may need a library that no other does.

    :raises UnknownModel: for an unknown class.
    """
    if device_class not in FOLDER_OF_CLASS:
        raise UnknownModel(f"no device class {device_class!r}; known: {', '.join(sorted(FOLDER_OF_CLASS))}")
    package = importlib.import_module(f"drivers.{FOLDER_OF_CLASS[device_class]}")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))


def create(device_class: str, model: str, settings: Mapping[str, object]) -> Device:
    """Make the driver; it opens nothing yet.

    :param settings: the device's table of devices.toml (`model` may stay in it).
    :raises UnknownModel: for an unknown class or model.
    :raises ValueError: when the driver cannot use the settings; the text names the key.
    """
    return _known(device_class, model)(settings)


def describer(device_class: str, model: str) -> Describer:
    """How this model's traffic is told; lengths only when the driver has no `DESCRIBE`. :raises UnknownModel:"""
    _known(device_class, model)
    module = importlib.import_module(f"drivers.{FOLDER_OF_CLASS[device_class]}.{model}")
    found: Describer = getattr(module, "DESCRIBE", _DESCRIBER_OF_CLASS.get(device_class, describe_unknown))
    return found


def _known(device_class: str, model: str) -> DeviceFactory:
    """:raises UnknownModel: for an unknown class or model."""
    factory = _factory(device_class, model) if model in _modules(device_class) else None
    if factory is None:
        raise UnknownModel(f"no {device_class} model {model!r}; known: {', '.join(models(device_class))}")
    return factory


def _factory(device_class: str, model: str) -> DeviceFactory | None:
    module = importlib.import_module(f"drivers.{FOLDER_OF_CLASS[device_class]}.{model}")
    if getattr(module, "DEVICE_CLASS", device_class) != device_class:
        return None
    factory: DeviceFactory | None = getattr(module, "DRIVER", None)
    return factory
