"""`backoffice backup` and `backoffice restore`: what the operator gives, and what stands where afterwards."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office

_ROWS_ELSEWHERE = (
    "The rows of this office are in PostgreSQL and are not in this archive, which holds the files and the key alone. "
    "Back the rows up with pg_dump, before this command each time: files are only added, so all that those rows name "
    "are here then.\n"
)
_ROWS_TO_COME = (
    "This archive holds no rows: they were in PostgreSQL. Bring them back with pg_restore from the pg_dump that was "
    "made before it, and give its address with --db.\n"
)


def add_commands(
    backup: argparse.ArgumentParser,
    restore: argparse.ArgumentParser,
    data: Callable[[argparse.ArgumentParser], None],
    opened: Callable[[argparse.Namespace], Office],
) -> None:
    """:param data: adds the options that name data folder and database. :param opened: opens what they name."""
    backup.add_argument("file", type=Path, help="the archive; it must not exist yet")
    _passphrase_option(backup)
    data(backup)
    backup.set_defaults(run=lambda options: _backup(options, opened))
    restore.add_argument("file", type=Path, help="from `backoffice backup`")
    restore.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder to make")
    _passphrase_option(restore)
    restore.set_defaults(run=_restore)


def _passphrase_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="its first line is the passphrase, and only its owner may read it; without: asked for",
    )


def _backup(options: argparse.Namespace, opened: Callable[[argparse.Namespace], Office]) -> int:
    from backoffice.store.address import SQLITE
    from backoffice.upkeep.backup import back_up

    office = opened(options)
    try:
        count = back_up(office, options.file, _passphrase(options.passphrase_file, twice=True))
        in_archive = office.database.url.get_backend_name() == SQLITE
    finally:
        office.close()
    sys.stdout.write(f"{count} files in {options.file}. Without its passphrase nobody opens it, nor do you.\n")
    if not in_archive:
        sys.stdout.write(_ROWS_ELSEWHERE)
    return 0


def _restore(options: argparse.Namespace) -> int:
    from backoffice.store.address import SQLITE
    from backoffice.upkeep.backup import restore

    kind = restore(options.file, options.data, _passphrase(options.passphrase_file, twice=False))
    sys.stdout.write(f"restored into {options.data}; `backoffice audit --data {options.data}` verifies its chains\n")
    if kind != SQLITE:
        sys.stdout.write(_ROWS_TO_COME)
    return 0


def _passphrase(file: Path | None, *, twice: bool) -> str:
    """:raises ValueError: others can read the file, or what was typed twice differs."""
    if file is not None:
        if file.is_file() and file.stat().st_mode & 0o077:
            raise ValueError(f"{file} can be read by others; it must be 600. Nothing was done")
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("The same again: ") != typed:
        raise ValueError("the two passphrases differ. Nothing was written; begin again")
    return typed
