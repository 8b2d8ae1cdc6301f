"""The rule language without the command line that comes with it.

Its package imports its own command line with every use: two terminal toolkits, more than a quarter of what a command of
this program spends until it does anything.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

_NAME = "cel.cli"


@contextlib.contextmanager
def without_command_line() -> Iterator[None]:
    """For the first import of the package; where its command line is there already, it stays."""
    if _NAME in sys.modules:
        yield
        return
    sys.modules[_NAME] = ModuleType(_NAME)
    try:
        yield
    finally:
        del sys.modules[_NAME]
