"""What staff and operators did, in the audit chain of their town; the district has a chain of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from backoffice.clock import iso
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.tables import tables

PAGE = 100


def note(office: Office, connection: Connection, town: str | None, event: str, by: str, **details: str) -> None:
    """One link in the caller's transaction. `details` name accounts, terminals and roles; never a resident."""
    entry = {"at": iso(office.clock.now()), "event": event, "actor": by, **details}
    audit.append(connection, office.digest, town or audit.DISTRICT, entry)


def audit_page(office: Office, town: str, after: int) -> dict[str, Any]:
    """The links of a chain that follow number `after`, at most PAGE. :raises Problem: town_unknown."""
    if town != audit.DISTRICT and town not in office.tables.towns:
        raise Problem("town_unknown")
    link = tables.audit.c
    query = select(link.n, link.entry, link.previous, link.hash).where((link.town == town) & (link.n > after))
    with office.database.read() as connection:
        rows = connection.execute(query.order_by(link.n).limit(PAGE + 1)).all()
    more = rows[PAGE - 1].n if len(rows) > PAGE else None
    return {"town": town, "links": [dict(row._mapping) for row in rows[:PAGE]], "next_after": more}
