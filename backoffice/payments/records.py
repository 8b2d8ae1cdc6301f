"""Rows of payments: moving one along its table, and what becomes of its bill and its case with that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from backoffice.casework.closing import complete
from backoffice.casework.events import append_event, case_row
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState, Outcome, Role
from backoffice.domain.decide import Decision
from backoffice.domain.payment import FINAL, PayMove, PayState, Way, after
from backoffice.domain.text import Arg, Line
from backoffice.office import Office
from backoffice.store.tables import payments as rows

OPEN, LOCKED, PAID, REPLACED = "open", "locked", "paid", "replaced"
"""States of a bill."""


def payment_row(connection: Connection, reference: str, *, lock: bool = False) -> Row[Any]:
    """:raises NoResultFound: no such payment."""
    query = select(rows.payment).where(rows.payment.c.reference == reference)
    return connection.execute(query.with_for_update() if lock else query).one()


def attempts_of(connection: Connection, case_no: str) -> Sequence[Row[Any]]:
    """All payments of a case, oldest first."""
    table = rows.payment
    return connection.execute(select(table).where(table.c.case_no == case_no).order_by(table.c.n)).all()


def bill_row(connection: Connection, bill_no: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(rows.bill).where(rows.bill.c.bill_no == bill_no)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def advance(
    office: Office,
    connection: Connection,
    reference: str,
    moves: Sequence[PayMove],
    seen: PayState,
    *,
    slip_code: str = "",
    paid_at: str | None = None,
) -> PayState:
    """Take these moves if the payment is still as it was when they were judged; its state then.

    Bill, debts and case follow in the same transaction. Who comes second changes nothing.

    :param paid_at: when the money was taken, as far as the payment side said; otherwise it is now.
    """
    row = payment_row(connection, reference, lock=True)
    state = PayState(row.state)
    if state is not seen or (not moves and slip_code in ("", row.slip_code)):
        return state
    now = iso(office.clock.now())
    count = select(func.count()).select_from(rows.payment_event).where(rows.payment_event.c.reference == reference)
    n = int(connection.execute(count).scalar_one())
    values: dict[str, Any] = {"slip_code": slip_code or row.slip_code}
    for step, move in enumerate(moves, start=n + 1):
        before, state = state, after(state, move)
        connection.execute(
            insert(rows.payment_event).values(
                reference=reference, n=step, at=now, move=move.value, from_state=before.value, to_state=state.value
            )
        )
        if state is PayState.PAID:
            values["paid_at"] = paid_at or now
    values |= {"state": state.value, "ended_at": now if state in FINAL else None}
    connection.execute(update(rows.payment).where(rows.payment.c.reference == reference).values(**values))
    if moves:
        _follow(office, connection, row, seen, state)
    return state


def _follow(office: Office, connection: Connection, row: Row[Any], before: PayState, state: PayState) -> None:
    if state is PayState.BOOKED:
        _booked(office, connection, row)
        return
    if state in FINAL:
        unlock(connection, row)
    tell(office, connection, row, f"payment_{state.value}", before)


def unlock(connection: Connection, row: Row[Any]) -> None:
    """The debts are free to be paid again."""
    connection.execute(delete(rows.due_claim).where(rows.due_claim.c.reference == row.reference))
    connection.execute(update(rows.bill).where(rows.bill.c.bill_no == row.bill_no).values(state=OPEN))


def tell(office: Office, connection: Connection, row: Row[Any], event: str, before: PayState) -> None:
    """An event of the case, with audit link and outbox row; the case stays as it is."""
    case = case_row(connection, row.case_no, lock=True)
    assert case is not None
    state = CaseState(case.state)
    append_event(
        office,
        connection,
        case_no=row.case_no,
        town=case.town,
        role=Role.RULE_ENGINE,
        actor=f"payment:{row.n}",
        event=event,
        states=(state, state),
        details={"bill": row.bill_no, "reference": row.reference, "before": before.value},
    )


def _booked(office: Office, connection: Connection, row: Row[Any]) -> None:
    now = iso(office.clock.now())
    receipt = receipt_no(row.reference)
    connection.execute(delete(rows.due_claim).where(rows.due_claim.c.reference == row.reference))
    connection.execute(
        update(rows.bill).where(rows.bill.c.bill_no == row.bill_no).values(state=PAID, paid_at=now, receipt_no=receipt)
    )
    decision = Decision(
        Outcome.DONE,
        (),
        Line("pay.booked", {"receipt": Arg("text", receipt)}),
        {
            "receipt_no": receipt,
            "paid_fen": str(row.amount_fen),
            "paid_on": now[:10],
            "bill_no": row.bill_no,
            "way": row.way,
        },
    )
    finish(office, connection, row, "payment_booked", decision)


def finish(office: Office, connection: Connection, row: Row[Any], event: str, decision: Decision) -> None:
    """End the case, unless staff have taken it over or it has ended: then the event alone is written."""
    case = case_row(connection, row.case_no, lock=True)
    assert case is not None
    if case.state not in (CaseState.ACCEPTED, CaseState.WAITING):
        tell(office, connection, row, event, PayState(row.state))
        return
    details = {"bill": row.bill_no, "reference": row.reference}
    complete(office, connection, row.case_no, event=event, details=details, decision=decision)


def receipt_no(reference: str) -> str:
    """The receipt's number is the payment's, so it can be found again from either side."""
    return f"R{reference}"


def is_expired(row: Row[Any], now: datetime) -> bool:
    """A slip past its last day."""
    return bool(row.way == Way.SLIP.value and now.date().isoformat() > row.expires_on)
