"""Finding out what became of a payment, and acting on it: booked once, or given back.

Looking is safe to repeat and safe to do twice at once: what is judged is written only if nothing moved meanwhile, and
each deed at the payment side happens once however often it is asked for.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select
from sqlalchemy.engine import RowMapping

from backoffice.casework.events import case_row
from backoffice.clock import iso
from backoffice.domain.payment import FINAL, TABLE, Order, Payment, PayMove, PayState, Verdict, Way, judge
from backoffice.gateways.payments import PaymentGateway, Unclear
from backoffice.office import Office
from backoffice.payments.records import advance, is_expired, payment_row
from backoffice.store import audit
from backoffice.store.tables import payments as rows

_log = logging.getLogger(__name__)

BOOK_WITHIN = timedelta(hours=24)
"""What was taken and is not entered by then goes back by itself (XA004)."""
_MAX_STEPS = 8
RESTLESS = "restless"


@dataclass(frozen=True, slots=True)
class Settled:
    state: PayState
    clear: bool
    """False: the payment side gave no answer that can be believed."""
    differences: tuple[str, ...] = ()


def open_payments(office: Office, at_least: timedelta = timedelta(0)) -> list[str]:
    """References whose end is not known, oldest first.

    :param at_least: only those begun so long ago: what is just being sent is not to be closed under the sender's hands.
    """
    table, before = rows.payment, iso(office.clock.now() - at_least)
    ended = [state.value for state in FINAL]
    query = select(table.c.reference).where(table.c.state.not_in(ended), table.c.created_at <= before)
    query = query.order_by(table.c.created_at, table.c.reference)
    with office.database.read() as connection:
        return list(connection.execute(query).scalars())


def settle(office: Office, gateway: PaymentGateway, reference: str) -> Settled:
    """Ask the payment side and act until nothing is left to do."""
    try:
        return act(office, gateway, reference, gateway.order(reference))
    except Unclear as cause:
        return _lost(office, reference, cause)


def act(office: Office, gateway: PaymentGateway, reference: str, order: Order) -> Settled:
    """Act on the payment side's word about this reference. :raises Unclear: on the way it stopped answering."""
    differences: dict[str, None] = {}
    for _ in range(_MAX_STEPS):
        state, verdict = _take_moves(office, reference, order)
        if verdict.difference:
            differences[verdict.difference] = None
        if len(order.standing) > 1:
            differences["duplicate"] = None
        elif verdict.reverse and order.standing[0].amount_fen != _amount(office, reference):
            differences["wrong_amount"] = None
        if verdict.void:
            order = gateway.void(reference)
        elif verdict.reverse:
            for txn in verdict.reverse:
                order = gateway.reverse(reference, txn)
        else:
            _note(office, reference, tuple(differences))
            return Settled(state, True, tuple(differences))
    _log.error("payment %s does not come to rest", reference)
    _note(office, reference, (*differences, RESTLESS))
    return Settled(state, False, (*differences, RESTLESS))


def _note(office: Office, reference: str, differences: tuple[str, ...]) -> None:
    """An audit link for each, in the chain of the case's town: also what was put right at once is found again."""

    def work(connection: Connection) -> None:
        row = payment_row(connection, reference)
        case = case_row(connection, row.case_no)
        assert case is not None
        entry = {"at": iso(office.clock.now()), "event": "payment_difference", "actor": "payments"}
        for kind in differences:
            audit.append(connection, office.digest, case.town, {**entry, "kind": kind, "reference": reference})

    if differences:
        office.database.transact(work)


def lost(office: Office, reference: str) -> PayState:
    """Sent, and no answer: frozen until reconciliation knows."""

    def work(connection: Connection) -> PayState:
        state = PayState(payment_row(connection, reference, lock=True).state)
        if (state, PayMove.LOSE) not in TABLE:
            return state
        return advance(office, connection, reference, (PayMove.LOSE,), state)

    return office.database.transact(work)


def _lost(office: Office, reference: str, cause: Unclear) -> Settled:
    _log.warning("payment %s: no word: %s", reference, cause)
    with office.database.read() as connection:
        row = payment_row(connection, reference)
    # A slip that waits at the bank is not in doubt because one question about it was lost.
    if row.way == Way.SLIP.value and row.state == PayState.SENT.value:
        return Settled(PayState.SENT, False)
    return Settled(lost(office, reference), False)


def _take_moves(office: Office, reference: str, order: Order) -> tuple[PayState, Verdict]:
    """Judge what stands in the table now and write the moves, under the payment's lock."""

    def work(connection: Connection) -> tuple[PayState, Verdict]:
        row = payment_row(connection, reference, lock=True)
        verdict = judge(_known(row, order, office.clock.now()), order)
        state = advance(
            office,
            connection,
            reference,
            verdict.moves,
            PayState(row.state),
            slip_code=order.slip_code,
            paid_at=_taken_at(order, office.clock.now()),
        )
        return state, verdict

    return office.database.transact(work)


def _known(row: Row[tuple[object, ...]], order: Order, now: datetime) -> Payment:
    values: RowMapping = row._mapping
    taken_at = values["paid_at"] or _taken_at(order, now)
    overdue = taken_at is not None and now - datetime.fromisoformat(taken_at) >= BOOK_WITHIN
    return Payment(PayState(values["state"]), values["amount_fen"], Way(values["way"]), overdue, is_expired(row, now))


def _taken_at(order: Order, now: datetime) -> str | None:
    """When the first standing debit was made; never later than now, whatever the other clock says."""
    if not order.standing:
        return None
    return iso(min(now, *(datetime.fromisoformat(debit.at).astimezone(now.tzinfo) for debit in order.standing)))


def _amount(office: Office, reference: str) -> int:
    with office.database.read() as connection:
        return int(payment_row(connection, reference).amount_fen)
