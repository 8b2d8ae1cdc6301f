"""Kivy's data without the rules of widgets that nobody uses; and nobody does use them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from kiosk.ui.toolkit import data as toolkit_data

UI = Path(toolkit_data.__file__).parents[1]


def test_everything_but_the_rules_is_the_installed_thing(tmp_path: Path) -> None:
    folder = toolkit_data.lean_folder(tmp_path)
    installed = toolkit_data._installed()
    assert folder is not None and installed is not None
    assert {path.name for path in folder.iterdir()} == {path.name for path in installed.iterdir()}
    assert (folder / "glsl" / "default.fs").read_bytes() == (installed / "glsl" / "default.fs").read_bytes()
    assert "<" not in (folder / "style.kv").read_text(encoding="utf-8")


def test_it_is_made_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    folder = toolkit_data.lean_folder(tmp_path)
    assert folder is not None
    before = folder.stat().st_ino
    assert toolkit_data.lean_folder(tmp_path) == folder and folder.stat().st_ino == before
    (folder / "glsl").unlink()
    assert toolkit_data.lean_folder(tmp_path) == folder and (folder / "glsl" / "default.fs").is_file()
    assert list(tmp_path.iterdir()) == [folder]


def test_where_it_cannot_be_made_the_installed_one_is_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert toolkit_data.lean_folder(tmp_path / "file") is None


def test_every_file_of_the_window_is_looked_at() -> None:
    assert UI.name == "ui" and (UI / "widgets" / "button.py").is_file()


@pytest.mark.parametrize("path", sorted(UI.rglob("*.py")), ids=lambda path: path.stem)
def test_no_widget_is_used_whose_rules_are_left_out(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kivy.uix"):
            assert node.module == "kivy.uix.widget", (path, node.module)
