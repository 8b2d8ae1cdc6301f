"""The `visits` command: what is done about visits once a day."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office

Open = Callable[[argparse.Namespace], "Office"]
DataOptions = Callable[[argparse.ArgumentParser], None]


def add_commands(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    close = commands.add_parser(
        "close-day", help="note missed appointments up to a day that is over, and what nobody rated for a week"
    )
    close.add_argument("--day", type=date.fromisoformat, required=True, metavar="DATE")
    data(close)
    close.set_defaults(run=lambda options: _close(options, open_office))


def _close(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.visits.ratings import note_unanswered
    from backoffice.visits.tasks import note_missed

    office = open_office(options)
    try:
        if options.day >= office.clock.now().date():
            raise ValueError(f"{options.day} is not over yet")
        missed, silent = note_missed(office, options.day), note_unanswered(office)
    finally:
        office.close()
    sys.stdout.write(f"{missed} missed appointments, {silent} cases that nobody rated\n")
    return 0
