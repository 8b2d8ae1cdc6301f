"""A terminal that is registered once serves the runs that come after: whole, with its key, and only where wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.play import registered
from kiosk.play.run_folder import RunFolder, make_folder


@pytest.fixture
def run() -> Iterator[Callable[[str], RunFolder]]:
    made: list[RunFolder] = []

    def begin(key: str) -> RunFolder:
        folder = make_folder(None)
        folder.key_file.write_text(key, encoding="ascii")
        folder.key_file.chmod(0o600)
        (folder.office / "backoffice.db").write_text(f"knows {key}", encoding="ascii")
        made.append(folder)
        return folder

    yield begin
    for folder in made:
        folder.remove()


def test_without_a_named_folder_every_run_makes_its_own(
    run: Callable[[str], RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(registered.FOLDER_NAMED_BY, raising=False)
    registered.keep(run("one"))
    assert not registered.take(run("two"))


def test_what_the_first_run_made_is_what_the_others_begin_with(
    run: Callable[[str], RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(registered.FOLDER_NAMED_BY, str(tmp_path))
    first, at_the_same_time, later = run("one"), run("two"), run("three")
    assert not registered.take(first)
    registered.keep(first)
    registered.keep(at_the_same_time)
    assert registered.take(later)
    assert later.key_file.read_text("ascii") == "one"
    assert later.key_file.stat().st_mode & 0o777 == 0o600
    assert (later.office / "backoffice.db").read_text("ascii") == "knows one"
    assert [path.name for path in tmp_path.iterdir()] == ["registered"]


def test_a_folder_that_is_not_there_is_told(
    run: Callable[[str], RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(registered.FOLDER_NAMED_BY, str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        registered.keep(run("one"))
