"""The command `responsibility`: who answers for an item, and its transfer to another department by date."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from backoffice.commands.district import DataOptions, Open


def add_commands(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    give = commands.add_parser("transfer", help="hand items to another department from a day on, all or none")
    give.add_argument("items", nargs="*", metavar="NUMBER", help="of guides or items, e.g. XA096")
    give.add_argument("--list", type=Path, default=None, metavar="FILE", help="further numbers, one a line")
    give.add_argument("--from", dest="before", required=True, metavar="DEPARTMENT")
    give.add_argument("--to", dest="after", required=True, metavar="DEPARTMENT")
    give.add_argument("--on", type=date.fromisoformat, required=True, metavar="DATE", help="the first day")
    give.add_argument("--basis", required=True, metavar="TEXT", help="the document that says so")
    data(give)
    give.set_defaults(run=lambda options: _transfer(options, open_office))
    show = commands.add_parser("history", help="who answered for an item, and since when")
    show.add_argument("item", metavar="NUMBER")
    data(show)
    show.set_defaults(run=lambda options: _history(options, open_office))


def _transfer(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.handing_over import hand_over, read_numbers

    listed = read_numbers(options.list.read_text(encoding="utf-8-sig").splitlines()) if options.list else []
    office = open_office(options)
    try:
        numbers = [*options.items, *listed]
        count = hand_over(office, numbers, options.before, options.after, options.on, options.basis)
    except ValueError as cause:
        sys.stderr.write(f"backoffice: {cause}. Nothing was handed over; see `responsibility history NUMBER`.\n")
        return 1
    finally:
        office.close()
    sys.stdout.write(f"{count} items are with {options.after} from {options.on} on\n")
    return 0


def _history(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.district.handing_over import history

    office = open_office(options)
    try:
        terms = history(office, options.item)
    except ValueError as cause:
        sys.stderr.write(f"backoffice: {cause}\n")
        return 1
    finally:
        office.close()
    for term in terms:
        sys.stdout.write(f"{term.effective_from} to {term.effective_to or '...':10}  {term.department}  {term.basis}\n")
    return 0
