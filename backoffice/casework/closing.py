"""Cases that the machine itself brings to their end: nothing was to be decided, or another system had the last word."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, update

from backoffice.casework.events import append_event, case_row
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState, Move, Outcome, Role, move
from backoffice.domain.decide import Decision
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables


def complete(
    office: Office, connection: Connection, case_no: str, *, event: str, details: Mapping[str, str], decision: Decision
) -> None:
    """What was asked for has been given. `details` go into audit and outbox: no personal data.

    :raises Problem: case_unknown. :raises NotAllowed: the case is not one that the machine may end.
    """
    if decision.outcome is not Outcome.DONE:
        raise ValueError(f"{decision.outcome} is decided, not given")
    _move(office, connection, case_no, Move.COMPLETE, event, details, decision)


def wait(office: Office, connection: Connection, case_no: str, *, event: str, details: Mapping[str, str]) -> None:
    """Another system has the next word. :raises Problem: case_unknown. :raises NotAllowed:"""
    _move(office, connection, case_no, Move.WAIT, event, details, None)


def _move(
    office: Office,
    connection: Connection,
    case_no: str,
    wanted: Move,
    event: str,
    details: Mapping[str, str],
    decision: Decision | None,
) -> None:
    row = case_row(connection, case_no, lock=True)
    if row is None:
        raise Problem("case_unknown")
    before = CaseState(row.state)
    after = move(before, wanted, Role.RULE_ENGINE)
    values: dict[str, object] = {"state": after.value, "row_version": row.row_version + 1}
    if decision is not None:
        sealed = office.vault.seal_json(f"case.decision:{case_no}", decision.to_json())
        values |= {
            "outcome": decision.outcome.value,
            "decided_at": iso(office.clock.now()),
            "decision_sealed": sealed,
        }
    table = tables.service_case
    connection.execute(update(table).where(table.c.case_no == case_no).values(**values))
    append_event(
        office,
        connection,
        case_no=case_no,
        town=row.town,
        role=Role.RULE_ENGINE,
        actor=f"item:{row.item_id}/{row.item_version}",
        event=event,
        states=(before, after),
        details=details,
    )
