"""The life of a payment: one table of transitions, and what an answer of the payment side means for it.

Nothing is ever tried again as a new payment while it is not known what became of the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    SLIP = "slip"
    """A printed slip (缴款书) with a code, for any bank counter or a helper."""
    CODE = "code"
    """A helper's payment code (付款码), scanned at the terminal."""
    AUTHORITY = "authority"
    """Taken from the social card's account, on a written authority."""


class PayState(StrEnum):
    CREATED = "created"
    """Written down here; nothing has left the house yet."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """Frozen: it may or may not have been taken."""
    PAID = "paid"
    """Money was taken; whom it is for has not entered it yet."""
    REVERSING = "reversing"
    """To be given back; from here it can no longer be booked."""
    BOOKED = "booked"
    REFUSED = "refused"
    """No money was taken, and none can be taken any more."""
    REVERSED = "reversed"


FINAL = frozenset((PayState.BOOKED, PayState.REFUSED, PayState.REVERSED))


class PayMove(StrEnum):
    SEND = "send"
    LOSE = "lose"
    CONFIRM = "confirm"
    BOOK = "book"
    TURN_BACK = "turn_back"
    REVERSE = "reverse"
    REFUSE = "refuse"


class NoSuchMove(Exception):
    """The table has no such row."""


TABLE: dict[tuple[PayState, PayMove], PayState] = {
    (PayState.CREATED, PayMove.SEND): PayState.SENT,
    (PayState.CREATED, PayMove.LOSE): PayState.UNKNOWN,
    (PayState.SENT, PayMove.LOSE): PayState.UNKNOWN,
    (PayState.SENT, PayMove.CONFIRM): PayState.PAID,
    (PayState.SENT, PayMove.REFUSE): PayState.REFUSED,
    (PayState.UNKNOWN, PayMove.SEND): PayState.SENT,
    (PayState.UNKNOWN, PayMove.CONFIRM): PayState.PAID,
    (PayState.UNKNOWN, PayMove.REFUSE): PayState.REFUSED,
    (PayState.PAID, PayMove.BOOK): PayState.BOOKED,
    (PayState.PAID, PayMove.TURN_BACK): PayState.REVERSING,
    (PayState.PAID, PayMove.REVERSE): PayState.REVERSED,
    (PayState.REVERSING, PayMove.REVERSE): PayState.REVERSED,
}


def after(state: PayState, move: PayMove) -> PayState:
    """:raises NoSuchMove: there is no such row."""
    try:
        return TABLE[state, move]
    except KeyError:
        raise NoSuchMove(f"{move} is no move of a payment that is {state}") from None


class OrderState(StrEnum):
    """What the payment side says about one of our references."""

    NONE = "none"
    WAITING = "waiting"
    REFUSED = "refused"
    VOIDED = "voided"
    """It promises never to take money for this reference."""
    DEBITED = "debited"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class Debit:
    txn: str
    amount_fen: int
    at: str
    """ISO 8601 with offset, by the payment side's clock."""
    reversed: bool


@dataclass(frozen=True, slots=True)
class Order:
    reference: str
    state: OrderState
    debits: tuple[Debit, ...] = ()
    slip_code: str = ""

    @property
    def standing(self) -> tuple[Debit, ...]:
        """What has been taken and not given back."""
        return tuple(debit for debit in self.debits if not debit.reversed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, in this order: the moves, then giving back, or asking that the reference be closed."""

    moves: tuple[PayMove, ...] = ()
    reverse: tuple[str, ...] = ()
    """Transactions to be given back whole."""
    void: bool = False
    difference: str = ""
    """For a human: our ledger and theirs cannot both be right."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What is known here when an answer is judged."""

    state: PayState
    amount_fen: int
    way: Way
    overdue: bool = False
    """Paid for a day and still not entered."""
    expired: bool = False
    """A slip past its last day."""


def judge(payment: Payment, order: Order) -> Verdict:
    """What the payment side's word means. Every standing debit ends as exactly one booked payment or is given back."""
    if payment.state in (PayState.REFUSED, PayState.REVERSED):
        return Verdict(reverse=_txns(order.standing))
    if payment.state is PayState.REVERSING:
        done = not order.standing
        return Verdict((PayMove.REVERSE,) if done else (), _txns(order.standing))
    if payment.state is PayState.BOOKED:
        return _of_booked(payment, order)
    return _taken(payment, order) if order.standing else _not_taken(payment, order)


def _txns(debits: tuple[Debit, ...]) -> tuple[str, ...]:
    return tuple(debit.txn for debit in debits)


def _fitting(payment: Payment, order: Order) -> Debit | None:
    return next((debit for debit in order.standing if debit.amount_fen == payment.amount_fen), None)


def _of_booked(payment: Payment, order: Order) -> Verdict:
    kept = _fitting(payment, order)
    if kept is None:
        return Verdict(difference="booked_without_money")
    return Verdict(reverse=_txns(tuple(debit for debit in order.standing if debit is not kept)))


def _taken(payment: Payment, order: Order) -> Verdict:
    kept = _fitting(payment, order)
    if kept is not None and (order.state is OrderState.BOOKED or not payment.overdue):
        entered = (PayMove.BOOK,) if order.state is OrderState.BOOKED else ()
        spare = tuple(debit for debit in order.standing if debit is not kept)
        return Verdict((*_to_paid(payment.state), *entered), _txns(spare))
    return Verdict((*_to_paid(payment.state), PayMove.TURN_BACK), _txns(order.standing))


def _not_taken(payment: Payment, order: Order) -> Verdict:
    if order.debits:
        return Verdict((*_to_paid(payment.state), PayMove.REVERSE))
    if payment.state is PayState.PAID:
        return Verdict(difference="paid_without_money")
    if order.state in (OrderState.REFUSED, OrderState.VOIDED):
        return Verdict((*_to_sent(payment.state), PayMove.REFUSE))
    if order.state is OrderState.WAITING and payment.way is Way.SLIP and not payment.expired:
        return Verdict((PayMove.SEND,) if payment.state is not PayState.SENT else ())
    return Verdict(void=True)


def _to_sent(state: PayState) -> tuple[PayMove, ...]:
    """To where it can be refused or confirmed."""
    return (PayMove.LOSE,) if state is PayState.CREATED else ()


def _to_paid(state: PayState) -> tuple[PayMove, ...]:
    return () if state is PayState.PAID else (*_to_sent(state), PayMove.CONFIRM)
