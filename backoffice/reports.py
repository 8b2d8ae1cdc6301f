"""Lists for operators: numbers, states and times; never a name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from backoffice.office import Office
from backoffice.store import tables


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
            "known_by": office.vault.open_json(f"case.applicant:{row.case_no}", row.applicant_sealed)["source"],
            "by_agent": bool(office.vault.open_json(f"case.form:{row.case_no}", row.form_sealed).get("agent")),
            "ratings": _ratings(ratings.get(row.case_no)),
        }
        for row in rows
    ]


def _ratings(row: Any) -> list[dict[str, Any]]:
    if row is None:
        return []
    return [{"satisfaction": row.satisfaction, "labels": json.loads(row.labels), "rated_at": row.rated_at}]
