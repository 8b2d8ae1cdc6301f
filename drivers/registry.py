"""Finds the driver of a device: `drivers/<class>/<model>.py`, or a module that a maker's own package brings.

Such a package has an entry point of the group `tshupinn.drivers` (packaging.python.org, "Entry points"): its name is
`<class>.<model>`, its value the module. The module says in `DRIVER_API` for which version of `drivers.api` it was
written, and has `DRIVER` and, if it likes, `DESCRIBE`, as the modules here have.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

from drivers.api import API_VERSION, Device, DeviceFactory
from drivers.codec.scanner import wire
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


_DESCRIBER_OF_CLASS: Mapping[str, Describer] = {"code_scanner": wire.describe}
"""For classes whose models all talk alike; a model's own `DESCRIBE` comes before it."""

GROUP = "tshupinn.drivers"
"""The entry points by which another package brings models."""


class UnknownModel(ValueError):
    """devices.toml names a class or model that is not installed, or one that cannot be used here; the text says why."""


def models(device_class: str) -> tuple[str, ...]:
    """The installed models of a class, sorted. :raises UnknownModel: for an unknown class."""
    own = {name for name in _modules(device_class) if _factory(_own(device_class, name), device_class) is not None}
    return tuple(sorted(own | _foreign(device_class).keys()))


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
    module = _module(device_class, model)
    found: Describer = getattr(module, "DESCRIBE", _DESCRIBER_OF_CLASS.get(device_class, describe_unknown))
    return found


def _known(device_class: str, model: str) -> DeviceFactory:
    """:raises UnknownModel: for an unknown class or model."""
    module = _module(device_class, model)
    factory = _factory(module, device_class)
    if factory is None and module.__name__.startswith("drivers."):
        raise _unknown(device_class, model)
    if factory is None:
        raise UnknownModel(f"{device_class} model {model!r}: {module.__name__} has no DRIVER of this class")
    return factory


def _module(device_class: str, model: str) -> ModuleType:
    """A model of this package first: another one cannot take its name. :raises UnknownModel:"""
    if model in _modules(device_class):
        return _own(device_class, model)
    reference = _foreign(device_class).get(model)
    if reference is None:
        raise _unknown(device_class, model)
    try:
        module = importlib.import_module(reference)
    except Exception as error:  # whatever a maker's module raises is told as its fault, and is no fault of the kiosk
        told = f"{type(error).__name__}: {error}"
        raise UnknownModel(f"{device_class} model {model!r}: its package cannot be loaded: {told}") from error
    if (written_for := getattr(module, "DRIVER_API", None)) != API_VERSION:
        raise UnknownModel(
            f"{device_class} model {model!r} was written for driver API {written_for}, and this terminal has "
            f"{API_VERSION}: install the maker's package for that version"
        )
    return module


def _own(device_class: str, model: str) -> ModuleType:
    return importlib.import_module(f"drivers.{FOLDER_OF_CLASS[device_class]}.{model}")


def _foreign(device_class: str) -> dict[str, str]:
    """Model -> module of what other packages bring; none is imported, and a start without them does not look."""
    from importlib.metadata import entry_points

    names = ((entry.name.partition("."), entry.module) for entry in entry_points(group=GROUP))
    return {model: module for (named, _, model), module in names if named == device_class and model}


def _unknown(device_class: str, model: str) -> UnknownModel:
    return UnknownModel(f"no {device_class} model {model!r}; known: {', '.join(models(device_class))}")


def _factory(module: ModuleType, device_class: str) -> DeviceFactory | None:
    if getattr(module, "DEVICE_CLASS", device_class) != device_class:
        return None
    factory: DeviceFactory | None = getattr(module, "DRIVER", None)
    return factory
