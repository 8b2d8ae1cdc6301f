"""The commands of the district: `divisions`, `demo` and `stats`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office

Open = Callable[[argparse.Namespace], "Office"]
DataOptions = Callable[[argparse.ArgumentParser], None]


def add_division_commands(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    take = commands.add_parser("import", help="put a folder's tables of divisions and sites in the place of these")
    take.add_argument("folder", type=Path)
    data(take)
    take.set_defaults(run=lambda options: _import(options, open_office))
    show = commands.add_parser("show", help="what a code of any time is on a day")
    show.add_argument("code", help="6, 9 or 12 digits")
    show.add_argument("--on", type=date.fromisoformat, default=None, metavar="DATE", help="without: today")
    data(show)
    show.set_defaults(run=lambda options: _show(options, open_office))


def _import(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.geography import import_geography

    office = open_office(options)
    try:
        counted = import_geography(office.database, options.folder)
    finally:
        office.close()
    sys.stdout.write(
        f"{counted.divisions} divisions, {counted.changes} changes, {counted.aliases} aliases, "
        f"{counted.sites} sites imported; a running server must be started again\n"
    )
    return 0


def _show(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.geography import read_stored_divisions

    office = open_office(options)
    try:
        day = options.on or office.clock.now().date()
        with office.database.read() as connection:
            divisions = read_stored_divisions(connection)
    finally:
        office.close()
    found = divisions.resolve(options.code, day)
    sys.stdout.write(f"{options.code} on {day}: {found.answer}\n")
    for code in found.codes:
        sys.stdout.write("  " + " < ".join(f"{row.code} {row.name}" for row in divisions.path(code, day)) + "\n")
    return 0 if found.codes else 1
