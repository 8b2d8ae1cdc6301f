"""What a case's new state brings with it, in the transaction of the move: work, limits, timers, papers that cease."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from backoffice.casework import limits, timers, work
from backoffice.casework.calendar import calendar_now
from backoffice.casework.ceasing import cease, ceased
from backoffice.catalogue.stored import item_version
from backoffice.domain.cases.case import ENDED, FINAL, CaseState
from backoffice.domain.cases.limits import StopReason
from backoffice.domain.items.item import Item
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.casework import refusal

DEEM, NOTICE_REMINDER, NOTICE_EXPIRY = "deem_admitted", "notice_reminder", "notice_expiry"
PICKUP, TRANSFER_ASK = "pickup_reminder", "transfer_ask"
_OF_THE_WORK = (DEEM, NOTICE_REMINDER, NOTICE_EXPIRY, PICKUP, TRANSFER_ASK, limits.REMINDER, limits.OVERDUE)

NOTICE_DAYS = 30
"""How long a notice waits when whoever wrote it says nothing else."""
REMIND_BEFORE_DAYS = (10, 3)
ASK_AGAIN_DAYS = 7
"""A case that was sent elsewhere is asked after this often until somebody there answers."""


_UNTOUCHED = (None, CaseState.ACCEPTED, CaseState.WAITING)


@dataclass(frozen=True, slots=True)
class _Entry:
    office: Office
    connection: Connection
    case: Row[Any]
    item: Item
    event: str
    actor: str


def entered(
    office: Office,
    connection: Connection,
    case_no: str,
    states: tuple[CaseState | None, CaseState],
    event: str,
    actor: str,
) -> None:
    """The case has just gone from one state to another; its row says so already."""
    before, after = states
    follow = _FOLLOW.get(after)
    if follow is None and (after not in ENDED or before in _UNTOUCHED):
        return  # Decided by the machine, or not at all yet: nobody works on it and nothing runs.
    case = connection.execute(select(tables.service_case).where(tables.service_case.c.case_no == case_no)).one()
    item = item_version(connection, case.item_id, case.item_version)
    if item is None:
        raise LookupError(f"{case.item_id}/{case.item_version} was never published")
    over = ceased(before, after, event)
    if over is not None:
        cease(office, connection, case_no, case.town, *over, actor)
    if follow is not None:
        follow(_Entry(office, connection, case, item, event, actor))
    if after in ENDED:
        _ended(connection, case_no, for_good=after in FINAL)


def received_at(connection: Connection, case: Row[Any]) -> datetime:
    """The receipt that counts for being admitted: of the case, or of what was missing from it."""
    table = tables.case_event
    where = and_(table.c.case_no == case.case_no, table.c.event == "supplemented")
    supplemented = connection.execute(select(func.max(table.c.at)).where(where)).scalar_one()
    return datetime.fromisoformat(supplemented or case.accepted_at)


def notice_until(office: Office, connection: Connection, case_no: str) -> date:
    """The last day that the newest notice gives."""
    table = tables.notice
    query = select(table.c.until_on).where(table.c.case_no == case_no).order_by(table.c.n.desc()).limit(1)
    return date.fromisoformat(connection.execute(query).scalar_one())


def _handed_over(entry: _Entry) -> None:
    office, connection = entry.office, entry.connection
    work.ensure(office, connection, entry.case, entry.item)
    timers.cancel(connection, entry.case.case_no, TRANSFER_ASK)
    received = received_at(connection, entry.case)
    calendar, _ = calendar_now(office, connection)
    timers.schedule(connection, entry.case.case_no, DEEM, work.say_so_by(calendar, received))


def _admitted(entry: _Entry) -> None:
    office, connection, case_no = entry.office, entry.connection, entry.case.case_no
    timers.cancel(connection, case_no, DEEM)
    deemed = entry.event == "deemed_accepted"
    begun = received_at(connection, entry.case) if deemed else office.clock.now()
    work.admit(connection, case_no, begun)
    limits.start(office, connection, case_no, entry.item, begun)


def _under_review(entry: _Entry) -> None:
    office, connection, case_no = entry.office, entry.connection, entry.case.case_no
    work.ensure(office, connection, entry.case, entry.item)
    timers.cancel(connection, case_no, TRANSFER_ASK)
    if entry.event == "reopened":
        by = work.say_so_by(calendar_now(office, connection)[0], office.clock.now())
        work.set_day(connection, case_no, by.date())


def _noticed(entry: _Entry) -> None:
    office, connection, case_no = entry.office, entry.connection, entry.case.case_no
    timers.cancel(connection, case_no, DEEM)
    row = work.work_of(connection, case_no)
    if row is not None and row.admitted_at:
        limits.stop(office, connection, case_no, StopReason.RESIDENT, entry.actor)
    _fill_until(entry)
    until = notice_until(office, connection, case_no)
    for n, days in enumerate(REMIND_BEFORE_DAYS, start=1):
        at = max(_morning(office, until - timedelta(days=days)), office.clock.now() + timedelta(hours=n))
        timers.schedule(connection, case_no, NOTICE_REMINDER, at, n)
    timers.schedule(connection, case_no, NOTICE_EXPIRY, _morning(office, until + timedelta(days=1)))


def _fill_until(entry: _Entry) -> None:
    """A machine's notice names no last day; when it says "come back on", it waits until well after that day."""
    office, connection, table = entry.office, entry.connection, tables.notice
    first = office.clock.now().date()
    if entry.case.decision_sealed is not None:
        decision = office.vault.open_json(f"case.decision:{entry.case.case_no}", entry.case.decision_sealed)
        first = max(first, date.fromisoformat(decision["facts"].get("come_back_on", first.isoformat())))
    empty = and_(table.c.case_no == entry.case.case_no, table.c.until_on.is_(None))
    until = (first + timedelta(days=NOTICE_DAYS)).isoformat()
    connection.execute(update(table).where(empty).values(until_on=until))


def _supplemented(entry: _Entry) -> None:
    office, connection, case_no = entry.office, entry.connection, entry.case.case_no
    timers.cancel(connection, case_no, NOTICE_REMINDER, NOTICE_EXPIRY)
    work.ensure(office, connection, entry.case, entry.item)
    row = work.work_of(connection, case_no)
    if row is not None and row.admitted_at:
        limits.resume(office, connection, case_no, resident=True)
        return
    by = work.say_so_by(calendar_now(office, connection)[0], office.clock.now())
    timers.schedule(connection, case_no, DEEM, by)
    work.set_day(connection, case_no, by.date())


def _transferred(entry: _Entry) -> None:
    connection, case_no = entry.connection, entry.case.case_no
    timers.cancel(connection, case_no, DEEM)
    at = entry.office.clock.now() + timedelta(days=ASK_AGAIN_DAYS)
    timers.schedule(connection, case_no, TRANSFER_ASK, at)


def _withdrawn(entry: _Entry) -> None:
    """A refusal that was proposed is nobody's to review any more; the ledger says why."""
    open_ones = and_(refusal.c.case_no == entry.case.case_no, refusal.c.verdict.is_(None))
    entry.connection.execute(update(refusal).where(open_ones).values(verdict="withdrawn"))


def _ended(connection: Connection, case_no: str, *, for_good: bool) -> None:
    """What was granted is still to be checked where a commitment stood for a paper: that timer is not of the work."""
    timers.cancel(connection, case_no, *(() if for_good else _OF_THE_WORK))
    limits.end(connection, case_no)


def _morning(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(8), office.clock.now().tzinfo)


_FOLLOW: dict[CaseState, Callable[[_Entry], None]] = {
    CaseState.HANDED_OVER: _handed_over,
    CaseState.ADMITTED: _admitted,
    CaseState.UNDER_REVIEW: _under_review,
    CaseState.NOTICED: _noticed,
    CaseState.SUPPLEMENTED: _supplemented,
    CaseState.TRANSFERRED: _transferred,
    CaseState.WITHDRAWN: _withdrawn,
}
