"""Finds the simulated devices: every module of this package that has a `TWIN`."""

from __future__ import annotations

import importlib
import pkgutil

import drivers.sim
from drivers.sim.core import Twin


class NoSuchTwin(Exception):
    """No simulated device has that name."""


def load(name: str) -> type[Twin]:
    """The twin of that name, importing no other. :raises NoSuchTwin:"""
    twin: type[Twin] | None = None
    if name in _modules():
        twin = getattr(importlib.import_module(f"drivers.sim.{name}"), "TWIN", None)
    if twin is None:
        raise NoSuchTwin(f"no simulated device is called {name!r}; known: {', '.join(sorted(twins()))}")
    return twin


def twins() -> dict[str, type[Twin]]:
    """Every simulated device: module name -> its class."""
    loaded = {name: importlib.import_module(f"drivers.sim.{name}") for name in _modules()}
    return {name: module.TWIN for name, module in loaded.items() if hasattr(module, "TWIN")}


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(drivers.sim.__path__) if not module.name.startswith("_")]
