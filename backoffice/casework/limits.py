"""Limits of a case as rows: started when it is admitted, stopped, resumed, derived anew when the calendar changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.casework.work import set_day
from backoffice.clock import iso
from backoffice.domain.cases.limits import Stop, StopReason, Term, Unit, due, reminder_at
from backoffice.domain.days import WorkCalendar
from backoffice.domain.items.item import Item, Limit
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.casework import case_limit, clock_stop

STATUTORY, PROMISED = "statutory", "promised"
REMINDER, OVERDUE = "limit_reminder", "limit_overdue"
_L = case_limit.c


@dataclass(frozen=True, slots=True)
class Running:
    """A limit of a case: which, as it is stored, and when it ends as far as is known."""

    kind: str
    term: Term
    due_at: datetime
    provisional: bool


def start(office: Office, connection: Connection, case_no: str, item: Item, begun: datetime) -> None:
    """The item's limits run from `begun`; one that is published as words alone is none that can be counted."""
    for kind, limit in ((STATUTORY, item.legal_limit), (PROMISED, item.promised_limit)):
        if limit.count and limit.unit and not _has(connection, case_no, kind):
            connection.execute(insert(case_limit).values(case_no=case_no, kind=kind, **_row(limit, begun)))
    derive(office, connection, case_no)


def stop(office: Office, connection: Connection, case_no: str, reason: StopReason, actor: str) -> None:
    """Time is not counted from now on."""
    table = clock_stop
    last = select(func.max(table.c.n)).where(table.c.case_no == case_no)
    n = (connection.execute(last).scalar_one() or 0) + 1
    now = iso(office.clock.now())
    connection.execute(
        insert(table).values(case_no=case_no, n=n, reason=reason.value, started_at=now, actor=actor[:80])
    )
    # Nobody is reminded of a day that moves on.
    timers.cancel(connection, case_no, REMINDER, OVERDUE)


def resume(office: Office, connection: Connection, case_no: str, *, resident: bool) -> None:
    """The stops that wait for the resident (or the others) end now."""
    table = clock_stop
    waits = table.c.reason == StopReason.RESIDENT.value
    open_ones = and_(table.c.case_no == case_no, table.c.ended_at.is_(None), waits if resident else ~waits)
    connection.execute(update(table).where(open_ones).values(ended_at=iso(office.clock.now())))
    derive(office, connection, case_no)


def end(connection: Connection, case_no: str) -> None:
    """It is decided, or nobody asks any more."""
    connection.execute(update(case_limit).where(_L.case_no == case_no).values(running=False))


def derive(office: Office, connection: Connection, case_no: str) -> list[tuple[str, str, str]]:
    """Count again: days in rows, timers and the order of the queue. What has moved: (kind, from, to).

    While the clock stands the day moves on by itself, which is no news.
    """
    calendar, import_n = calendar_now(office, connection)
    now, moved = office.clock.now(), []
    found = list(limits_of(connection, case_no))
    for limit in found:
        end_of = due(limit.term, calendar, now)
        if end_of.at != limit.due_at and not limit.term.stopped:
            moved.append((limit.kind, limit.due_at.date().isoformat(), end_of.day.isoformat()))
        values = {"due_at": iso(end_of.at), "provisional": end_of.provisional, "import_n": import_n}
        where = and_(_L.case_no == case_no, _L.kind == limit.kind)
        connection.execute(update(case_limit).where(where).values(**values))
    if found:
        _follow(connection, case_no, leading(found), calendar, now)
    return moved


def limits_of(connection: Connection, case_no: str) -> Iterator[Running]:
    """Those that run, the statutory one first."""
    yield from limits_of_all(connection, [case_no])[case_no]


def limits_of_all(connection: Connection, case_nos: Sequence[str]) -> dict[str, list[Running]]:
    """`limits_of` for a page of cases, with as many questions to the database as for one."""
    stops = _stops_of_all(connection, case_nos)
    found: dict[str, list[Running]] = {case_no: [] for case_no in case_nos}
    query = select(case_limit).where(_L.case_no.in_(case_nos), _L.running.is_(True)).order_by(_L.kind.desc())
    for row in connection.execute(query):
        term = Term(datetime.fromisoformat(row.started_at), row.units, Unit(row.unit), tuple(stops[row.case_no]))
        found[row.case_no].append(Running(row.kind, term, datetime.fromisoformat(row.due_at), row.provisional))
    return found


def stops_of(connection: Connection, case_no: str) -> tuple[Stop, ...]:
    return tuple(_stops_of_all(connection, [case_no])[case_no])


def _stops_of_all(connection: Connection, case_nos: Sequence[str]) -> dict[str, list[Stop]]:
    c = clock_stop.c
    found: dict[str, list[Stop]] = {case_no: [] for case_no in case_nos}
    for row in connection.execute(
        select(c.case_no, c.started_at, c.ended_at).where(c.case_no.in_(case_nos)).order_by(c.n)
    ):
        ended_at = datetime.fromisoformat(row.ended_at) if row.ended_at else None
        found[row.case_no].append(Stop(datetime.fromisoformat(row.started_at), ended_at))
    return found


def leading(limits: list[Running]) -> Running:
    """The one that work is ordered by: what was promised, else what the law gives."""
    return next((limit for limit in limits if limit.kind == PROMISED), limits[0])


def outdated(connection: Connection, import_n: int, n: int) -> list[str]:
    """Cases with limits that were counted by an older calendar."""
    query = select(_L.case_no).where(_L.running.is_(True), _L.import_n < import_n).distinct().limit(n)
    return list(connection.execute(query).scalars())


def _follow(connection: Connection, case_no: str, limit: Running, calendar: WorkCalendar, now: datetime) -> None:
    end_of = due(limit.term, calendar, now)
    day = end_of.day.isoformat()
    case = tables.service_case
    connection.execute(update(case).where(case.c.case_no == case_no).values(due_on=day))
    set_day(connection, case_no, end_of.day)
    if limit.term.stopped:
        return
    timers.move_to(connection, case_no, REMINDER, reminder_at(limit.term, calendar, now), now)
    timers.move_to(connection, case_no, OVERDUE, end_of.at, now)


def _row(limit: Limit, begun: datetime) -> dict[str, object]:
    return {
        "started_at": iso(begun),
        "units": limit.count,
        "unit": limit.unit,
        "due_at": iso(begun),
        "provisional": False,
        "import_n": 0,
        "running": True,
    }


def _has(connection: Connection, case_no: str, kind: str) -> bool:
    query = select(_L.kind).where(_L.case_no == case_no, _L.kind == kind)
    return connection.execute(query).one_or_none() is not None
