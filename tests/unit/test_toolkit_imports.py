"""What the toolkit imports and hardly calls is there all the same for whoever calls it."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

from kiosk.ui.toolkit.imports import spared


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("zipfile", "getopt", "subprocess", "asyncio", "kivy.input.providers.tuio"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_spared_module_is_not_loaded_and_is_the_real_one_afterwards(absent: None) -> None:
    with spared():
        assert isinstance(importlib.import_module("zipfile"), types.ModuleType)
        assert "__file__" not in vars(sys.modules["zipfile"])
    assert "zipfile" not in sys.modules
    assert importlib.import_module("zipfile").__file__


def test_whoever_asks_something_of_it_gets_the_real_thing(absent: None) -> None:
    with spared():
        later = importlib.import_module("zipfile")
        kind = later.ZipFile
    assert kind is importlib.import_module("zipfile").ZipFile


def test_what_was_taken_out_of_it_works_when_it_is_called(absent: None) -> None:
    with spared():
        getopt = importlib.import_module("getopt").getopt
        run = importlib.import_module("subprocess").Popen
    assert getopt(["-a", "b"], "a") == ([("-a", "")], ["b"])
    with run([sys.executable, "-c", ""]) as process:
        assert process.wait() == 0


def test_the_log_works_meanwhile(absent: None, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    with spared():
        logging.getLogger("kivy").warning("said")
        assert "__file__" not in vars(sys.modules["asyncio"])
    assert caplog.messages == ["said"]


def test_what_is_there_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = types.ModuleType("zipfile")
    monkeypatch.setitem(sys.modules, "zipfile", mine)
    with spared():
        assert sys.modules["zipfile"] is mine
    assert sys.modules["zipfile"] is mine
