"""Where a case stands, as a line for whoever holds its slip."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.casework.consequence_notes import is_noted
from backoffice.casework.work import work_of
from backoffice.domain.cases.case import CaseState
from backoffice.domain.cases.limits import StopReason
from backoffice.domain.text import Arg, Line
from backoffice.office import Office
from backoffice.store.tables import tables
from backoffice.store.tables.casework import clock_stop

_KEYS = {
    CaseState.HANDED_OVER: "progress.pending",
    CaseState.UNDER_REVIEW: "progress.under_review",
    CaseState.TECHNICAL_REVIEW: "progress.technical_review",
    CaseState.TO_DECIDE: "progress.to_decide",
    # Nothing is decided before the second review; the first one's opinion is nobody's to hear.
    CaseState.REFUSAL_PROPOSED: "progress.under_review",
    CaseState.REFUSED: "progress.refused",
    CaseState.ISSUED: "progress.issued",
    CaseState.EXPIRED: "progress.expired",
    CaseState.WITHDRAWN: "progress.withdrawn",
    CaseState.TRANSFERRED: "progress.transferred",
    CaseState.REPEATED: "progress.repeated",
}
_STOPPABLE = (CaseState.UNDER_REVIEW, CaseState.TECHNICAL_REVIEW, CaseState.TO_DECIDE)


def progress_line(office: Office, connection: Connection, case: Row[Any]) -> Line | None:
    """None where the machine's own decision says it all. No name, no amount, no reason."""
    state = CaseState(case.state)
    if state is CaseState.ADMITTED:
        return Line("progress.admitted", {"date": Arg("date", case.due_on)} if case.due_on else {})
    if state is CaseState.NOTICED:
        return _noticed(connection, case.case_no)
    if state is CaseState.SUPPLEMENTED:
        return Line("progress.supplemented", said_by(connection, case.case_no))
    if state is CaseState.APPROVED:
        if not _brings_money(office, case) and is_noted(connection, case.case_no):
            return Line("progress.approved.done")
        return None if _machine_approved(office, case) else Line("progress.granted")
    if state in _STOPPABLE and _stopped(connection, case.case_no):
        return Line("progress.stopped")
    key = _KEYS.get(state)
    return Line(key) if key else None


def said_by(connection: Connection, case_no: str) -> dict[str, Arg]:
    """The day by which somebody says how it goes on: that of the work's own order, or the limit that runs on."""
    case = tables.service_case
    due = connection.execute(select(case.c.due_on).where(case.c.case_no == case_no)).scalar_one()
    row = work_of(connection, case_no)
    day = due or (row.order_day if row is not None else None)
    return {"date": Arg("date", day)} if day else {}


def _noticed(connection: Connection, case_no: str) -> Line | None:
    table = tables.notice
    columns = (table.c.until_on, table.c.issued_by)
    newest = select(*columns).where(table.c.case_no == case_no).order_by(table.c.n.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None or row.issued_by is None:
        return None
    return Line("progress.noticed", {"date": Arg("date", row.until_on)})


def _machine_approved(office: Office, case: Row[Any]) -> bool:
    if case.decision_sealed is None:
        return False
    decision = office.vault.open_json(f"case.decision:{case.case_no}", case.decision_sealed)
    return bool(decision["outcome"] == "approved")


def _brings_money(office: Office, case: Row[Any]) -> bool:
    """Its own text names the day from which it is paid, which says more than that it has taken effect."""
    if case.decision_sealed is None:
        return False
    return "starts_on" in office.vault.open_json(f"case.decision:{case.case_no}", case.decision_sealed)["facts"]


def _stopped(connection: Connection, case_no: str) -> bool:
    table = clock_stop
    open_ones = select(table.c.n).where(
        table.c.case_no == case_no, table.c.ended_at.is_(None), table.c.reason != StopReason.RESIDENT.value
    )
    return connection.execute(open_ones.limit(1)).one_or_none() is not None
