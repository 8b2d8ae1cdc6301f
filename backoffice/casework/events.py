"""A case's row, its answer to its own terminal, and its next event with all that the new state brings with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from backoffice.calls.once import Answer
from backoffice.casework.following import entered
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState, Role
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store import audit
from backoffice.store.prepared import adding
from backoffice.store.tables import tables

_EVENT = ("case_no", "n", "at", "role", "actor", "event", "from_state", "to_state")
_ADD_EVENT = adding(tables.case_event, *_EVENT)
_ADD_OUTBOX = adding(tables.outbox, "topic", "case_no", "body", "created_at")


def case_row(connection: Connection, case_no: str, *, lock: bool = False) -> Row[Any] | None:
    """:param lock: hold the row to the end of the transaction, for whoever moves the case."""
    query = select(tables.service_case).where(tables.service_case.c.case_no == case_no)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def answer_of(office: Office, connection: Connection, case_no: str) -> Answer:
    """A case as its own terminal is told it. :raises Problem: case_unknown."""
    row = case_row(connection, case_no)
    if row is None:
        raise Problem("case_unknown")
    access = office.vault.open_json(f"case.access:{case_no}", row.access_sealed)
    decision = None
    if row.decision_sealed is not None:
        decision = office.vault.open_json(f"case.decision:{case_no}", row.decision_sealed)
    return answer_with(case_no, row.accepted_at, access, decision)


def answer_with(case_no: str, accepted_at: str, access: Mapping[str, str], decision: Answer | None) -> Answer:
    return {
        "case_no": case_no,
        "state": "accepted" if decision is None else "decided",
        "accepted_at": accepted_at,
        "query_code": access["query_code"],
        "visit_token": access["visit_token"],
        "decision": decision,
    }


def append_event(
    office: Office,
    connection: Connection,
    *,
    case_no: str,
    town: str,
    role: Role,
    actor: str,
    event: str,
    states: tuple[CaseState | None, CaseState],
    details: Mapping[str, str],
    first: bool = False,
    heads: audit.Heads | None = None,
) -> None:
    """Event, audit link, outbox row, and what the new state brings with it; `details` carry no personal data.

    The case's row says the new state already.

    :param first: the case was made in this transaction; otherwise the caller holds its row.
    :param heads: of chains that this transaction holds already; they move on.
    """
    now, before, after = iso(office.clock.now()), states[0], states[1]
    _ADD_EVENT.run(
        connection,
        {
            "case_no": case_no,
            "n": 1 if first else _events(connection, case_no) + 1,
            "at": now,
            "role": role.value,
            "actor": actor,
            "event": event,
            "from_state": before.value if before else None,
            "to_state": after.value,
        },
    )
    entry = {"at": now, "case_no": case_no, "event": event, "role": role.value, "actor": actor, **details}
    audit.append(connection, office.digest, town, entry, heads)
    body = json.dumps({"state": after.value, **details}, sort_keys=True)
    row = {"topic": f"case.{event}", "case_no": case_no, "body": body, "created_at": now}
    _ADD_OUTBOX.run(connection, row)
    if before is not after:
        entered(office, connection, case_no, (before, after), event, actor)


def _events(connection: Connection, case_no: str) -> int:
    count = select(func.count()).select_from(tables.case_event).where(tables.case_event.c.case_no == case_no)
    return int(connection.execute(count).scalar_one())
