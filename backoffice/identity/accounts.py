"""Accounts of staff: made, given roles, stopped and started again by an admin; each change is in the audit.

An admin reaches no further through an account than with the own one, and never knows the secret of its codes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from backoffice.clock import iso
from backoffice.identity import credentials, journal
from backoffice.identity.sessions import end_sessions
from backoffice.identity.staff import Staff, StaffRole, conflict
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity as tables

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}", re.ASCII)
ACTIVE, NEW, SUSPENDED = "active", "new", "suspended"
"""`new`: its person has not been here yet, and nobody can log in; only that person's first login ends it."""
FIRST_LOGIN_WITHIN = timedelta(days=3)
"""A first password lies on a paper for that long at most; then the admin makes another one."""

RESUMED, STOPPED = False, True
NEXT: dict[tuple[str, bool, bool], str] = {
    (NEW, STOPPED, False): SUSPENDED,
    (ACTIVE, STOPPED, True): SUSPENDED,
    (SUSPENDED, RESUMED, False): NEW,
    (SUSPENDED, RESUMED, True): ACTIVE,
}
"""What an admin's word makes of a state; the last of the key: whether the person has logged in for the first time."""
_STAFF = tables.staff.c
_HELD = select(tables.staff_role.c.role).where(tables.staff_role.c.login == bindparam("of_login"))


@dataclass(frozen=True, slots=True, repr=False)
class FirstLogin:
    """Shown once: whoever makes an account hands it over. Good for one first login, which replaces it."""

    login: str
    password: str
    good_until: str


def account_row(connection: Connection, login: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(tables.staff).where(_STAFF.login == login)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def add_account(
    office: Office,
    login: str,
    roles: Collection[str],
    town: str | None,
    department: str | None,
    by: Staff | str,
) -> FirstLogin:
    """:param by: who makes it; a name for the command line, which whoever holds the server may use.
    :raises Problem: forbidden, login_form, login_taken, role_unknown, role_conflict, town_unknown.
    """
    if isinstance(by, Staff):
        _check_reach(by, town, roles)
    if not LOGIN.fullmatch(login):
        raise Problem("login_form")
    _check_roles(roles)
    check_town(office, town)
    maker = by.login if isinstance(by, Staff) else by
    password, values = _first(office, login)
    row = {"login": login, "created_at": iso(office.clock.now()), "town": town, "department": department, **values}

    def work(connection: Connection) -> None:
        if account_row(connection, login) is not None:
            raise Problem("login_taken")
        connection.execute(insert(tables.staff).values(**row, row_version=1))
        _give(office, connection, login, roles, maker)
        journal.note(office, connection, town, "staff_added", maker, login=login, roles=_listed(roles))

    office.database.transact(work)
    return FirstLogin(login, password, values["first_until"])


def set_roles(office: Office, login: str, roles: Collection[str], version: int, by: Staff) -> int:
    """The new row version; open sessions end, so that nobody acts with a role that was taken.

    :raises Problem: not_found, forbidden, version_stale, role_unknown, role_conflict, own_account.
    """
    _check_roles(roles)

    def work(connection: Connection) -> int:
        row = _changeable(connection, login, version, by)
        by.need_reach(row.town, roles)
        connection.execute(delete(tables.staff_role).where(tables.staff_role.c.login == login))
        _give(office, connection, login, roles, by.login)
        return _changed(office, connection, row, by, "staff_roles", {}, roles=_listed(roles))

    return office.database.transact(work)


def set_state(office: Office, login: str, suspended: bool, version: int, by: Staff) -> int:
    """:raises Problem: not_found, forbidden, version_stale, own_account, account_state."""

    def work(connection: Connection) -> int:
        row = _changeable(connection, login, version, by)
        state = NEXT.get((row.state, suspended, row.activated_at is not None))
        if state is None:
            raise Problem("account_state")
        return _changed(office, connection, row, by, f"staff_{state}", {"state": state})

    return office.database.transact(work)


def renew_account(office: Office, login: str, version: int, by: Staff) -> FirstLogin:
    """Another first login, for somebody who lost password or code generator.

    A stopped account stays stopped. :raises Problem: not_found, forbidden, version_stale, own_account.
    """
    password, values = _first(office, login)

    def work(connection: Connection) -> int:
        row = _changeable(connection, login, version, by)
        state = SUSPENDED if row.state == SUSPENDED else NEW
        return _changed(office, connection, row, by, "staff_renewed", {**values, "state": state})

    office.database.transact(work)
    return FirstLogin(login, password, values["first_until"])


def list_accounts(office: Office, by: Staff, after: str, limit: int) -> list[dict[str, Any]]:
    """Those that this admin looks after, by login, from the one that follows `after`; no secret in it."""
    query = select(tables.staff).where(_STAFF.login > after).order_by(_STAFF.login).limit(limit)
    if by.town is not None:
        query = query.where(_STAFF.town == by.town)
    with office.database.read() as connection:
        rows: Sequence[Row[Any]] = connection.execute(query).all()
        held: dict[str, list[str]] = {row.login: [] for row in rows}
        role = tables.staff_role.c
        for given in connection.execute(select(role.login, role.role).where(role.login.in_(held))):
            held[given.login].append(given.role)
    names = ("login", "town", "department", "state", "created_at", "row_version")
    return [{**{name: getattr(row, name) for name in names}, "roles": sorted(held[row.login])} for row in rows]


def first_values(office: Office, login: str, password_hash: str, secret: str) -> dict[str, Any]:
    """What the first login writes: from now on the account is its person's."""
    values = {"password_hash": password_hash, "totp_sealed": _seal(office, login, secret), "state": ACTIVE}
    cleared = {"totp_step": 0, "wrong": 0, "locked_until": None, "first_until": None}
    return {**values, **cleared, "activated_at": iso(office.clock.now())}


def open_totp(office: Office, row: Row[Any]) -> str:
    return office.vault.open(f"staff.totp:{row.login}", row.totp_sealed).decode()


def check_town(office: Office, town: str | None) -> None:
    """:raises Problem: town_unknown."""
    if town is not None and town not in office.tables.towns:
        raise Problem("town_unknown")


def _changeable(connection: Connection, login: str, version: int, by: Staff) -> Row[Any]:
    row = account_row(connection, login, lock=True)
    if row is None:
        raise Problem("not_found")
    by.need_reach(row.town, connection.execute(_HELD, {"of_login": login}).scalars())
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


def _first(office: Office, login: str) -> tuple[str, dict[str, Any]]:
    """A first password, and the row of an account that waits for its first login."""
    password, until = credentials.new_password(login), iso(office.clock.now() + FIRST_LOGIN_WITHIN)
    # The secret of the codes is replaced at the first login: this one is known to nobody.
    hashed = credentials.hash_password(login, password)
    values: dict[str, Any] = {"password_hash": hashed, "first_until": until, "activated_at": None}
    values |= {"totp_sealed": _seal(office, login, credentials.new_totp_secret()), "totp_step": 0, "state": NEW}
    return password, {**values, "wrong": 0, "locked_until": None}


def _check_reach(by: Staff, town: str | None, roles: Collection[str]) -> None:
    """:raises Problem: forbidden."""
    by.need_scope(town)
    by.need_reach(town, roles)


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
