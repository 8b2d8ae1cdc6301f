"""Another copy of a document for whoever holds the slip: number and query code, at any terminal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from backoffice.calls.once import Answer, Call, answered, once
from backoffice.documents import making
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.inquiry import slip_case
from backoffice.store.tables.papers import document

ROUTE = "documents.reprints"


def reprint(office: Office, guard: CodeGuard, call: Call, number: str, code: str) -> Answer:
    """:param number: all 22 digits or the 16 of the slip.

    :raises Problem: progress_unknown, too_many_attempts, document_unknown, document_withdrawn, idempotency_mismatch.
    """
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
    if known is not None:
        return known
    case = slip_case(office, guard, number, code)
    row = _newest(office, case.case_no)
    copy, digest = making.another_copy(office, row)

    def work(connection: Connection) -> Answer:
        making.enter_another(office, connection, row, call.device, digest)
        return making.told(row.document_id, row.code, copy, digest)

    return once(office, call, ROUTE, 201, work)


def _newest(office: Office, case_no: str) -> Row[Any]:
    query = select(document).where(document.c.case_no == case_no).order_by(document.c.made_at.desc()).limit(1)
    with office.database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise Problem("document_unknown")
    if row.withdrawn_at is not None:
        raise Problem("document_withdrawn")
    return row
