"""Papers that stop being so when their case moves on: the same transaction withdraws them, and their code says so."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState
from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.tables.papers import document

REOPENED, REPLACED, TAKEN_BACK = "reopened", "replaced", "taken_back"
_NOTICES = ("supplement", "advice")


def ceased(before: CaseState | None, after: CaseState, event: str) -> tuple[str, tuple[str, ...]] | None:
    """Why, and the templates of the papers that no longer say how the case stands; None where all still do.

    The receipt stays in every case: what it says has happened.
    """
    if event == REOPENED:
        return REOPENED, ("decision", "review")
    if after is CaseState.NOTICED and before is not CaseState.ACCEPTED:
        return REPLACED, _NOTICES
    if after is CaseState.WITHDRAWN:
        return TAKEN_BACK, ("acceptance", "review", *_NOTICES)
    return None


def cease(
    office: Office, connection: Connection, case_no: str, town: str, why: str, templates: tuple[str, ...], actor: str
) -> int:
    """From now on the codes of these papers say: withdrawn, with the moment. How many there were.

    The caller holds the case's row, and whoever makes a paper of it takes the same row first.

    :param why: a code, no personal data.
    """
    table = document.c
    still = (table.case_no == case_no) & table.template.in_(templates) & table.withdrawn_at.is_(None)
    found = connection.execute(select(table.document_id).where(still).order_by(table.document_id)).scalars().all()
    if not found:
        return 0
    now = iso(office.clock.now())
    values = {"withdrawn_at": now, "withdrawn_for": why}
    connection.execute(update(document).where(table.document_id.in_(found)).values(values))
    entry = {"at": now, "case_no": case_no, "event": "documents_withdrawn", "actor": actor}
    audit.append(connection, office.digest, town, {**entry, "why": why, "documents": str(len(found))})
    return len(found)
