"""The disk of the power-cut proofs: what a program does to its files is read whole, or the proof says so."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from disk_trace import Act, Did, NotUnderstood, acts, record
from torn_disk import cut_at

ROOT = Path(__file__).resolve().parents[2]
KEY, MARKS = b"k" * 1500, b"m" * 1500
_CHILD = f"""
import os, sys
from pathlib import Path
from backoffice.store.durable import write_whole
folder = Path(sys.argv[1])
write_whole(folder / "key", {KEY!r}, new=True)
os.write(1, b"key")
write_whole(folder / "marks", b"old")
write_whole(folder / "marks", {MARKS!r})
os.write(1, b"marks")
"""


def test_a_file_that_is_written_whole_outlives_a_power_cut_at_every_moment(tmp_path: Path) -> None:
    """A new name is made by link(2), an old one is taken over by rename(2)."""
    folder = tmp_path / "data"
    folder.mkdir()
    log = tmp_path / "strace.log"
    record([sys.executable, "-c", _CHILD, str(folder)], log, {**os.environ, "PYTHONPATH": str(ROOT)})
    history = acts(log, folder)
    assert {Did.LINK, Did.RENAME, Did.SYNC, Did.SYNC_FOLDER} <= {act.did for act in history}
    told: list[bytes] = []
    seen: set[bytes | None] = set()
    points = [point for point in range(1, len(history) + 1) for _ in range(6)]
    for _ in cut_at(history, points, random.Random(1), tmp_path / "cut", told.append):
        key, marks = (_content(tmp_path / "cut" / name) for name in ("key", "marks"))
        seen |= {key, marks}
        assert key in ((KEY,) if b"key" in told else (None, KEY))
        assert marks in ((MARKS,) if b"marks" in told else (None, b"old", MARKS))
    assert told == [b"key", b"marks"] and seen == {None, KEY, b"old", MARKS}


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


# ---- strace's lines when another thread's call is written in between ---------------------------------------------


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


FILE, ANOTHER = f"<{hexed('/d/a')}>", f"<{hexed('/d/b')}>"
OPENED = [
    f'7  openat(AT_FDCWD, "{hexed("/d/a")}", O_RDWR|O_CREAT, 0600) = 4{FILE}',
    f'8  openat(AT_FDCWD, "{hexed("/d/b")}", O_RDWR|O_CREAT, 0600) = 5{ANOTHER}',
]


def read(tmp_path: Path, lines: Sequence[str]) -> list[Act]:
    log = tmp_path / "log"
    log.write_text("".join(f"{line}\n" for line in [*OPENED, *lines]), encoding="ascii")
    return acts(log, Path("/d"))[len(OPENED) :]


def test_a_call_that_is_written_in_two_pieces_counts_where_it_ends(tmp_path: Path) -> None:
    done = read(tmp_path, [f"7  fsync(4{FILE} <unfinished ...>", "8  close(0) = 0", "7  <... fsync resumed>) = 0"])
    assert done == [Act(Did.SYNC, 1)]
    refused = [f"7  fsync(4{FILE} <unfinished ...>", "8  close(0) = 0", "7  <... fsync resumed>) = -1 EIO"]
    assert read(tmp_path, refused) == []


def test_a_number_that_is_given_to_another_file_while_it_is_closed_is_that_files(tmp_path: Path) -> None:
    lines = [
        f"7  close(4{FILE} <unfinished ...>",
        f'8  openat(AT_FDCWD, "{hexed("/d/c")}", O_RDWR|O_CREAT, 0600) = 4<{hexed("/d/c")}>',
        "7  <... close resumed>) = 0",
        f'8  write(4<{hexed("/d/c")}>, "{hexed("new")}", 3) = 3',
    ]
    assert read(tmp_path, lines)[-1] == Act(Did.WRITE, 3, data=b"new")


def test_two_acts_at_one_time_are_not_put_in_an_order(tmp_path: Path) -> None:
    lines = [
        f"7  fsync(4{FILE} <unfinished ...>",
        f'8  write(5{ANOTHER}, "{hexed("x")}", 1) = 1',
        "7  <... fsync resumed>) = 0",
    ]
    with pytest.raises(NotUnderstood, match="two acts at one time"):
        read(tmp_path, lines)


def test_a_link_across_the_edge_of_the_folder_is_not_understood(tmp_path: Path) -> None:
    assert read(tmp_path, [f'7  link("{hexed("/d/a")}", "{hexed("/d/c")}") = 0']) == [Act(Did.LINK, name="a", to="c")]
    with pytest.raises(NotUnderstood):
        read(tmp_path, [f'7  link("{hexed("/d/a")}", "{hexed("/elsewhere")}") = 0'])
