"""What the payment side may answer; anything else is worth as much as silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backoffice.domain.payment import Debit, Order, OrderState

_MAX_DEBITS = 64
_MAX_LINES = 100_000
_MAX_FEN = 10**12
_TXN = re.compile(r"[A-Za-z0-9-]{1,40}", re.ASCII)
_SLIP = re.compile(r"(?:\d{20})?", re.ASCII)
_REFERENCE = re.compile(r"[0-9A-Za-z-]{1,40}", re.ASCII)


class BadPaymentAnswer(ValueError):
    """The message names the field, never its value."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    txn: str
    reference: str
    kind: str
    """debit or reversal."""
    amount_fen: int
    at: str


def read_order(data: object, reference: str) -> Order:
    """:raises BadPaymentAnswer: another form, or about another order."""
    fields = _object(data, ("reference", "state", "debits", "slip_code"))
    if fields["reference"] != reference:
        raise BadPaymentAnswer("reference")
    try:
        state = OrderState(_text(fields, "state", re.compile(r"[a-z]{1,16}", re.ASCII)))
    except ValueError:
        raise BadPaymentAnswer("state") from None
    rows = fields["debits"]
    if not isinstance(rows, list) or len(rows) > _MAX_DEBITS:
        raise BadPaymentAnswer("debits")
    debits = tuple(_debit(row) for row in rows)
    if len({debit.txn for debit in debits}) != len(debits):
        raise BadPaymentAnswer("txn")
    standing = any(not debit.reversed for debit in debits)
    if standing != (state in (OrderState.DEBITED, OrderState.BOOKED)):
        raise BadPaymentAnswer("state and debits do not fit")
    return Order(reference, state, debits, _text(fields, "slip_code", _SLIP))


def read_statement(data: object, day: str) -> tuple[StatementLine, ...]:
    """:raises BadPaymentAnswer: another form, or of another day."""
    fields = _object(data, ("day", "lines"))
    rows = fields["lines"]
    if fields["day"] != day or not isinstance(rows, list) or len(rows) > _MAX_LINES:
        raise BadPaymentAnswer("day or lines")
    return tuple(_line(row) for row in rows)


def _debit(row: object) -> Debit:
    fields = _object(row, ("txn", "amount_fen", "at", "reversed"))
    if not isinstance(fields["reversed"], bool):
        raise BadPaymentAnswer("reversed")
    return Debit(_text(fields, "txn", _TXN), _fen(fields), _moment(fields), fields["reversed"])


def _line(row: object) -> StatementLine:
    fields = _object(row, ("txn", "reference", "kind", "amount_fen", "at"))
    if fields["kind"] not in ("debit", "reversal"):
        raise BadPaymentAnswer("kind")
    return StatementLine(
        _text(fields, "txn", _TXN),
        _text(fields, "reference", _REFERENCE),
        str(fields["kind"]),
        _fen(fields),
        _moment(fields),
    )


def _object(data: object, names: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(data, dict) or set(data) != set(names):
        raise BadPaymentAnswer("fields: " + ", ".join(names))
    return data


def _text(fields: dict[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = fields[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadPaymentAnswer(name)
    return value


def _fen(fields: dict[str, object]) -> int:
    value = fields["amount_fen"]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MAX_FEN:
        raise BadPaymentAnswer("amount_fen")
    return value


def _moment(fields: dict[str, object]) -> str:
    value = fields["at"]
    try:
        if not isinstance(value, str) or len(value) > 40 or datetime.fromisoformat(value).tzinfo is None:
            raise BadPaymentAnswer("at")
    except ValueError:
        raise BadPaymentAnswer("at") from None
    return value
