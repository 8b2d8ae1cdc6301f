"""Kivy's clock without what it imports and nobody here uses: a second kind of event loop, a search for the C library.

Together a twentieth of a start. The clock keeps a name in the place of asyncio; nothing here runs asynchronously.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType


def import_clock() -> None:
    """After the settings, which the clock reads; does nothing where it, or asyncio, is there already."""
    if "kivy.clock" in sys.modules or "asyncio" in sys.modules:
        return
    with _no_asyncio(), _no_search():
        importlib.import_module("kivy.clock")


@contextlib.contextmanager
def _no_asyncio() -> Iterator[None]:
    empty = ModuleType("asyncio")
    vars(empty)["wait_for"] = None
    sys.modules["asyncio"] = empty
    try:
        yield
    finally:
        del sys.modules["asyncio"]


@contextlib.contextmanager
def _no_search() -> Iterator[None]:
    """The process itself has the C library: to find its file Python would start a program."""
    search = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = search
