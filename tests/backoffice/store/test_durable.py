"""One way to write a file: whole or not at all, whatever the disk takes, and its name is on the disk too."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.store.durable import make_folder, write_whole
from backoffice.store.sealed_files import read_sealed, write_sealed
from backoffice.store.vault import open_vault

ROOT = Path(__file__).resolve().parents[3]
MOST = 4096
_SHORT = f"""
import resource, sys
from pathlib import Path
from backoffice.store.durable import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, ({MOST}, {MOST}))
write_whole(Path(sys.argv[1]), b"n" * 6300, new=len(sys.argv) > 2)
"""


@pytest.mark.parametrize("new", [False, True])
def test_a_disk_that_takes_only_a_part_changes_nothing(new: bool, tmp_path: Path) -> None:
    """The kernel takes 4,096 of 6,300 bytes and refuses the rest."""
    file = tmp_path / "marks"
    if not new:
        file.write_bytes(b"old")
    command = [sys.executable, "-c", _SHORT, str(file), *(["new"] if new else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "File too large" in done.stderr
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == ([] if new else [("marks", b"old")])


def test_a_name_that_is_taken_keeps_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"the first")
    with pytest.raises(FileExistsError):
        write_whole(file, b"another", new=True)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("key", b"the first")]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_who_may_read_it_does_not_hang_on_the_caller(mode: int, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "file", b"x", mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed to fsync(2), by the name that it had."""
    seen: list[str] = []
    really = os.fsync

    def note(descriptor: int) -> None:
        seen.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        really(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return seen


def test_the_content_comes_to_the_disk_before_its_name_does(tmp_path: Path, synced: list[str]) -> None:
    write_whole(tmp_path / "file", b"x")
    content, folder = synced
    assert content.startswith(str(tmp_path / ".file.")) and folder == str(tmp_path)


def test_every_new_folder_is_a_name_on_the_disk(tmp_path: Path, synced: list[str]) -> None:
    make_folder(tmp_path / "files" / "ab" / "cd")
    assert synced == [str(tmp_path), str(tmp_path / "files"), str(tmp_path / "files" / "ab")]
    make_folder(tmp_path / "files" / "ab" / "cd")
    assert len(synced) == 3


def test_keys_and_sealed_files_are_written_so(tmp_path: Path, synced: list[str]) -> None:
    vault = open_vault(tmp_path / "key", create=True)
    assert synced[-1] == str(tmp_path) and stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    file = tmp_path / "files" / "ab" / "paper"
    write_sealed(vault, file, "place", [b"x" * 70_000, b"y"])
    assert b"".join(read_sealed(vault, file, "place")) == b"x" * 70_000 + b"y"
    assert {str(tmp_path), str(tmp_path / "files"), str(file.parent)} <= set(synced)


def test_nothing_in_the_office_writes_durably_in_a_way_of_its_own() -> None:
    """The ledger of the simulated payment side appends, which is another thing."""
    ways = re.compile(r"os\.(fsync|replace|rename)\(|os\.open\(.*O_CREAT")
    own = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "backoffice").rglob("*.py"))
        if ways.search(file.read_text("utf-8"))
    ]
    assert own == [
        "backoffice/simulators/payment_ledger.py",
        "backoffice/store/durable.py",
        "backoffice/store/sqlite.py",
    ]
