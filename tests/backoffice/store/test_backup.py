"""An office goes into an archive and comes back whole; what is cut off, changed or half written restores nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.__main__ import main
from backoffice.files import by_content
from backoffice.office import DATABASE_FILE, KEY_FILE, open_existing, open_office
from backoffice.store.tables import tables
from backoffice.upkeep import backup
from drivers.sim.lifetime import ends_with_us

PASSPHRASE = "seven words that nobody else has"
CONTENT = b"a paper that somebody brought" * 9_000
"""More than one sealed piece."""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_COST", 2**10)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture
def digest(data: Path, clock: Any) -> str:
    """Of a file that the office holds."""
    office = open_office(data, clock)
    made = office.digest.hex(CONTENT)
    by_content.keep(office, made, "application/pdf", len(CONTENT), by_content.cut(CONTENT))
    office.close()
    return made


def test_an_office_comes_back_with_rows_files_and_key_while_it_is_served(
    data: Path, digest: str, clock: Any, secret: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive, back = tmp_path / "office.backup", tmp_path / "back"
    with_passphrase = ["--passphrase-file", str(secret)]
    served = open_office(data, clock)
    try:
        assert main(["backup", str(archive), "--data", str(data), *with_passphrase]) == 0
    finally:
        served.close()
    whole = archive.read_bytes()
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not any(secret in whole for secret in (b"SQLite format", (data / KEY_FILE).read_bytes(), b"nobody else"))
    assert not list(data.glob(".backup-*")) and not list(tmp_path.glob(".office*"))
    shutil.move(data, tmp_path / "lost")
    assert main(["restore", str(archive), "--data", str(back), *with_passphrase]) == 0
    assert {one.stat().st_mode & 0o077 for one in back.rglob("*")} == {0}
    office = open_existing(back, clock)
    try:
        assert by_content.read(office, digest) == CONTENT
        with office.database.read() as connection:
            row = connection.execute(select(tables.device).where(tables.device.c.device == "K1")).one()
        assert office.vault.open("device.key:K1", row.key_sealed) == bytes(range(32))
    finally:
        office.close()
    assert main(["audit", "--data", str(back)]) == 0
    capsys.readouterr()
    for command in (["backup", str(archive), "--data", str(back)], ["restore", str(archive), "--data", str(back)]):
        assert main([*command, *with_passphrase]) == 1
        assert "exists, and" in capsys.readouterr().err
    assert archive.read_bytes() == whole


def test_an_archive_that_is_not_whole_restores_nothing(
    subtests: Any, data: Path, digest: str, clock: Any, tmp_path: Path
) -> None:
    archive, back = tmp_path / "office.backup", tmp_path / "back"
    office = open_existing(data, clock)
    backup.back_up(office, archive, PASSPHRASE)
    office.close()
    whole = archive.read_bytes()
    middle = len(whole) // 2
    head, _, body = whole.partition(b"\n")
    cases = {
        "another passphrase": whole,
        "cut off": whole[:middle],
        "without its last piece": whole[:-20],
        "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "longer": whole + b"\0\0\0\5extra",
        "another head": head.replace(b"sqlite", b"postgresql") + b"\n" + body,
        "no archive": b"{}\n" + body,
        "empty": b"",
    }
    for name, content in cases.items():
        with subtests.test(name):
            archive.write_bytes(content)
            with pytest.raises(backup.BackupError, match="Nothing was restored"):
                backup.restore(archive, back, PASSPHRASE + ("x" if name == "another passphrase" else ""))
            assert not back.exists() and not list(tmp_path.glob(".back*"))


def test_what_is_asked_wrongly_is_refused(data: Path, clock: Any, tmp_path: Path, secret: Path) -> None:
    office = open_existing(data, clock)
    try:
        with pytest.raises(backup.BackupError, match="within the data folder"):
            backup.back_up(office, data / "office.backup", PASSPHRASE)
        with pytest.raises(backup.BackupError, match="fewer than"):
            backup.back_up(office, tmp_path / "office.backup", "short")
        with backup._working(data), pytest.raises(backup.BackupError, match="Another backup"):
            backup.back_up(office, tmp_path / "office.backup", PASSPHRASE)
    finally:
        office.close()
    secret.chmod(0o644)
    wanted = ["backup", str(tmp_path / "office.backup"), "--data", str(data), "--passphrase-file", str(secret)]
    assert main(wanted) == 1
    assert not (tmp_path / "office.backup").exists()


_STOPS_IN_THE_MIDDLE = """
import os, sys
from backoffice.upkeep import backup
from backoffice.__main__ import main

def stand(archive, path, name, add=backup._add):
    if name == backup.KEY_FILE:
        print("middle", flush=True)
        sys.stdin.read()
    return add(archive, path, name)

backup._COST = 2**10
backup._add = stand
main(sys.argv[1:])
"""


def test_one_that_is_killed_in_the_middle_leaves_no_archive_and_the_next_one_cleans_up(
    data: Path, digest: str, clock: Any, secret: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "office.backup"
    wanted = ["backup", str(archive), "--data", str(data), "--passphrase-file", str(secret)]
    program = [sys.executable, "-c", _STOPS_IN_THE_MIDDLE, *wanted]
    with subprocess.Popen(ends_with_us(program), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stdout.readline() == "middle\n"
        assert list(data.glob(".backup-*")), "the copy of the rows is there"
        os.kill(running.pid, signal.SIGKILL)
    assert not archive.exists()
    assert main(wanted) == 0
    assert archive.exists() and not list(data.glob(".backup-*"))
    assert backup.restore(archive, tmp_path / "back", PASSPHRASE) == "sqlite"


def test_of_postgresql_the_files_and_the_key_are_kept_and_the_operator_is_told_of_the_rows(
    data: Path,
    cluster: Any,
    place_of: Callable[..., Any],
    clock: Any,
    secret: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = place_of(data, cluster.url(cluster.clone()))
    office = open_office(place.data, clock, db=place.db)
    digest = office.digest.hex(CONTENT)
    by_content.keep(office, digest, "application/pdf", len(CONTENT), by_content.cut(CONTENT))
    office.close()
    archive, back = tmp_path / "office.backup", tmp_path / "back"
    assert main(["backup", str(archive), *place.arguments, "--passphrase-file", str(secret)]) == 0
    assert "pg_dump" in capsys.readouterr().out
    assert main(["restore", str(archive), "--data", str(back), "--passphrase-file", str(secret)]) == 0
    assert "pg_restore" in capsys.readouterr().out
    assert not (back / DATABASE_FILE).exists()
    office = open_existing(back, clock, db=place.db)
    assert by_content.read(office, digest) == CONTENT
    office.close()


def test_the_copy_of_the_rows_is_of_one_moment(data: Path, digest: str, clock: Any, tmp_path: Path) -> None:
    """A transaction that is open while the copy is made is not in it."""
    office = open_existing(data, clock)
    try:
        with office.database.write() as connection:
            connection.execute(tables.device.update().values(site_no="999"))
            backup.back_up(office, tmp_path / "office.backup", PASSPHRASE)
    finally:
        office.close()
    backup.restore(tmp_path / "office.backup", tmp_path / "back", PASSPHRASE)
    database = sqlite3.connect(tmp_path / "back" / DATABASE_FILE)
    assert ("999",) not in database.execute("SELECT site_no FROM device").fetchall()
    database.close()
