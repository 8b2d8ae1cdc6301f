"""对账: our payments of a day against the payment side's statement of it.

The statement draws attention; money moves only on what the payment side says about the single order. A statement line
that its own order does not bear out is listed for a human and acted on by nobody.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, insert, select

from backoffice.clock import iso
from backoffice.domain.cases.case import Outcome
from backoffice.domain.decide import Decision
from backoffice.domain.payment import Order, PayState
from backoffice.domain.text import Line
from backoffice.gateways.payment_answers import StatementLine
from backoffice.gateways.payments import PaymentGateway, Unclear
from backoffice.office import Office
from backoffice.payments.records import attempts_of, finish, payment_row
from backoffice.payments.settling import act, open_payments, settle
from backoffice.store import audit
from backoffice.store.tables import payments as rows
from backoffice.store.tables import tables

OF_STATEMENT = frozenset(("missing_in_statement", "not_borne_out"))
"""Kinds that only the statement brings up, about a payment of ours."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: unknown_reference, missing_in_statement, not_borne_out, duplicate, wrong_amount, …"""

    kind: str
    reference: str
    txn: str = ""

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "reference": self.reference, "txn": self.txn}


@dataclass(slots=True)
class Report:
    day: str
    matched: int = 0
    settled: int = 0
    unclear: int = 0
    statement: bool = True
    """False: there was no statement that can be believed."""
    differences: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "matched": self.matched,
            "settled": self.settled,
            "unclear": self.unclear,
            "statement": self.statement,
            "differences": [difference.to_json() for difference in self.differences],
        }


def reconcile(office: Office, gateway: PaymentGateway, day: date) -> Report:
    """Settle what is open, match the day, end what came to nothing, write it down. Safe to repeat."""
    report = Report(day.isoformat())
    for reference in open_payments(office):
        _settle(office, gateway, reference, report)
    try:
        lines = gateway.statement(day)
    except Unclear:
        report.statement = False
        lines = ()
    else:
        _match(office, gateway, lines, report)
    if day < office.clock.now().date():
        _end_unpaid(office, report.day)
    _write(office, report)
    return report


def _settle(office: Office, gateway: PaymentGateway, reference: str, report: Report) -> None:
    done = settle(office, gateway, reference)
    report.settled += done.clear
    report.unclear += not done.clear
    report.differences += [Difference(kind, reference) for kind in done.differences]


def _match(office: Office, gateway: PaymentGateway, lines: tuple[StatementLine, ...], report: Report) -> None:
    ours = _of_day(office, report.day)
    by_reference: dict[str, list[StatementLine]] = {}
    for line in lines:
        by_reference.setdefault(line.reference, []).append(line)
    for reference, told in by_reference.items():
        amount = ours.pop(reference, None)
        if amount is not None and [(line.kind, line.amount_fen) for line in told] == [("debit", amount)]:
            report.matched += 1
        else:
            _look_closer(office, gateway, reference, told, report)
    for reference in ours:
        report.differences.append(Difference("missing_in_statement", reference))
        _settle(office, gateway, reference, report)


def _look_closer(
    office: Office, gateway: PaymentGateway, reference: str, told: list[StatementLine], report: Report
) -> None:
    """Lines that are not simply one booked payment of ours: what does the order itself say?"""
    if not _is_ours(office, reference):
        report.differences += [Difference("unknown_reference", reference, line.txn) for line in told]
        return
    try:
        order = gateway.order(reference)
        done = act(office, gateway, reference, order)
    except Unclear:
        report.unclear += 1
        return
    report.settled += done.clear
    report.differences += [Difference(kind, reference) for kind in done.differences]
    report.differences += [
        Difference("not_borne_out", reference, line.txn) for line in told if not _borne_out(line, order)
    ]


def _borne_out(line: StatementLine, order: Order) -> bool:
    """The order knows this transaction, with this amount."""
    return any(
        debit.txn == line.txn and debit.amount_fen == line.amount_fen and (line.kind == "debit" or debit.reversed)
        for debit in order.debits
    )


def _of_day(office: Office, day: str) -> dict[str, int]:
    """Reference -> amount of what we hold for booked and was paid on that day."""
    table = rows.payment
    where = (table.c.state == PayState.BOOKED.value) & (table.c.paid_at.startswith(day))
    with office.database.read() as connection:
        return {row.reference: row.amount_fen for row in connection.execute(select(table).where(where))}


def _is_ours(office: Office, reference: str) -> bool:
    with office.database.read() as connection:
        query = select(rows.payment.c.reference).where(rows.payment.c.reference == reference)
        return connection.execute(query).one_or_none() is not None


def _end_unpaid(office: Office, day: str) -> None:
    """Visits of that day and before whose last attempt ended without money: the bill stays open, the case does not."""
    table, case = rows.payment, tables.service_case
    query = (
        select(case.c.case_no)
        .join(table, table.c.case_no == case.c.case_no)
        .where(case.c.state == "waiting", case.c.accepted_at < f"{day}T99")
        .distinct()
    )
    with office.database.read() as connection:
        waiting = list(connection.execute(query).scalars())

    for case_no in waiting:
        office.database.transact(partial(_end, office, case_no))


def _end(office: Office, case_no: str, connection: Connection) -> None:
    last = attempts_of(connection, case_no)[-1]
    row = payment_row(connection, last.reference, lock=True)
    if row.state in (PayState.REFUSED.value, PayState.REVERSED.value):
        decision = Decision(Outcome.DONE, (), Line(f"pay.{row.state}"), {"paid_fen": "0"})
        finish(office, connection, row, "payment_ended", decision)


def _write(office: Office, report: Report) -> None:
    """The run, and an audit link in every town whose payment differs."""

    def work(connection: Connection) -> None:
        table = rows.reconciliation
        last = connection.execute(select(func.max(table.c.run)).where(table.c.day == report.day)).scalar_one()
        differences = [difference.to_json() for difference in report.differences]
        now = iso(office.clock.now())
        connection.execute(
            insert(table).values(
                day=report.day,
                run=(last or 0) + 1,
                at=now,
                matched=report.matched,
                settled=report.settled,
                unclear=report.unclear,
                differences=json.dumps(differences),
            )
        )
        # What settling found is in the chain already.
        of_statement = [found for found in report.differences if found.kind in OF_STATEMENT]
        of_towns = [(_town(connection, difference.reference), difference) for difference in of_statement]
        # By town: two runs at once take the heads in one order.
        for town, difference in sorted(of_towns, key=lambda pair: pair[0] or ""):
            if town is not None:
                entry = {"at": now, "event": "payment_difference", "actor": "reconciliation", **difference.to_json()}
                audit.append(connection, office.digest, town, entry)

    office.database.transact(work)


def _town(connection: Connection, reference: str) -> str | None:
    case, payment = tables.service_case, rows.payment
    query = (
        select(case.c.town).join(payment, payment.c.case_no == case.c.case_no).where(payment.c.reference == reference)
    )
    return connection.execute(query).scalar_one_or_none()
