"""The commands of the district: `divisions`, `demo` and `stats`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
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
    from backoffice.geography.stored import import_geography

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
    from backoffice.geography.stored import read_stored_divisions

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


def add_demo(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--district", action="store_true", help="guides, lists and a year of cases, all made up")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same district")
    parser.add_argument(
        "--scale", type=_scale, default=Decimal("0.1"), metavar="S", help="share of the year's 548,200 cases"
    )
    data(parser)
    parser.set_defaults(run=lambda options: _demo(options, open_office))


def add_stats(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--on", type=date.fromisoformat, default=None, metavar="DATE", help="without: today, or a demo's last day"
    )
    data(parser)
    parser.set_defaults(run=lambda options: _stats(options, open_office))


def _scale(text: str) -> Decimal:
    try:
        scale = Decimal(text)
    except ArithmeticError as cause:
        raise argparse.ArgumentTypeError(f"{text}: a number above 0 and at most 1") from cause
    if not (scale.is_finite() and 0 < scale <= 1):
        raise argparse.ArgumentTypeError(f"{text}: above 0 and at most 1")
    return scale


def _demo(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.demo import load_district

    begun = time.monotonic()
    office = open_office(options)

    def tell(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - begun:6.1f} s  {text}\n")

    try:
        loaded = load_district(office, options.seed, options.scale, tell)
    finally:
        office.close()
    sys.stdout.write(
        f"Made-up district: {loaded.guides} guides, {loaded.cases} cases from {loaded.first_day} to "
        f"{loaded.last_day}, in {time.monotonic() - begun:.0f} s. Its figures: backoffice stats\n"
    )
    return 0


def _stats(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.statistics import statistics

    office = open_office(options)
    try:
        found = statistics(office, options.on).to_json()
    finally:
        office.close()
    if options.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        return 0
    sys.stdout.write(f"On {found['on']}; {found['set']}\n")
    for figure in found["figures"]:
        of = f"{figure['numerator']}/{figure['denominator']}" if figure["denominator"] is not None else ""
        sys.stdout.write(f"{figure['name']:30} {figure['rounded']:>9}  {of}\n")
    for absent in found["absent"]:
        sys.stdout.write(f"{absent['name']:30} {'absent':>9}  {absent['reason']}\n")
    return 0
