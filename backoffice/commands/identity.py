"""`backoffice staff …`: the first account, before anybody can make one over the API."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from backoffice.commands.opening import existing, made
from backoffice.identity.staff import StaffRole


def add_commands(parser: argparse.ArgumentParser, data: Callable[[argparse.ArgumentParser], None]) -> None:
    """:param data: adds the options that name data folder and database."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="make an account; prints its first password once")
    add.add_argument("login")
    add.add_argument("--role", action="append", required=True, choices=[role.value for role in StaffRole])
    add.add_argument("--town", metavar="CODE", help="nine digits; without: the whole district")
    add.add_argument("--department", metavar="NAME")
    data(add)
    add.set_defaults(run=_add)


def add_tidy_command(parser: argparse.ArgumentParser, data: Callable[[argparse.ArgumentParser], None]) -> None:
    """`backoffice tidy`: for a nightly timer of the system."""
    data(parser)
    parser.set_defaults(run=_tidy)


def _tidy(options: argparse.Namespace) -> int:
    from backoffice.identity.tidy import tidy

    office = existing(options)
    try:
        sys.stdout.write(f"{tidy(office)}\n")
    finally:
        office.close()
    return 0


def add_code_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], data: Callable[[argparse.ArgumentParser], None]
) -> None:
    """`device code`: before there is an operator with an account."""
    code = commands.add_parser("code", help="make an enrolment code; `kiosk enrol CODE` uses it up")
    code.add_argument("device")
    code.add_argument("--site", required=True, metavar="CODE", help="twelve digits of the village")
    code.add_argument("--site-no", required=True, metavar="NNN", help="site part of its case numbers")
    data(code)
    code.set_defaults(run=_code)


def _code(options: argparse.Namespace) -> int:
    from backoffice.identity.devices import check_device
    from backoffice.identity.enrolment import Post, make_code
    from backoffice.problems.problem import Problem

    check_device(options.device, None, options.site_no)
    office = made(options)
    try:
        code, expires_at = make_code(office, Post(options.device, options.site, options.site_no), "command line")
    except Problem as problem:
        sys.stderr.write(f"backoffice: {problem.title}: {problem.detail}\n")
        return 1
    finally:
        office.close()
    sys.stdout.write(f"{code[:5]}-{code[5:]}\ngood once, until {expires_at}\n")
    return 0


def _add(options: argparse.Namespace) -> int:
    from backoffice.identity.accounts import add_account
    from backoffice.problems.problem import Problem

    office = made(options)
    try:
        first = add_account(office, options.login, options.role, options.town, options.department, "command line")
    except Problem as problem:
        sys.stderr.write(f"backoffice: {problem.title}: {problem.detail}\n")
        return 1
    finally:
        office.close()
    sys.stdout.write(f"login     {first.login}\npassword  {first.password}\nuntil     {first.good_until}\n")
    sys.stdout.write("Shown once. Its person's first login replaces it and shows the code generator.\n")
    return 0
