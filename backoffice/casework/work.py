"""The row that makes a case one that people work on: where, since when, and when it is its turn."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from backoffice.casework.calendar import calendar_now
from backoffice.clock import iso
from backoffice.domain.cases.limits import Term, Unit, due
from backoffice.domain.cases.turns import goes_first, slot
from backoffice.domain.days import WorkCalendar
from backoffice.domain.items.item import Item
from backoffice.office import Office
from backoffice.store.tables.casework import case_work

TO_SAY_SO_WORKDAYS = 5
"""行政许可法 32: within five days it is said what is missing, or the case counts as admitted."""

_W = case_work.c


def work_of(connection: Connection, case_no: str) -> Row[Any] | None:
    return connection.execute(select(case_work).where(_W.case_no == case_no)).one_or_none()


def ensure(office: Office, connection: Connection, case: Row[Any], item: Item) -> None:
    """Put the case among the work; one that is there keeps its turn."""
    if work_of(connection, case.case_no) is not None:
        return
    now = office.clock.now()
    birth = office.vault.open_json(f"case.applicant:{case.case_no}", case.applicant_sealed).get("birth") or ""
    first = goes_first(
        date.fromisoformat(birth) if birth else None,
        now.date(),
        item.category,
        urgent=item.legal_limit.unit == Unit.HOUR.value,
    )
    day = say_so_by(calendar_now(office, connection)[0], datetime.fromisoformat(case.accepted_at)).date().isoformat()
    connection.execute(
        insert(case_work).values(
            case_no=case.case_no,
            town=case.town,
            arrived_at=iso(now),
            priority=first,
            reach=item.reach[:16],
            place="",
            order_day=day,
            slot=_next_slot(connection, case.town, day, first),
        )
    )


def set_day(connection: Connection, case_no: str, day: date) -> None:
    """Its turn comes by this day now; on the day it had already it keeps its place."""
    row, text = work_of(connection, case_no), day.isoformat()
    if row is None or row.order_day == text:
        return
    values = {"order_day": text, "slot": _next_slot(connection, row.town, text, row.priority)}
    connection.execute(update(case_work).where(_W.case_no == case_no).values(**values))


def admit(connection: Connection, case_no: str, begun: datetime) -> None:
    connection.execute(update(case_work).where(_W.case_no == case_no).values(admitted_at=iso(begun)))


def say_so_by(calendar: WorkCalendar, received: datetime) -> datetime:
    """The last moment for saying what is missing."""
    return due(Term(received, TO_SAY_SO_WORKDAYS, Unit.WORKDAY), calendar, received).at


def _next_slot(connection: Connection, town: str, day: str, first: bool) -> int:
    where = and_(_W.town == town, _W.order_day == day, _W.priority.is_(first))
    place = connection.execute(select(func.count()).select_from(case_work).where(where)).scalar_one()
    return slot(int(place), first=first)
