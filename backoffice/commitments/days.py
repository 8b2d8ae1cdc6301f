"""The days of later checks counted again, when a calendar was imported after the promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, select, update

from backoffice.casework import timers
from backoffice.casework.calendar import calendar_now
from backoffice.casework.events import case_row
from backoffice.casework.moving import record
from backoffice.catalogue.stored import item_version
from backoffice.commitments import promises
from backoffice.domain.cases.case import Role
from backoffice.domain.commitment import CommitmentState
from backoffice.domain.days import Deadline, WorkCalendar
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.commitments import commitment

EVENT, ACTOR = "commitment_check_moved", "calendar"


def recount(office: Office) -> int:
    """Of every commitment that still stands, one case a transaction; how many have another day. It may be done again:
    what has its day already is left alone.
    """
    with office.database.read() as connection:
        calendar, _ = calendar_now(office, connection)
        wanted = [row.case_no for row in _standing(connection) if _moved(connection, row, calendar)]
    return sum(office.database.transact(partial(_again, office, case_no)) for case_no in wanted)


def _again(office: Office, case_no: str, connection: Connection) -> bool:
    """The case is held before its commitment, as by everybody."""
    case = case_row(connection, case_no, lock=True)
    made = promises.of_case(connection, case_no, lock=True)
    if case is None or made is None or made.state != CommitmentState.MADE.value:
        return False
    row = next(_standing(connection, case_no))
    moved = _moved(connection, row, calendar_now(office, connection)[0])
    if moved is None:
        return False
    values = {"check_due_on": moved.day.isoformat(), "check_provisional": moved.provisional}
    own = commitment.c.commitment_id == made.commitment_id
    connection.execute(update(commitment).where(own).values(row_version=made.row_version + 1, **values))
    timers.schedule(connection, case_no, promises.CHECK, promises.overdue_from(moved.day, office.clock.now()))
    details = {"commitment": made.commitment_id, "was": made.check_due_on, "is": moved.day.isoformat()}
    record(office, connection, case, EVENT, Role.TIMER, ACTOR, details)
    return True


def _standing(connection: Connection, case_no: str = "") -> Iterator[Row[Any]]:
    case = tables.service_case
    query = (
        select(commitment, case.c.item_id, case.c.item_version, case.c.accepted_at)
        .join(case, case.c.case_no == commitment.c.case_no)
        .where(commitment.c.state == CommitmentState.MADE.value)
    )
    yield from connection.execute(query.where(case.c.case_no == case_no) if case_no else query).all()


def _moved(connection: Connection, row: Row[Any], calendar: WorkCalendar) -> Deadline | None:
    """The day as it is counted now, from the one on which the case came in; None: as it was."""
    item = item_version(connection, row.item_id, row.item_version)
    workdays = item.ruling.check_workdays if item is not None and item.ruling else 0
    due = calendar.after(datetime.fromisoformat(row.accepted_at).date(), workdays)
    return None if (due.day.isoformat(), due.provisional) == (row.check_due_on, row.check_provisional) else due
