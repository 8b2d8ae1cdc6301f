"""Kivy without what it imports and this kiosk hardly ever calls: readers of archives, another kind of event loop,
programs that look for libraries. Together a tenth of a start.

While Kivy is imported such a module is an empty one that fetches the real one when something of it is asked for; after
that, whoever imports it gets the real one. Nothing here runs asynchronously.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

_INPUT = tuple(
    f"kivy.input.providers.{name}"
    for name in ("tuio", "probesysfs", "mtdev", "hidinput", "linuxwacom", "leapfinger", "androidjoystick")
)
"""Ways in that are switched off: all but the mouse, which is what touches come as."""
_SPARED = (
    *("asyncio", "ctypes.util", "filetype", "getopt", "shutil", "subprocess", "sysconfig", "tempfile", "zipfile"),
    *_INPUT,
)


def _none(*_: object) -> None:
    """No task is under way; a picture file is of the kind that its name says; and the process itself has the C library,
    for whose file Python would start a program.
    """


_TAKEN: dict[str, dict[str, Any]] = {
    # The clock keeps a name in the place of asyncio; the log asks for the task.
    "asyncio": {"wait_for": None, "current_task": _none},
    "ctypes.util": {"find_library": _none},
    # Of arguments, which it is told to leave alone.
    "getopt": {"GetoptError": Exception},
    "filetype": {"guess_extension": _none},
    "subprocess": {"PIPE": -1},
}
"""What Kivy takes out of them while it is imported, and does not call afterwards."""
_CALLED = {"getopt": ("getopt",), "subprocess": ("Popen",)}
"""The same of what it calls: the real one is fetched then."""


class Later(ModuleType):
    """The module of this name, when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self), name)


def _real(later: ModuleType) -> ModuleType:
    name = later.__name__
    if sys.modules.get(name) is later:
        del sys.modules[name]
    return importlib.import_module(name)


def _fetched(later: ModuleType, name: str) -> Callable[..., Any]:
    def called(*values: Any, **named: Any) -> Any:
        return getattr(_real(later), name)(*values, **named)

    return called


@contextlib.contextmanager
def spared() -> Iterator[None]:
    """For the time in which Kivy is imported; what is there already is left as it is."""
    put: dict[str, ModuleType] = {}
    for name in _SPARED:
        if name not in sys.modules:
            put[name] = sys.modules[name] = _later(name)
    try:
        yield
    finally:
        for name, later in put.items():
            if sys.modules.get(name) is later:
                del sys.modules[name]


def _later(name: str) -> ModuleType:
    later = Later(name)
    vars(later).update(_TAKEN.get(name, {}))
    vars(later).update({called: _fetched(later, called) for called in _CALLED.get(name, ())})
    return later
