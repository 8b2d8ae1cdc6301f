"""The `backoffice` command."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from backoffice.catalogue.place import CatalogueError
from backoffice.commands import audit, backup, catalogue, responsibility
from backoffice.commands import casework as casework
from backoffice.commands import district as district
from backoffice.commands import identity as staff
from backoffice.commands import payments as payments
from backoffice.commands import visits as visits
from backoffice.commands.opening import existing, made
from backoffice.paths import OfficeFilesMissing, catalogue_dir, schema_dir
from backoffice.ready import port_number
from backoffice.simulators import commands as simulate
from backoffice.store.digest import Profile, ProfileUnavailable
from backoffice.store.failures import DatabaseBusy, DatabaseUnusable, VaultError

if TYPE_CHECKING:
    from backoffice.clock import Clock
    from backoffice.office import Office

# Each command imports what it needs when it runs: the look-up simulator starts without the web framework.


_TOLD = (
    CatalogueError,
    DatabaseBusy,
    DatabaseUnusable,
    VaultError,
    ProfileUnavailable,
    OfficeFilesMissing,
    OSError,
    ValueError,
)
"""Answered with a sentence; everything else is a fault of the program and shows where."""


def main(arguments: Sequence[str] | None = None) -> int:
    # What lies in this process' memory is never written into a core file.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except _TOLD as problem:
        print(f"backoffice: {problem}", file=sys.stderr)
        return 1


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for: every other command starts without."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('tshu-pinn')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backoffice", description="The reference back office")
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="what is installed")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("serve", help="serve the API on 127.0.0.1")
    _data(run)
    run.add_argument("--port", type=port_number, default=8350, help="0 = a free one, told on the first line")
    run.add_argument(
        "--lookups",
        default=os.environ.get("BACKOFFICE_LOOKUPS") or None,
        metavar="URL",
        help="base address of the shared-data look-ups, also in $BACKOFFICE_LOOKUPS; without: no register is asked, "
        "and what needs one goes to a human",
    )
    payments.add_side(run, required=False)
    clock = run.add_mutually_exclusive_group()
    clock.add_argument("--clock-offset-s", type=float, default=0.0, metavar="N", help="move the server's clock")
    clock.add_argument("--now", type=datetime.fromisoformat, metavar="ISO", help="the server's clock starts there")
    run.set_defaults(run=_serve)

    lookups = commands.add_parser("lookups", help="run the look-up simulator (fictitious residents)")
    lookups.add_argument("--residents", type=Path, required=True, metavar="FILE")
    lookups.add_argument("--port", type=port_number, default=0)
    lookups.set_defaults(run=_lookups)
    simulate.add_commands(commands.add_parser("simulate", help="a made-up population and its registers"))

    _device_commands(commands.add_parser("device", help="terminals"))
    staff.add_commands(commands.add_parser("staff", help="accounts of those who work here"), _data)
    staff.add_tidy_command(commands.add_parser("tidy", help="remove what is kept for repeats only, when old"), _data)
    cases = commands.add_parser("cases", help="list the cases, without personal data")
    _data(cases)
    cases.add_argument("--json", action="store_true")
    cases.add_argument("--audit", action="store_true", help="with --json: also what the audit chains hold of them")
    cases.set_defaults(run=_cases)
    audit.add_command(commands.add_parser("audit", help="verify the audit chains"), _data, existing)
    openapi = commands.add_parser("openapi", help="write the OpenAPI document")
    openapi.add_argument("--out", type=Path, default=None, metavar="FILE")
    openapi.set_defaults(run=_openapi)
    keys = commands.add_parser("keys", help="write the text keys that the server may send")
    keys.add_argument("--out", type=Path, default=None, metavar="FILE")
    keys.set_defaults(run=_keys)
    divisions = commands.add_parser("divisions", help="provinces to villages by date, and the sites in them")
    district.add_division_commands(divisions, _data, existing)
    answering = commands.add_parser("responsibility", help="who answers for an item, by date")
    responsibility.add_commands(answering, _data, existing)
    district.add_demo(commands.add_parser("demo", help="load what is made up"), _data, made)
    district.add_stats(commands.add_parser("stats", help="the district's figures with their queries"), _data, existing)
    payments.add_commands(commands.add_parser("payments", help="reconciliation"), _data, existing)
    backup.add_commands(
        commands.add_parser(
            "backup",
            help="write an encrypted archive: files, key and, of SQLite, the rows; PostgreSQL's rows need pg_dump",
        ),
        commands.add_parser("restore", help="make a data folder from such an archive"),
        _data,
        existing,
    )
    _unsent_command(commands.add_parser("unsent", help="open what a terminal could not send"))
    visits.add_commands(commands.add_parser("visits", help="appointments and ratings"), _data, existing)
    casework.add_calendar(commands.add_parser("calendar", help="workdays and holidays"), _data, existing)
    casework.add_ledger(commands.add_parser("ledger", help="what was refused"), _data, existing)
    _catalogue_commands(commands.add_parser("catalogue", help="the published catalogue"))
    return parser


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("BACKOFFICE_DATA", "backoffice-data")),
        metavar="DIR",
        help="the data folder, also in $BACKOFFICE_DATA; without: ./backoffice-data",
    )
    parser.add_argument(
        "--db",
        default=os.environ.get("BACKOFFICE_DB") or None,
        metavar="URL",
        help="the database: sqlite:////folder/file or postgresql+psycopg://user@host/database, also in $BACKOFFICE_DB; "
        "without: SQLite in the data folder",
    )
    parser.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.SM3, help="digest profile")
    parser.add_argument(
        "--catalogue", type=Path, default=None, metavar="DIR", help="release 1 and the district's tables"
    )


def _device_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="register a terminal; a known one gets a new key")
    add.add_argument("device")
    add.add_argument("--key-file", type=Path, required=True, metavar="FILE", help="32 bytes in hexadecimal")
    add.add_argument("--site-no", default=None, metavar="NNN", help="site part of its case numbers; without: any")
    add.add_argument("--site", metavar="CODE", help="where it stands, 12 digits; without: the first site that it names")
    _data(add)
    add.set_defaults(run=_device_add)
    staff.add_code_command(commands, _data)


def _unsent_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="from `kiosk outbox export`")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="readable by its owner only")
    _data(parser)
    parser.set_defaults(run=_unsent)


def _unsent(options: argparse.Namespace) -> int:
    from backoffice.intake.unsent import write_opened

    office = existing(options)
    try:
        document = write_opened(office, options.file, options.out)
    finally:
        office.close()
    print(f"{len(document['items'])} items of terminal {document['device']}: {options.out}")
    return 0


def _catalogue_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    export = commands.add_parser("export", help="write the newest release as a folder")
    export.add_argument("folder", type=Path)
    _data(export)
    export.set_defaults(run=_catalogue_export)
    catalogue.add_commands(commands, _data, existing)


def _lookups(options: argparse.Namespace) -> int:
    from backoffice.simulators.lookups import serve_lookups

    return serve_lookups(options.residents, options.port)


def _serve(options: argparse.Namespace) -> int:
    from backoffice.clock import SystemClock, clock_from
    from backoffice.serving import serve

    clock: Clock = clock_from(options.now) if options.now else SystemClock(options.clock_offset_s)
    where = (options.data, options.port, options.lookups, clock, options.profile, options.catalogue, options.db)
    return serve(*where, payments.side_of(options))


def _device_add(options: argparse.Namespace) -> int:
    from backoffice.identity.devices import add_device
    from backoffice.identity.standing_place import place_device

    key = bytes.fromhex(options.key_file.read_text(encoding="ascii").strip())
    office = made(options)
    try:
        add_device(office, options.device, key, options.site_no)
        if options.site is not None:
            place_device(office, options.device, options.site)
    finally:
        office.close()
    print(f"{options.device} registered")
    return 0


def _cases(options: argparse.Namespace) -> int:
    from backoffice.upkeep.reports import audit_told, list_cases

    office = existing(options)
    try:
        cases = list_cases(office)
        told = {"cases": cases, "audit": audit_told(office)} if options.audit else cases
    finally:
        office.close()
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    for case in cases:
        print(case["case_no"], case["item_id"], case["state"], case["outcome"] or "-", case["created_at"])
    return 0


def openapi_text(office: Office) -> str:
    """The document as it is kept in `config/schema/openapi.json`."""
    from backoffice.api.app import create_app
    from backoffice.gateways.lookups import HttpLookups

    app = create_app(office, HttpLookups("http://127.0.0.1:9", office.clock))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def _openapi(options: argparse.Namespace) -> int:
    from tempfile import TemporaryDirectory

    from backoffice.clock import SystemClock
    from backoffice.office import open_office

    with TemporaryDirectory() as folder:
        office = open_office(Path(folder), SystemClock())
        try:
            text = openapi_text(office)
        finally:
            office.close()
    return _write(options.out or schema_dir() / "openapi.json", text)


def _keys(options: argparse.Namespace) -> int:
    from backoffice.catalogue.release import read_release
    from backoffice.queries.reason_keys import reason_keys, to_json

    text = to_json(reason_keys(read_release(catalogue_dir())))
    return _write(options.out or schema_dir() / "reason_keys.json", text)


def _catalogue_export(options: argparse.Namespace) -> int:
    from backoffice.catalogue.stored import newest
    from backoffice.catalogue.writing import write_release

    office = existing(options)
    try:
        with office.database.read() as connection:
            written = write_release(options.folder, newest(connection))
    finally:
        office.close()
    print(f"{len(written)} files written to {options.folder}")
    return 0


def _write(path: Path, text: str) -> int:
    path.write_text(text, encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
