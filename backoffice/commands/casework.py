"""The `calendar` and `ledger` commands: workdays come in, the ledger of refusals goes out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.office import Office

Open = Callable[[argparse.Namespace], "Office"]
AddData = Callable[[argparse.ArgumentParser], None]


def add_calendar(parser: argparse.ArgumentParser, data: AddData, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    load = commands.add_parser("import", help="put whole years of workdays in force and count every limit again")
    load.add_argument("file", type=Path, help="columns date (YYYY-MM-DD) and kind (holiday or workday)")
    load.add_argument("--source", required=True, metavar="TEXT", help="the notice that says so")
    data(load)
    load.set_defaults(run=lambda options: _import(options, open_office))


def add_ledger(parser: argparse.ArgumentParser, data: AddData, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    refusals = commands.add_parser("refusals", help="every refusal proposed, and what the second review made of it")
    refusals.add_argument("--json", action="store_true")
    data(refusals)
    refusals.set_defaults(run=lambda options: _refusals(options, open_office))


def _import(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.casework.calendar import import_days, read_days
    from backoffice.commitments.days import recount
    from backoffice.upkeep.due_timers import recompute

    days = read_days(options.file)
    office = open_office(options)
    try:
        number = import_days(office, days, options.source)
        moved, checks = recompute(office), recount(office)
    finally:
        office.close()
    years = ", ".join(str(year) for year in sorted({day.year for day in days}))
    told = f"the deadlines of {moved} cases and the checks of {checks} commitments moved"
    sys.stdout.write(f"import {number}: {len(days)} days of {years}; {told}\n")
    return 0


def _refusals(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.casework.refusals import whole_ledger

    office = open_office(options)
    try:
        rows = list(whole_ledger(office))
    finally:
        office.close()
    if options.json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return 0
    for row in rows:
        verdict = row["verdict"] or "waits for its second review"
        sys.stdout.write(f"{row['proposed_at']} {row['case_no']} {row['item_id']} {row['reason_code']} {verdict}\n")
    return 0
