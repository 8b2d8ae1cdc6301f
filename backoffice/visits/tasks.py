"""Calls that somebody has to make: after a missed appointment, after a bad rating. Never a block."""

from __future__ import annotations

import uuid
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.calls.once import Answer
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import case_row
from backoffice.clock import iso
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.visits import appointment, visit_task
from backoffice.visits.appointments import BOOKED, MISSED, end, tell

REMINDER, RETURN_VISIT = "reminder", "return_visit"
CONTACT_WORKDAYS = 1
"""Of a bad rating: somebody calls within this many workdays (rules of several places; a parameter)."""
FIX_WORKDAYS = 10
"""The strictest of 5/15 (rules of several places) that fits every case, and Fujian's 10 (trial rule of 2019-10-25)."""
FIX_SIMPLE_WORKDAYS = 5
"""What has no case of several days behind it: an item done on the spot."""
WHO = ("clerk", "reviewer", "superior")


def open_task(office: Office, connection: Connection, case: Row[Any], kind: str, fix_workdays: int | None) -> str:
    """A task of the case's town, due by workdays from today; its number."""
    calendar, _ = calendar_now(office, connection)
    today, task_id = office.clock.now().date(), str(uuid.uuid4())
    connection.execute(
        insert(visit_task).values(
            task_id=task_id,
            kind=kind,
            town=case.town,
            case_no=case.case_no,
            contact_by=calendar.after(today, CONTACT_WORKDAYS).day.isoformat(),
            fix_by=calendar.after(today, fix_workdays).day.isoformat() if fix_workdays else None,
            created_at=iso(office.clock.now()),
            row_version=1,
        )
    )
    return task_id


def tasks_of(office: Office, staff: Staff) -> list[Answer]:
    """What is still to be done in the towns this person sees, most urgent first. :raises Problem: forbidden."""
    staff.need(*WHO)
    query = select(visit_task).where(visit_task.c.done_at.is_(None))
    if staff.town is not None:
        query = query.where(visit_task.c.town == staff.town)
    with office.database.read() as connection:
        found = connection.execute(query.order_by(visit_task.c.contact_by, visit_task.c.task_id).limit(500)).all()
    return [task_json(row) for row in found]


def finish_task(office: Office, staff: Staff, task_id: str, version: int, result: str) -> Answer:
    """What came of it, in words that stay sealed. :raises Problem: forbidden, task_unknown, version_stale."""
    staff.need(*WHO)

    def work(connection: Connection) -> Answer:
        query = select(visit_task).where(visit_task.c.task_id == task_id)
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None or not staff.sees(row.town):
            raise Problem("task_unknown")
        if row.row_version != version or row.done_at is not None:
            raise Problem("version_stale")
        connection.execute(
            update(visit_task)
            .where(visit_task.c.task_id == task_id)
            .values(
                done_at=iso(office.clock.now()),
                done_by=staff.login,
                result_sealed=office.vault.seal(f"visit_task.result:{task_id}", result.encode()),
                row_version=version + 1,
            )
        )
        tell(office, connection, row.case_no, staff.login, f"{row.kind}_done", {"task": task_id})
        return task_json(connection.execute(query).one())

    return office.database.transact(work)


def note_missed(office: Office, day: date) -> int:
    """Appointments up to that day to which nobody came; an elder gets a call. How many were noted."""
    query = select(appointment.c.case_no).where(appointment.c.state == BOOKED, appointment.c.day <= day.isoformat())
    with office.database.read() as connection:
        missed = list(connection.execute(query.order_by(appointment.c.case_no)).scalars())
    return sum(office.database.transact(partial(_missed, office, case_no)) for case_no in missed)


def task_json(row: Row[Any]) -> Answer:
    names = ("task_id", "kind", "town", "case_no", "contact_by", "fix_by", "created_at", "done_at", "row_version")
    return {name: getattr(row, name) for name in names}


def _missed(office: Office, case_no: str, connection: Connection) -> int:
    query = select(appointment).where(appointment.c.case_no == case_no).with_for_update()
    row = connection.execute(query).one()
    if row.state != BOOKED:
        return 0
    end(office, connection, case_no, MISSED)
    tell(office, connection, case_no, "visits", "appointment_missed", {"day": row.day, "start": row.start})
    if row.elder:
        case = case_row(connection, case_no)
        assert case is not None
        open_task(office, connection, case, REMINDER, None)
    return 1
