"""Timers as rows: set and cancelled in the transaction of what they are about, claimed with a lease, never lost.

Whoever claims has the timer for `LEASE_S`; if she dies, it is claimed again. The effect and the timer's end are one
transaction, so that an effect is done once however often it is begun.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, true, tuple_, update

from backoffice.clock import CHINA, iso
from backoffice.store.tables.casework import timer

LEASE_S = 60.0
RETRY_S = 300.0
"""After a failure of our own: the timer rests, and the others go on."""

_T = timer.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A timer in somebody's hands until its lease ends."""

    subject: str
    kind: str
    n: int
    due_at: str
    lease: str
    attempts: int


def schedule(connection: Connection, subject: str, kind: str, at: datetime, n: int = 1) -> None:
    """Set a timer, or set it anew. `at`: aware. `n` tells several of one kind apart."""
    connection.execute(delete(timer).where(_key(subject, kind, n)))
    connection.execute(insert(timer).values(subject=subject, kind=kind, n=n, due_at=_text(at), attempts=0))


def move_to(connection: Connection, subject: str, kind: str, at: datetime, now: datetime) -> None:
    """`schedule`, but what has rung for a moment that is over rings no second time."""
    rung = select(_T.kind).where(_key(subject, kind, 1), _T.done_at.is_not(None))
    if at > now or connection.execute(rung).one_or_none() is None:
        schedule(connection, subject, kind, at)


def any_due(connection: Connection, now: datetime) -> bool:
    """Something may be claimed; asked without a writer's turn."""
    moment = _text(now)
    query = select(_T.kind).where(_T.done_at.is_(None), _T.due_at <= moment).limit(1)
    return connection.execute(query).one_or_none() is not None


def cancel(connection: Connection, subject: str, *kinds: str) -> None:
    """Take back what has not rung yet; without kinds all of the subject's."""
    where = and_(_T.subject == subject, _T.done_at.is_(None))
    connection.execute(delete(timer).where(and_(where, _T.kind.in_(kinds)) if kinds else where))


def claim_due(connection: Connection, now: datetime, n: int, kinds: Collection[str] = ()) -> list[Claimed]:
    """At most `n` timers that are due and in nobody's hands, oldest first; now in the caller's.

    :param kinds: only these; without, all.
    """
    moment, lease = _text(now), secrets.token_hex(8)
    known = _T.kind.in_(kinds) if kinds else true()
    free = or_(_T.lease_until.is_(None), _T.lease_until <= moment)
    due = (
        select(_T.subject, _T.kind, _T.n)
        .where(_T.done_at.is_(None), _T.due_at <= moment, free, known)
        .order_by(_T.due_at)
        .limit(n)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(timer)
        .where(tuple_(_T.subject, _T.kind, _T.n).in_(due))
        .values(lease=lease, lease_until=_text(now + timedelta(seconds=LEASE_S)), attempts=_T.attempts + 1)
        .returning(_T.subject, _T.kind, _T.n, _T.due_at, _T.lease, _T.attempts)
    )
    rows = [Claimed(*row) for row in connection.execute(taken)]
    return sorted(rows, key=lambda claimed: (claimed.due_at, claimed.subject))


def finish(connection: Connection, claimed: Claimed, now: datetime) -> bool:
    """End it within the effect's transaction; False: it was taken back, set anew, or is in other hands by now."""
    where = and_(_key(claimed.subject, claimed.kind, claimed.n), _T.lease == claimed.lease, _T.done_at.is_(None))
    ended = connection.execute(update(timer).where(where).values(done_at=_text(now), lease=None, lease_until=None))
    return ended.rowcount == 1


def rest(connection: Connection, claimed: Claimed, now: datetime) -> None:
    """Its effect failed: it comes again later."""
    where = and_(_key(claimed.subject, claimed.kind, claimed.n), _T.lease == claimed.lease)
    connection.execute(update(timer).where(where).values(lease_until=_text(now + timedelta(seconds=RETRY_S))))


def _key(subject: str, kind: str, n: int) -> ColumnElement[bool]:
    return and_(_T.subject == subject, _T.kind == kind, _T.n == n)


def _text(moment: datetime) -> str:
    """One offset for all: the texts are compared."""
    return iso(moment.astimezone(CHINA))
