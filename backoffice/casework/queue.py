"""One queue for what came from kiosks and from counters: by deadline, and within a day by turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select, tuple_, update

from backoffice.calls.once import Answer
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import case_row
from backoffice.casework.limits import Running, leading, limits_of_all
from backoffice.casework.work import work_of
from backoffice.clock import iso
from backoffice.domain.cases.case import TABLE, Actor, CaseState, Role
from backoffice.domain.cases.limits import colour
from backoffice.domain.days import WorkCalendar
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.casework import case_work

CLAIM_MINUTES = 30
MAX_PAGE = 50

WORKED_ON = (
    CaseState.HANDED_OVER,
    CaseState.ADMITTED,
    CaseState.UNDER_REVIEW,
    CaseState.TECHNICAL_REVIEW,
    CaseState.TO_DECIDE,
    CaseState.REFUSAL_PROPOSED,
    CaseState.SUPPLEMENTED,
    CaseState.APPROVED,
    CaseState.TRANSFERRED,
)
"""Where somebody has something to do; noticed cases wait for the resident and are found by their state."""

_W, _C = case_work.c, tables.service_case.c


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty = any. `role`: only cases in which this role has the next move."""

    states: frozenset[CaseState] = field(default_factory=frozenset)
    item_id: str = ""
    role: Role | None = None
    priority: bool | None = None
    elsewhere: bool | None = None
    """For another place, or collected here for one."""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class QueueCursor:
    """Where a page ends: the last case's place in the order."""

    order_day: str
    slot: int
    case_no: str


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Answer]
    next: QueueCursor | None


def work_queue(
    office: Office, actor: Actor, filters: Filters, after: QueueCursor | None = None, limit: int = MAX_PAGE
) -> Page:
    """The cases that this person sees, most urgent first; no personal data. `after`: where the last page ended."""
    query = _seen(actor, filters, iso(office.clock.now()))
    if after is not None:
        query = query.where(tuple_(_W.order_day, _W.slot, _W.case_no) > tuple_(*_parts(after)))
    query = query.order_by(_W.order_day, _W.slot, _W.case_no).limit(limit + 1)
    with office.database.read() as connection:
        rows = list(connection.execute(query))
        calendar, _ = calendar_now(office, connection)
        limits = limits_of_all(connection, [row.case_no for row in rows[:limit]])
        entries = [_entry(office, limits[row.case_no], calendar, row) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(entries, QueueCursor(last.order_day, last.slot, last.case_no) if last is not None else None)


def claim(office: Office, actor: Actor, case_no: str) -> str:
    """Take a case into one's hands; until when. Claiming again extends it.

    :raises Problem: case_unknown, case_claimed, move_not_allowed when nobody works on it.
    """
    now = office.clock.now()
    until = iso(now + timedelta(minutes=CLAIM_MINUTES))

    def work(connection: Connection) -> str:
        _seen_case(connection, actor, case_no)
        free = or_(_W.claimed_by.is_(None), _W.claimed_by == actor.login, _W.claimed_until <= iso(now))
        taken = update(case_work).where(_W.case_no == case_no, free)
        if connection.execute(taken.values(claimed_by=actor.login, claimed_until=until)).rowcount == 0:
            raise Problem("case_claimed")
        return until

    return office.database.transact(work)


def release(office: Office, actor: Actor, case_no: str) -> None:
    """Give it back before the lease ends. :raises Problem: case_unknown, not_claimed."""

    def work(connection: Connection) -> None:
        _seen_case(connection, actor, case_no)
        own = and_(_W.case_no == case_no, _W.claimed_by == actor.login)
        given = update(case_work).where(own).values(claimed_by=None, claimed_until=None)
        if connection.execute(given).rowcount == 0:
            raise Problem("not_claimed")

    office.database.transact(work)


def states_for(role: Role) -> frozenset[CaseState]:
    """Where this role has a next move."""
    return frozenset(state for (state, _), row in TABLE.items() if role in row.roles)


def _seen_case(connection: Connection, actor: Actor, case_no: str) -> None:
    # The case before its work, as everybody locks them.
    case, row = case_row(connection, case_no, lock=True), work_of(connection, case_no)
    if case is None or not actor.sees(row.town if row is not None else case.town):
        raise Problem("case_unknown")
    if row is None:
        raise Problem("move_not_allowed", "nobody works on this case")


def _seen(actor: Actor, filters: Filters, now: str) -> Select[Any]:
    wanted = filters.states or frozenset(WORKED_ON)
    if filters.role is not None:
        wanted &= states_for(filters.role)
    shown = (_C.state, _C.item_id, _C.item_version, _C.accepted_at, _C.row_version, _C.device, _C.site)
    query = select(case_work, *shown).join(tables.service_case, _C.case_no == _W.case_no)
    query = query.where(_C.state.in_(sorted(wanted)))
    if actor.only_town is not None:
        query = query.where(_W.town == actor.only_town)
    if filters.item_id:
        query = query.where(_C.item_id == filters.item_id)
    if filters.priority is not None:
        query = query.where(_W.priority.is_(filters.priority))
    if filters.elsewhere is not None:
        query = query.where(_W.place != "" if filters.elsewhere else _W.place == "")
    if filters.mine:
        query = query.where(_W.claimed_by == actor.login, _W.claimed_until > now)
    return query


def _parts(place: QueueCursor) -> tuple[str, int, str]:
    return place.order_day, place.slot, place.case_no


def _entry(office: Office, limits: list[Running], calendar: WorkCalendar, row: Row[Any]) -> Answer:
    now = office.clock.now()
    first = leading(limits) if limits else None
    held = row.claimed_by is not None and row.claimed_until > iso(now)
    return {
        "case_no": row.case_no,
        "item_id": row.item_id,
        "state": row.state,
        "town": row.town,
        "site": row.site,
        "accepted_at": row.accepted_at,
        "admitted_at": row.admitted_at,
        "priority": row.priority,
        "reach": row.reach,
        "place": row.place,
        "due_at": iso(first.due_at) if first else None,
        "provisional": first.provisional if first else False,
        "colour": colour(first.term, calendar, now).value if first else None,
        "stopped": first.term.stopped if first else False,
        "by": row.order_day,
        "claimed_by": row.claimed_by if held else None,
        "claimed_until": row.claimed_until if held else None,
        "row_version": row.row_version,
    }
