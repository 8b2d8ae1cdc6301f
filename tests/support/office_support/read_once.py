"""What each test would read again though it cannot have changed: types of routes, and releases of equal content.

Only the reading is shared. Applications, offices and databases are each test's own.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import fastapi.dependencies.utils
import fastapi.routing
import fastapi.utils
import pytest

import backoffice.catalogue.in_force


class Remembered:
    """What was read stays known; it is used only while it is installed, so that other folders' tests see nothing."""

    def __init__(self) -> None:
        self._fields = _fields(fastapi.utils.create_model_field)
        self._parameters = _parameters(fastapi.routing.get_dependant)
        self._releases = _releases(backoffice.catalogue.in_force.release_of)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for module in (fastapi.utils, fastapi.routing, fastapi.dependencies.utils):
            patch.setattr(module, "create_model_field", self._fields)
        patch.setattr(fastapi.routing, "get_dependant", self._parameters)
        patch.setattr(backoffice.catalogue.in_force, "release_of", self._releases)


def _fields(original: Any) -> Any:
    known: dict[str, Any] = {}

    def once(*given: Any, **named: Any) -> Any:
        which = repr((given, sorted(named.items())))
        if which not in known:
            known[which] = original(*given, **named)
        return known[which]

    return once


def _parameters(original: Any) -> Any:
    """The routes of two applications are closures of the same code: only what they close over is another."""
    known: dict[Any, Any] = {}

    def once(*, path: str, call: Any, **named: Any) -> Any:
        code = getattr(call, "__code__", None)
        if code is None or hasattr(call, "__wrapped__") or call.__defaults__ not in (None, (None,)):
            return original(path=path, call=call, **named)
        which = (path, code, repr(sorted(named.items())))
        if which not in known:
            known[which] = original(path=path, call=call, **named)
        made = replace(known[which], call=call)
        made.dependencies = list(made.dependencies)
        return made

    return once


def _releases(original: Any) -> Any:
    known: dict[bytes, Any] = {}

    def once(raw: Any) -> Any:
        content = pickle.dumps(raw)
        if content not in known:
            known[content] = original(raw)
        return known[content]

    return once
