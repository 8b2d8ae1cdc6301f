"""A short start changes nothing but the time: kept code makes the same classes, and is not trusted when damaged."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import quick_start
from kiosk.quick_start import KeptCode

SOURCE = """
@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Person:
    name: str
    age: int = 80
"""


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield
    vars(dataclasses).pop("exec", None)
    gc.enable()


def _person(code: KeptCode) -> Any:
    vars(dataclasses)["exec"] = code.run
    names: dict[str, Any] = {"dataclasses": dataclasses, "__name__": __name__}
    exec(SOURCE, names)
    return names["Person"]


def test_a_class_of_kept_code_behaves_as_one_that_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = KeptCode(tmp_path / "kept")
    _person(first)
    first.keep()
    second = KeptCode(tmp_path / "kept")
    monkeypatch.setattr(quick_start, "compile", lambda *_: pytest.fail("compiled again"), raising=False)
    person = _person(second)
    assert repr(person("陈阿土")).endswith("Person(name='陈阿土', age=80)")
    assert person("a", 1) == person("a", 1) < person("b", 0)
    assert hash(person("a")) == hash(person("a", 80))
    with pytest.raises(dataclasses.FrozenInstanceError):
        person("a").age = 3


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"\0" * len(data), lambda data: b""])
def test_what_is_damaged_is_compiled_and_kept_again(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "kept"
    first = KeptCode(path)
    _person(first)
    first.keep()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    second = KeptCode(path)
    assert _person(second)("a").age == 80
    second.keep()
    assert path.read_bytes() == whole


def test_where_nothing_can_be_kept_classes_are_made_all_the_same(tmp_path: Path) -> None:
    code = KeptCode(tmp_path / "nowhere" / "kept")
    assert _person(code)("a").age == 80
    code.keep()


def test_the_end_leaves_dataclasses_and_garbage_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(gc, "freeze", lambda: None)  # the other tests' garbage stays garbage
    monkeypatch.delenv("DISPLAY", raising=False)
    quick_start.begin()
    assert not gc.isenabled()
    quick_start.end()
    assert gc.isenabled()
    assert "exec" not in vars(dataclasses)
    quick_start.end()
