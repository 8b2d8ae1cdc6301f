"""Sessions of staff: an opaque token that only its holder knows, twelve hours at most, half an hour unused."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.clock import iso
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import identity as tables

LIFE = timedelta(hours=12)
IDLE = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)
"""Use is written down at most this often; the idle time is counted from what is written, never longer than told."""

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SESSION = tables.staff_session.c


def open_session(office: Office, connection: Connection, login: str) -> tuple[str, str]:
    """Session id, and the token: it is nowhere else."""
    token, session_id, now = secrets.token_urlsafe(32), str(uuid.uuid4()), iso(office.clock.now())
    row = {"session_id": session_id, "login": login, "token_hash": _hash(office, token)}
    connection.execute(insert(tables.staff_session).values(**row, started_at=now, used_at=now))
    return session_id, token


def staff_of(office: Office, token: str) -> Staff:
    """Whose token this is; its use is noted. :raises Problem: no_session, also for one that has ended."""
    if not TOKEN.fullmatch(token):
        raise Problem("no_session")
    query = (
        select(tables.staff_session, tables.staff.c.town, tables.staff.c.department, tables.staff.c.state)
        .join(tables.staff, tables.staff.c.login == _SESSION.login)
        .where(_SESSION.token_hash == _hash(office, token))
    )
    with office.database.read() as connection:
        row = connection.execute(query).one_or_none()
        if row is None or row.state != "active" or not is_open(row, office.clock.now()):
            raise Problem("no_session")
        held = select(tables.staff_role.c.role).where(tables.staff_role.c.login == row.login)
        staff = Staff(
            row.login, frozenset(connection.execute(held).scalars()), row.town, row.department, row.session_id
        )
    _note_use(office, row)
    return staff


def is_open(row: Row[Any], now: datetime) -> bool:
    started, used = datetime.fromisoformat(row.started_at), datetime.fromisoformat(row.used_at)
    return row.ended_at is None and now - started < LIFE and now - used < IDLE


def _note_use(office: Office, row: Row[Any]) -> None:
    now = office.clock.now()
    if now - datetime.fromisoformat(row.used_at) < NOTED_EVERY:
        return
    where = (_SESSION.session_id == row.session_id) & _SESSION.ended_at.is_(None)
    change = update(tables.staff_session).where(where).values(used_at=iso(now))
    office.database.transact(lambda connection: connection.execute(change))


def open_sessions(office: Office, login: str) -> Sequence[Row[Any]]:
    query = select(tables.staff_session).where(_SESSION.login == login).order_by(_SESSION.started_at)
    with office.database.read() as connection:
        rows = connection.execute(query).all()
    return [row for row in rows if is_open(row, office.clock.now())]


def end_sessions(
    office: Office, connection: Connection, login: str, *, by: str, only: str | None = None, but: str | None = None
) -> int:
    """How many were ended. `only`: this one; `but`: all except this one."""
    where = (_SESSION.login == login) & _SESSION.ended_at.is_(None)
    if only is not None:
        where &= _SESSION.session_id == only
    if but is not None:
        where &= _SESSION.session_id != but
    values = {"ended_at": iso(office.clock.now()), "ended_by": by}
    return connection.execute(update(tables.staff_session).where(where).values(**values)).rowcount


def _hash(office: Office, token: str) -> str:
    # 256 random bits: nobody finds them back from a digest, so no salt and no slow hash.
    return office.digest.hex(token.encode())
