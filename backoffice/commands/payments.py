"""The `payments` commands, and the options that name the payment side."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.gateways.payments import PaymentGateway
    from backoffice.office import Office

Open = Callable[[argparse.Namespace], "Office"]
DataOptions = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """Where the payment side is, and the key that is shared with it."""

    url: str
    key: bytes

    def __repr__(self) -> str:
        return f"Side({self.url})"

    def gateway(self, office: Office) -> PaymentGateway:
        from backoffice.gateways.payments import HttpPayments

        return HttpPayments(self.url, self.key, office.clock, office.digest)


def add_side(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--payments",
        required=required,
        metavar="URL",
        help="base address of the payment side; without: nothing is paid",
    )
    parser.add_argument(
        "--payments-key-file",
        type=Path,
        required=required,
        metavar="FILE",
        help="the shared key, 64 hexadecimal digits",
    )


def side_of(options: argparse.Namespace) -> Side | None:
    """:raises ValueError: an address without its key, or no key."""
    if options.payments is None:
        return None
    if options.payments_key_file is None:
        raise ValueError("--payments needs --payments-key-file: every message is signed")
    key = bytes.fromhex(options.payments_key_file.read_text(encoding="ascii").strip())
    if len(key) != 32:
        raise ValueError(f"{options.payments_key_file}: the key must be 32 bytes, 64 hexadecimal digits")
    return Side(options.payments, key)


def add_commands(parser: argparse.ArgumentParser, data: DataOptions, open_office: Open) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    day = commands.add_parser(
        "reconcile",
        help="match a day with the payment side's statement; settles what is open and lists what differs; "
        "ends with 1 while something differs or is unclear",
    )
    day.add_argument("--day", type=date.fromisoformat, required=True, metavar="DATE")
    add_side(day, required=True)
    data(day)
    day.set_defaults(run=lambda options: _reconcile(options, open_office))


def _reconcile(options: argparse.Namespace, open_office: Open) -> int:
    from backoffice.payments.reconciling import reconcile

    side = side_of(options)
    assert side is not None
    office = open_office(options)
    try:
        report = reconcile(office, side.gateway(office), options.day)
    finally:
        office.close()
    sys.stdout.write(json.dumps(report.to_json(), indent=1) + "\n")
    return 0 if report.statement and not report.unclear and not report.differences else 1
