"""The whole office in one encrypted archive: a consistent copy of the rows, the files, and the key that opens both.

The archive: one line of JSON (format, salt, which database), LF, then a tar stream in sealed pieces. Their key comes
from a passphrase by scrypt, and each piece is bound to the first line, its number and whether it is the last.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from backoffice.office import DATABASE_FILE, KEY_FILE, LOCK_FILE, Office, check_key
from backoffice.store import address
from backoffice.store.database import Database
from backoffice.store.durable import make_folder, sync_folder, whole_file
from backoffice.store.failures import VaultError
from backoffice.store.sealed_files import Sealing, opened_pieces
from backoffice.store.sqlite import IN_USE
from backoffice.store.vault import Vault, open_vault

FORMAT = "tshu-pinn backup 1"
LEAST_CHARACTERS = 12
BACKUP_LOCK = "backup.lock"
_WORKING = ".backup-"
_COST, _BLOCK, _LANES = 2**17, 8, 1
"""Of scrypt: 128 MB and some tenths of a second for each passphrase that somebody tries."""
_KEY_BYTES = 32
_MOST_HEAD = 1000
_NO_CONTENT = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm", f"{DATABASE_FILE}-journal")
_LOCKS = (f"{DATABASE_FILE}{IN_USE}", LOCK_FILE, BACKUP_LOCK)


class BackupError(ValueError):
    """No archive was written or nothing was restored; the text says why and what to do."""


def back_up(office: Office, file: Path, passphrase: str) -> int:
    """Write the archive; it stands under its name only when all of it is on the disk. How many files are in it.

    Rows first, then files, the key last: files are only added, so all that the rows name are there. Of PostgreSQL
    the rows are not in it.

    :raises BackupError: the name is taken or within the data folder, the passphrase is short, another one is running.
    """
    _check_new(file)
    if file.resolve().is_relative_to(office.data.resolve()):
        raise BackupError(f"{file} is within the data folder, which it is to outlive. Name a file elsewhere")
    if len(passphrase) < LEAST_CHARACTERS:
        raise BackupError(f"The passphrase has fewer than {LEAST_CHARACTERS} characters. Nothing was written")
    kind = office.database.url.get_backend_name()
    head = json.dumps({"format": FORMAT, "salt": secrets.token_hex(16), "database": kind}).encode()
    with _working(office.data) as folder, whole_file(file, new=True) as stream:
        stream.write(head + b"\n")
        sealing = Sealing(_vault(head, passphrase), stream, _place(head))
        with tarfile.open(fileobj=sealing, mode="w|") as archive:  # type: ignore[call-overload]  # it needs write alone
            count = _add_all(archive, office, folder if kind == address.SQLITE else None)
        sealing.finish()
    return count


def restore(file: Path, data: Path, passphrase: str) -> str:
    """Make a data folder from an archive; it stands under its name only when it is whole. Which database it was.

    :raises BackupError: the folder exists, this is no archive, damaged, or sealed with another passphrase.
    """
    if os.path.lexists(data):
        raise BackupError(f"{data} exists, and a restore never writes over an office. Name a folder that is not there")
    make_folder(data.absolute().parent)
    fresh = data.absolute().with_name(f".{data.name}.restoring-{secrets.token_hex(4)}")
    try:
        with file.open("rb") as stream:
            head, kind = _head_of(stream, file)
            pieces = opened_pieces(_vault(head, passphrase), stream, _place(head))
            _extract(_Opened(pieces), fresh)
        _check(fresh, kind)
        if os.path.lexists(data):
            raise BackupError(f"{data} was made meanwhile. Nothing was restored; name a folder that is not there")
        fresh.rename(data)
        sync_folder(data.absolute().parent)
    except (VaultError, tarfile.TarError, sqlite3.DatabaseError) as cause:
        raise BackupError(
            f"{file} does not open: the passphrase is another one, or the archive is damaged or cut off ({cause}). "
            "Nothing was restored, and the archive is as it was. Try the passphrase again, or an earlier archive"
        ) from cause
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return kind


def _add_all(archive: tarfile.TarFile, office: Office, folder: Path | None) -> int:
    count = 0
    if folder is not None:
        copy = folder / DATABASE_FILE
        with closing(sqlite3.connect(str(office.database.url.database), isolation_level=None)) as database:
            database.execute("VACUUM INTO ?", (str(copy),))
        _add(archive, copy, DATABASE_FILE)
        count += 1
    for path in _contents(office.data):
        count += _add(archive, path, path.relative_to(office.data).as_posix())
    return count + _add(archive, office.data / KEY_FILE, KEY_FILE)


def _contents(data: Path) -> Iterator[Path]:
    """All that the folder holds, but the rows, what is locked, what is half written, and the key."""
    for where, names, found in os.walk(data):
        folder = Path(where)
        names[:] = sorted(name for name in names if not name.startswith("."))
        top = (*_NO_CONTENT, *_LOCKS, KEY_FILE) if folder == data else ()
        yield from (folder / name for name in sorted(found) if name not in top and not name.startswith("."))


def _add(archive: tarfile.TarFile, path: Path, name: str) -> int:
    try:
        with path.open("rb") as stream:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(stream.fileno()).st_size, 0o600
            archive.addfile(entry, stream)
    except FileNotFoundError:
        if name == KEY_FILE:
            raise
        return 0  # Nobody named it any more, and the server has taken it away meanwhile.
    return 1


def _extract(opened: _Opened, fresh: Path) -> None:
    make_folder(fresh)
    with tarfile.open(fileobj=opened, mode="r|") as archive:  # type: ignore[call-overload]  # it needs read alone
        for entry in archive:
            parts = PurePosixPath(entry.name).parts
            content = archive.extractfile(entry)
            if content is None or not parts or ".." in parts or entry.name.startswith("/"):
                raise BackupError(
                    f"The archive holds {entry.name!r}, which no back office writes. Nothing was restored"
                )
            path = fresh.joinpath(*parts)
            make_folder(path.parent)
            with whole_file(path, new=True) as stream:
                shutil.copyfileobj(content, stream)
    while opened.read(1 << 16):
        pass  # What follows the tar's end must be sealed as well, up to the last piece.


def _check(fresh: Path, kind: str) -> None:
    """The rows are whole and the key is theirs."""
    vault = open_vault(fresh / KEY_FILE, create=False)
    if kind != address.SQLITE:
        return
    with closing(sqlite3.connect(fresh / DATABASE_FILE)) as database:
        told = database.execute("PRAGMA integrity_check").fetchone()[0]
    if told != "ok":
        raise sqlite3.DatabaseError(told)
    opened = Database(f"sqlite:///{fresh / DATABASE_FILE}")
    try:
        with opened.read() as connection:
            check_key(connection, vault)
    finally:
        opened.close()


def _head_of(stream: BinaryIO, file: Path) -> tuple[bytes, str]:
    line = stream.readline(_MOST_HEAD)
    try:
        told = json.loads(line)
        bytes.fromhex(told["salt"])
        if told["format"] != FORMAT or not line.endswith(b"\n"):
            raise ValueError(told["format"])
        return line[:-1], str(told["database"])
    except (ValueError, KeyError, TypeError) as cause:
        raise BackupError(f"{file} is no archive of `backoffice backup`. Nothing was restored") from cause


def _vault(head: bytes, passphrase: str) -> Vault:
    salt = bytes.fromhex(json.loads(head)["salt"])
    kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES)
    return Vault(kdf.derive(passphrase.encode()), b"")


def _place(head: bytes) -> str:
    return f"backup:{hashlib.sha256(head).hexdigest()}"


def _check_new(file: Path) -> None:
    if os.path.lexists(file):
        raise BackupError(f"{file} exists, and an archive is never written over. Name a new file; nothing was written")


@contextmanager
def _working(data: Path) -> Iterator[Path]:
    """A folder for the copy of the rows; one that a backup left behind when it was killed goes away."""
    with (data / BACKUP_LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            raise BackupError(
                "Another backup of this office is running. Wait for its end; nothing was written"
            ) from cause
        for left in data.glob(f"{_WORKING}*"):
            shutil.rmtree(left)
        with TemporaryDirectory(prefix=_WORKING, dir=data) as folder:
            yield Path(folder)


class _Opened:
    """The pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def read(self, size: int) -> bytes:
        parts, missing = [], size
        while missing:
            if not self._held:
                self._held = next(self._pieces, b"")
                if not self._held:
                    break
            parts.append(self._held[:missing])
            self._held = self._held[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)
