"""The same person asks for the same once more: what is under way or approved already, and what she is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.casework.consequence_notes import is_noted
from backoffice.domain.cases.case import CaseState, Outcome
from backoffice.domain.consequences import GRANTED, UNDER_WAY, Consequence, bars
from backoffice.domain.decide import Decision
from backoffice.domain.text import Arg, Line
from backoffice.office import Office
from backoffice.store.tables import tables

_C = tables.service_case.c
NUMBER_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Earlier:
    """The case that a request repeats."""

    case_no: str
    is_granted: bool
    day: str
    """When it was approved, or taken in."""


def earlier_than(office: Office, connection: Connection, case: Row[Any], form: Mapping[str, str]) -> Earlier | None:
    """What this case repeats, if anything. Others of the same person and item are held until the transaction ends."""
    query = (
        select(tables.service_case)
        .where(_C.applicant_index == case.applicant_index, _C.item_id == case.item_id)
        .order_by(_C.case_no)
        .with_for_update()
    )
    rows = [row for row in connection.execute(query) if row.case_no != case.case_no]
    came = (case.accepted_at, case.case_no)
    rows = [row for row in rows if row.state in GRANTED or (row.accepted_at, row.case_no) < came]
    return _found(office, connection, rows, case.item_id, form)


def standing_for(office: Office, connection: Connection, number: str, item_id: str) -> Earlier | None:
    """What a request of this person for this item would repeat, before its form is known."""
    consequence = office.tables.consequences.of(item_id)
    if consequence.per:
        return None
    query = select(tables.service_case).where(_C.applicant_index == office.vault.index(number), _C.item_id == item_id)
    return _found(office, connection, list(connection.execute(query)), item_id, {})


def decision_on(earlier: Earlier) -> Decision:
    """What was decided already, when and under which number, and what to do."""
    key = "reason.repeat.granted" if earlier.is_granted else "reason.repeat.open"
    number = Arg("digits", earlier.case_no[-NUMBER_DIGITS:])
    reasons = (Line(key, {"date": Arg("date", earlier.day)}), Line("reason.repeat.number", {"number": number}))
    return Decision(Outcome.NOTICE, reasons, Line("next.repeat"), {"repeats": number.value})


def _found(
    office: Office, connection: Connection, rows: list[Row[Any]], item_id: str, form: Mapping[str, str]
) -> Earlier | None:
    consequence, today = office.tables.consequences.of(item_id), office.clock.now().date()
    for row in sorted(rows, key=lambda row: (row.state not in GRANTED, row.accepted_at)):
        if _stands(connection, row, consequence, today) and _is_same(office, row, consequence, form):
            is_granted = row.state in GRANTED
            day = _day(row.decided_at if is_granted else row.accepted_at)
            return Earlier(row.case_no, is_granted, day.isoformat())
    return None


def _stands(connection: Connection, row: Row[Any], consequence: Consequence, today: date) -> bool:
    if row.state in GRANTED:
        is_done = row.state == CaseState.ISSUED or is_noted(connection, row.case_no)
        return bars(consequence.period, _day(row.decided_at), today, is_done=is_done)
    if row.state == CaseState.NOTICED:
        # Somebody of staff waits for what is missing; what the machine found missing may be asked for anew.
        issued = select(tables.notice.c.issued_by).where(tables.notice.c.case_no == row.case_no)
        return any(connection.execute(issued).scalars())
    return row.state in UNDER_WAY


def _is_same(office: Office, row: Row[Any], consequence: Consequence, form: Mapping[str, str]) -> bool:
    if not consequence.per:
        return True
    before = office.vault.open_json(f"case.form:{row.case_no}", row.form_sealed)
    return all(before.get(name, "") == form.get(name, "") for name in consequence.per)


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).date()
