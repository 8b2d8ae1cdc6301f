"""Accounts of staff: made, given roles, stopped and started again by an admin; each change is in the audit."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from backoffice.clock import iso
from backoffice.identity import credentials, journal
from backoffice.identity.sessions import end_sessions
from backoffice.identity.staff import Staff, StaffRole, conflict
from backoffice.office import Office
from backoffice.problem import Problem
from backoffice.store import tables_identity as tables

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}", re.ASCII)
ACTIVE, NEW, SUSPENDED = "active", "new", "suspended"
"""`new`: may only change the password that somebody else has seen."""
_STAFF = tables.staff.c


@dataclass(frozen=True, slots=True, repr=False)
class FirstLogin:
    """Shown once: whoever makes an account hands it over."""

    login: str
    password: str
    otpauth: str


def account_row(connection: Connection, login: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(tables.staff).where(_STAFF.login == login)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def add_account(
    office: Office,
    login: str,
    roles: Collection[str],
    town: str | None,
    department: str | None,
    by: str,
) -> FirstLogin:
    """:raises Problem: login_form, login_taken, role_unknown, role_conflict, town_unknown."""
    if not LOGIN.fullmatch(login):
        raise Problem("login_form")
    _check_roles(roles)
    check_town(office, town)
    password, secret, now = credentials.new_password(), credentials.new_totp_secret(), iso(office.clock.now())
    row: dict[str, Any] = {
        "login": login,
        "password_hash": credentials.hash_password(login, password),
        "created_at": now,
    }
    row |= {"totp_sealed": _seal(office, login, secret), "town": town, "department": department, "state": NEW}

    def work(connection: Connection) -> None:
        if account_row(connection, login) is not None:
            raise Problem("login_taken")
        connection.execute(insert(tables.staff).values(**row, totp_step=0, wrong=0, row_version=1))
        _give(office, connection, login, roles, by)
        journal.note(office, connection, town, "staff_added", by, login=login, roles=_listed(roles))

    office.database.transact(work)
    return FirstLogin(login, password, credentials.otpauth(login, secret))


def set_roles(office: Office, login: str, roles: Collection[str], version: int, by: Staff) -> int:
    """The new row version; open sessions end, so that nobody acts with a role that was taken.

    :raises Problem: not_found, version_stale, role_unknown, role_conflict, own_account.
    """
    _check_roles(roles)

    def work(connection: Connection) -> int:
        row = _changeable(connection, login, version, by)
        connection.execute(delete(tables.staff_role).where(tables.staff_role.c.login == login))
        _give(office, connection, login, roles, by.login)
        return _changed(office, connection, row, by, "staff_roles", {}, roles=_listed(roles))

    return office.database.transact(work)


def set_state(office: Office, login: str, suspended: bool, version: int, by: Staff) -> int:
    """:raises Problem: not_found, version_stale, own_account."""

    def work(connection: Connection) -> int:
        row = _changeable(connection, login, version, by)
        state = SUSPENDED if suspended else ACTIVE
        return _changed(office, connection, row, by, f"staff_{state}", {"state": state})

    return office.database.transact(work)


def renew_account(office: Office, login: str, version: int, by: Staff) -> FirstLogin:
    """A new password and a new code generator, for somebody who lost one of them. :raises Problem: as set_state."""
    password, secret = credentials.new_password(), credentials.new_totp_secret()
    values: dict[str, Any] = {"password_hash": credentials.hash_password(login, password), "state": NEW, "wrong": 0}
    values |= {"totp_sealed": _seal(office, login, secret), "totp_step": 0, "locked_until": None}

    def work(connection: Connection) -> int:
        return _changed(office, connection, _changeable(connection, login, version, by), by, "staff_renewed", values)

    office.database.transact(work)
    return FirstLogin(login, password, credentials.otpauth(login, secret))


def list_accounts(office: Office, by: Staff) -> list[dict[str, Any]]:
    """Those that this admin looks after; no secret in it."""
    query = select(tables.staff).order_by(_STAFF.login)
    if by.town is not None:
        query = query.where(_STAFF.town == by.town)
    with office.database.read() as connection:
        rows: Sequence[Row[Any]] = connection.execute(query).all()
        held: dict[str, list[str]] = {row.login: [] for row in rows}
        for given in connection.execute(select(tables.staff_role.c.login, tables.staff_role.c.role)):
            held.get(given.login, []).append(given.role)
    names = ("login", "town", "department", "state", "created_at", "row_version")
    return [{**{name: getattr(row, name) for name in names}, "roles": sorted(held[row.login])} for row in rows]


def open_totp(office: Office, row: Row[Any]) -> str:
    return office.vault.open(f"staff.totp:{row.login}", row.totp_sealed).decode()


def check_town(office: Office, town: str | None) -> None:
    """:raises Problem: town_unknown."""
    if town is not None and town not in office.tables.towns:
        raise Problem("town_unknown")


def _changeable(connection: Connection, login: str, version: int, by: Staff) -> Row[Any]:
    row = account_row(connection, login, lock=True)
    # An account of the whole district is nobody's of one town.
    if row is None or (by.town is not None and row.town != by.town):
        raise Problem("not_found")
    if login == by.login:
        raise Problem("own_account")
    if row.row_version != version:
        raise Problem("version_stale")
    return row


def _changed(
    office: Office, connection: Connection, row: Row[Any], by: Staff, event: str, values: dict[str, Any], **told: str
) -> int:
    version = int(row.row_version) + 1
    change = update(tables.staff).where(_STAFF.login == row.login).values(**values, row_version=version)
    connection.execute(change)
    end_sessions(office, connection, row.login, by=by.login)
    journal.note(office, connection, row.town, event, by.login, login=row.login, **told)
    return version


def _give(office: Office, connection: Connection, login: str, roles: Collection[str], by: str) -> None:
    now = iso(office.clock.now())
    for role in sorted(set(roles)):
        row = {"login": login, "role": role, "granted_by": by, "granted_at": now}
        connection.execute(insert(tables.staff_role).values(**row))


def _check_roles(roles: Collection[str]) -> None:
    try:
        held = [StaffRole(role) for role in roles]
    except ValueError as cause:
        raise Problem("role_unknown") from cause
    pair = conflict(held)
    if pair is not None:
        raise Problem("role_conflict", f"nobody holds {pair[0]} and {pair[1]}")


def _seal(office: Office, login: str, secret: str) -> bytes:
    return office.vault.seal(f"staff.totp:{login}", secret.encode())


def _listed(roles: Collection[str]) -> str:
    return ",".join(sorted(set(roles)))
