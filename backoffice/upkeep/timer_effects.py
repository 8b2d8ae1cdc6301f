"""What each timer does when it rings. Done again it changes nothing: its subject has moved on by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from backoffice.casework import limits, timers
from backoffice.casework.events import case_row
from backoffice.casework.following import (
    ASK_AGAIN_DAYS,
    DEEM,
    NOTICE_EXPIRY,
    NOTICE_REMINDER,
    PICKUP,
    TRANSFER_ASK,
    received_at,
)
from backoffice.casework.moving import record, take
from backoffice.commitments import promises
from backoffice.domain.cases.case import FINAL, CaseState, Move, Role
from backoffice.domain.commitment import CommitmentState
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.visits import complaints, help_calls

Effect = Callable[[Office, Connection, str, int], None]
"""office, connection, subject, n: in the transaction that ends the timer."""

ACTOR = "timer"
AFTER_REMINDER_DAYS = 2
"""A notice does not expire in the same breath as its reminder, e.g. when the server was off for weeks."""
PICKUP_AGAIN_DAYS = 14

_CaseEffect = Callable[[Office, Connection, Row[Any], int], None]


def _of_case(effect: _CaseEffect) -> Effect:
    def run(office: Office, connection: Connection, subject: str, n: int) -> None:
        case = case_row(connection, subject, lock=True)
        if case is not None:
            effect(office, connection, case, n)

    return run


def _deem(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    if case.state in (CaseState.HANDED_OVER, CaseState.SUPPLEMENTED):
        details = {"as_of": received_at(connection, case).date().isoformat()}
        take(office, connection, case, Move.DEEM_ADMITTED, Role.TIMER, ACTOR, details)


def _notice_reminder(office: Office, connection: Connection, case: Row[Any], n: int) -> None:
    if case.state == CaseState.NOTICED:
        take(office, connection, case, Move.REMIND, Role.TIMER, ACTOR, {"reminder": str(n)})


def _notice_expiry(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    if case.state != CaseState.NOTICED:
        return
    table = tables.case_event
    query = select(func.max(table.c.at)).where(table.c.case_no == case.case_no, table.c.event == "reminded")
    reminded = connection.execute(query).scalar_one()
    earliest = (
        datetime.fromisoformat(reminded) + timedelta(days=AFTER_REMINDER_DAYS)
        if reminded
        else office.clock.now() + timedelta(days=AFTER_REMINDER_DAYS)
    )
    if earliest > office.clock.now():
        timers.schedule(connection, case.case_no, NOTICE_EXPIRY, earliest)
        return
    take(office, connection, case, Move.EXPIRE, Role.TIMER, ACTOR)


def _limit_reminder(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    record(office, connection, case, "limit_near", Role.TIMER, ACTOR, {"due_on": case.due_on or ""})


def _limit_overdue(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    record(office, connection, case, "overdue", Role.TIMER, ACTOR, {"due_on": case.due_on or ""})


def _pickup(office: Office, connection: Connection, case: Row[Any], n: int) -> None:
    record(office, connection, case, "pickup_reminded", Role.TIMER, ACTOR, {"delivery": str(n)})
    again = office.clock.now() + timedelta(days=PICKUP_AGAIN_DAYS)
    timers.schedule(connection, case.case_no, PICKUP, again, n)


def _transfer_ask(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    if case.state == CaseState.TRANSFERRED:
        record(office, connection, case, "transfer_asked", Role.TIMER, ACTOR, {})
        again = office.clock.now() + timedelta(days=ASK_AGAIN_DAYS)
        timers.schedule(connection, case.case_no, TRANSFER_ASK, again)


def _commitment_check(office: Office, connection: Connection, case: Row[Any], _: int) -> None:
    """Of a case that is not decided yet nothing can be checked: it is asked again the day after."""
    made = promises.of_case(connection, case.case_no)
    if made is None or made.state != CommitmentState.MADE.value or case.state in FINAL:
        return
    if CaseState(case.state) in promises.DECIDED:
        details = {"commitment": made.commitment_id, "check_due_on": made.check_due_on}
        record(office, connection, case, "commitment_check_overdue", Role.TIMER, ACTOR, details)
        return
    again = office.clock.now() + timedelta(days=1)
    timers.schedule(connection, case.case_no, promises.CHECK, again)


EFFECTS: dict[str, Effect] = {
    DEEM: _of_case(_deem),
    NOTICE_REMINDER: _of_case(_notice_reminder),
    NOTICE_EXPIRY: _of_case(_notice_expiry),
    limits.REMINDER: _of_case(_limit_reminder),
    limits.OVERDUE: _of_case(_limit_overdue),
    PICKUP: _of_case(_pickup),
    TRANSFER_ASK: _of_case(_transfer_ask),
    promises.CHECK: _of_case(_commitment_check),
    help_calls.TIMER: help_calls.nobody_answered,
    complaints.TIMER: complaints.overdue,
}
