"""`backoffice staff …`: the first account, before anybody can make one over the API."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from backoffice.identity.staff import StaffRole


def add_commands(parser: argparse.ArgumentParser, data: Callable[[argparse.ArgumentParser], None]) -> None:
    """:param data: adds the options that name data folder and database."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="make an account; prints its first password and code generator once")
    add.add_argument("login")
    add.add_argument("--role", action="append", required=True, choices=[role.value for role in StaffRole])
    add.add_argument("--town", metavar="CODE", help="nine digits; without: the whole district")
    add.add_argument("--department", metavar="NAME")
    data(add)
    add.set_defaults(run=_add)


def _add(options: argparse.Namespace) -> int:
    from backoffice.clock import SystemClock
    from backoffice.identity.accounts import add_account
    from backoffice.office import open_office
    from backoffice.problem import Problem

    office = open_office(options.data, SystemClock(), options.profile, options.catalogue, options.db)
    try:
        first = add_account(office, options.login, options.role, options.town, options.department, "command line")
    except Problem as problem:
        sys.stderr.write(f"backoffice: {problem.title}: {problem.detail}\n")
        return 1
    finally:
        office.close()
    sys.stdout.write(f"login     {first.login}\npassword  {first.password}\ncodes     {first.otpauth}\n")
    sys.stdout.write("Shown once. The password must be changed at the first login.\n")
    return 0
