"""Lists for operators: numbers, states and times; never a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.tables import tables


def list_cases(office: Office) -> list[dict[str, Any]]:
    """Every case with its rating, oldest first."""
    case, rating = tables.service_case, tables.rating
    query = select(case).order_by(case.c.accepted_at, case.c.case_no)
    with office.database.read() as connection:
        ratings = {row.case_no: row for row in connection.execute(select(rating))}
        rows = connection.execute(query).all()
    return [
        {
            "case_no": row.case_no,
            "item_id": row.item_id,
            "state": row.state,
            "outcome": row.outcome,
            "created_at": row.created_at,
            "accepted_at": row.accepted_at,
            "decided_at": row.decided_at,
            "device": row.device,
            **_known(office.vault.open_json(f"case.applicant:{row.case_no}", row.applicant_sealed)),
            "by_agent": bool(office.vault.open_json(f"case.form:{row.case_no}", row.form_sealed).get("agent")),
            "ratings": _ratings(ratings.get(row.case_no)),
        }
        for row in rows
    ]


def audit_told(office: Office) -> dict[str, Any]:
    """The audit chains: how many links, how many of them broken, and each event with the case it belongs to, a town's
    in their order."""
    link = tables.audit.c
    with office.database.read() as connection:
        count, broken = audit.verify(connection, office.chain_key)
        entries = [
            json.loads(text) for text in connection.execute(select(link.entry).order_by(link.town, link.n)).scalars()
        ]
    events = [{"event": entry["event"], "case_no": entry.get("case_no", "")} for entry in entries]
    return {"links": count, "broken": len(broken), "events": events}


def _known(applicant: Mapping[str, Any]) -> dict[str, str]:
    """How the number came in, and who vouched for the face, by staff number; empty: nobody did, or an older kiosk."""
    return {"known_by": applicant["source"], "vouched_by": applicant.get("vouched_by", "")}


def _ratings(row: Any) -> list[dict[str, Any]]:
    if row is None:
        return []
    return [{"satisfaction": row.satisfaction, "labels": json.loads(row.labels), "rated_at": row.rated_at}]
