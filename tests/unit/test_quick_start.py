"""A short start changes nothing but the time, and leaves no trace in Python's own library."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Iterator

import pytest

from kiosk import quick_start


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # the other tests' garbage stays garbage
    monkeypatch.delenv("DISPLAY", raising=False)
    yield
    gc.enable()


def test_nobody_searches_for_garbage_until_the_first_picture() -> None:
    quick_start.begin()
    assert not gc.isenabled()
    quick_start.end()
    assert gc.isenabled()
    quick_start.end()
    assert gc.isenabled()


def test_python_itself_stays_as_it_is() -> None:
    modules, names = dict(sys.modules), dict(vars(dataclasses))
    quick_start.begin()
    during = dict(vars(dataclasses)), dict(sys.modules)
    quick_start.end()
    assert during[0] == names == dict(vars(dataclasses))
    assert {name for name, module in modules.items() if during[1].get(name) is not module} == set()
