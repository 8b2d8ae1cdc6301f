"""What nobody needs any more goes: old keys of repeated requests, old nonces, ended sessions, used codes.

A terminal may have been in a drawer for a year and still send what it has: its keys are kept longer than that.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Delete, and_, delete, or_, select

from backoffice.clock import iso
from backoffice.identity.devices import SEQ_WINDOW
from backoffice.identity.sessions import IDLE, LIFE
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.identity import enrolment_code, staff_session

KEYS_KEPT = timedelta(days=400)
REST_KEPT = timedelta(days=30)
"""Ended sessions and codes: long enough to look into a complaint; the audit keeps what happened for ever."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows went."""

    idempotency: int
    nonce: int
    staff_session: int
    enrolment_code: int

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {getattr(self, field.name)}" for field in fields(self))


def tidy(office: Office) -> Tidied:
    """Safe at any time, beside a running server."""
    statements = (_keys(office), _nonces(), _sessions(office), _codes(office))

    def work(connection: Connection) -> Tidied:
        return Tidied(*(connection.execute(statement).rowcount for statement in statements))

    return office.database.transact(work)


def _keys(office: Office) -> Delete:
    return delete(tables.idempotency).where(tables.idempotency.c.created_at < _before(office, KEYS_KEPT))


def _nonces() -> Delete:
    """Outside the window a request is refused by its number alone."""
    last = select(tables.device.c.last_seq).where(tables.device.c.device == tables.nonce.c.device).scalar_subquery()
    return delete(tables.nonce).where(tables.nonce.c.seq <= last - SEQ_WINDOW)


def _sessions(office: Office) -> Delete:
    long_ago, row = _before(office, REST_KEPT), staff_session.c
    over = or_(row.started_at < _before(office, REST_KEPT + LIFE), row.used_at < _before(office, REST_KEPT + IDLE))
    return delete(staff_session).where(or_(row.ended_at < long_ago, over))


def _codes(office: Office) -> Delete:
    long_ago, row = _before(office, REST_KEPT), enrolment_code.c
    gone: ColumnElement[bool] = or_(row.used_at < long_ago, and_(row.used_at.is_(None), row.expires_at < long_ago))
    return delete(enrolment_code).where(gone)


def _before(office: Office, kept: timedelta) -> str:
    # Every time in these columns is the injected clock's, of one offset: their texts sort as they follow each other.
    return iso(office.clock.now() - kept)
