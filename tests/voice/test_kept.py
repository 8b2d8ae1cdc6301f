"""What is kept of the texts is used while its sources are as they were, and never instead of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from voices import languages
from voices.kept import kept
from voices.prompts import load_words
from voices.texts import Texts, read_folder


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the checkout is touched: compiled files lie in a folder of the test."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "one.toml"
    path.write_text("1", encoding="utf-8")
    return path


@pytest.fixture
def read(source: Path) -> Callable[[], str]:
    return lambda: str(kept("one", [source], lambda: source.read_text(encoding="utf-8")))


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "compiled").rglob("one-*"))


def test_a_changed_source_is_read_again_and_one_file_stays(source: Path, read: Callable[[], str]) -> None:
    before = source.stat().st_mtime_ns
    assert read() == "1"
    source.write_text("2", encoding="utf-8")
    os.utime(source, ns=(before, before))
    assert read() == "1", "nothing tells it from the old one: it is not read again"
    os.utime(source, ns=(before, before + 1))
    assert read() == "2"
    assert len(_files(source.parent)) == 1


def test_a_damaged_file_is_made_again(source: Path, read: Callable[[], str]) -> None:
    read()
    (path,) = _files(source.parent)
    path.write_bytes(path.read_bytes()[:-1])
    assert read() == "1"
    assert path.read_bytes() == b'"1"'


def test_what_is_refused_is_not_kept(source: Path) -> None:
    def refuse() -> None:
        raise ValueError("malformed")

    with pytest.raises(ValueError, match="malformed"):
        kept("one", [source], refuse)
    assert _files(source.parent) == []


def test_where_nothing_can_be_kept_the_sources_are_read(source: Path, read: Callable[[], str]) -> None:
    (source.parent / "compiled").write_text("no folder", encoding="utf-8")
    assert read() == "1"
    source.write_text("22", encoding="utf-8")
    assert read() == "22"


def test_every_text_is_as_its_file_has_it() -> None:
    words = load_words()
    other: Texts | None = None
    for lang in languages.codes():
        _, texts = read_folder(languages.of(lang), other)
        other = other or texts
        assert words.keys(lang) == texts.keys()
        assert all(words.prompt(lang, key).source == text.source for key, text in texts.items())
        unread = [key for key, text in texts.items() if (words.prompt(lang, key).say is None) != (text.say is None)]
        assert not unread
