"""A till for tests: the payment side's books in memory, registers that say what they are told, bills and payments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from backoffice.calls.once import Call
from backoffice.domain.facts.derive import Lookup, LookupState, key_of
from backoffice.domain.payment import Order, Way
from backoffice.domain.person import Applicant
from backoffice.gateways.lookups import Asked
from backoffice.gateways.payment_answers import StatementLine, read_order, read_statement
from backoffice.gateways.payments import OrderRequest, Unclear
from backoffice.intake.taking_in import Submission
from backoffice.office import Office
from backoffice.payments import bills, paying
from backoffice.simulators.payment_ledger import Ledger, Silent
from backoffice.store.tables import payments as rows

SITE = "350213007007"


@dataclass(slots=True)
class Books:
    """The payment gateway, straight into the books: what a time-out is over HTTP is `Silent` here."""

    ledger: Ledger
    deaf: bool = False
    """No answer to anything, while orders are carried out all the same."""

    def create(self, request: OrderRequest) -> Order:
        return self._order(request.reference, lambda: self.ledger.create(request.to_json()))

    def order(self, reference: str) -> Order:
        return self._order(reference, lambda: self.ledger.view(reference))

    def void(self, reference: str) -> Order:
        return self._order(reference, lambda: self.ledger.void(reference))

    def reverse(self, reference: str, txn: str) -> Order:
        return self._order(reference, lambda: self.ledger.reverse(reference, txn))

    def statement(self, day: date) -> tuple[StatementLine, ...]:
        if self.deaf:
            raise Unclear("deaf")
        return read_statement(self.ledger.statement(day.isoformat()), day.isoformat())

    def _order(self, reference: str, ask: Callable[[], dict[str, Any]]) -> Order:
        try:
            answer = ask()
        except Silent:
            raise Unclear("silent") from None
        if self.deaf:
            raise Unclear("deaf")
        return read_order(answer, reference)


@dataclass(slots=True)
class Told:
    """Registers: what each says, by its code; whoever is not told anything has no entry."""

    entries: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def ask(self, lookups: Sequence[str], name: str, number: str, *, retries: int | None = None) -> Asked:
        return Asked({code: self._lookup(code) for code in lookups}, ())

    def ask_all(self, questions: Sequence[Any], **options: Any) -> Asked:
        return Asked({key_of(q.about, q.lookup): self._lookup(q.lookup) for q in questions}, ())

    def _lookup(self, code: str) -> Lookup:
        state = LookupState.TIMEOUT if code in self.silent else LookupState.NOT_FOUND
        values = self.entries.get(code, {})
        if values and code not in self.silent:
            state = LookupState.ANSWERED
        return Lookup(code, state, values, "e", "2026-11-24T10:00:00+08:00")


@dataclass(slots=True)
class Till:
    """Bills and payments of one resident at terminal K1."""

    office: Office
    side: Books
    body: Callable[..., dict[str, Any]]
    told: Told = field(default_factory=Told)
    serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def outside(self) -> paying.Outside:
        return paying.Outside(self.told, self.side)

    def bill(self, meter: str, owed_fen: int = 1230, item_id: str = "XA101") -> dict[str, Any]:
        kinds = {"XA101": "water", "XA102": "power", "XA103": "gas"}
        self.told.entries["L30"] = {"kind": kinds[item_id], "owed_fen": owed_fen}
        person = self.body()["applicant"]
        request = bills.BillRequest(item_id, SITE, person["name"], person["number"], (meter,))
        key = f"bill-{next(self.serial)}"
        return bills.make(self.office, self.told, Call("K1", key, "body"), request)

    def submission(self, item_id: str = "XA101") -> Submission:
        body = self.sent(item_id)
        return Submission(
            **{
                **body,
                "applicant": Applicant(**body["applicant"]),
                "consents": tuple(tuple(one.values()) for one in body["consents"]),
            }
        )

    def sent(self, item_id: str = "XA101") -> dict[str, Any]:
        """The body of a case about a meter: everything travels beside the form."""
        item = self.office.release.items[item_id]
        changes = {"item_id": item_id, "item_version": item.version, "form": {}}
        return self.body("a_kim", next(self.serial), **changes)

    def pay(self, bill: Mapping[str, Any], way: Way = Way.CODE, submission: Submission | None = None) -> dict[str, Any]:
        sent = submission or self.submission()
        means = paying.Means(way, "134567890123456789" if way is Way.CODE else "")
        return paying.pay(self.office, self.outside, Call("K1", sent.case_no, "body"), sent, bill["bill_no"], means)

    def again(self, case_no: str, way: Way = Way.CODE) -> dict[str, Any]:
        means = paying.Means(way, "134567890123456789" if way is Way.CODE else "")
        key = f"again-{next(self.serial)}"
        return paying.pay_again(self.office, self.outside, Call("K1", key, "body"), case_no, means)

    def payments(self) -> list[Any]:
        with self.office.database.read() as connection:
            return list(connection.execute(select(rows.payment).order_by(rows.payment.c.created_at)))

    def paid_fen(self) -> int:
        """The sum of all bills that are marked paid."""
        with self.office.database.read() as connection:
            found = connection.execute(select(rows.bill).where(rows.bill.c.state == "paid"))
            return sum(row.total_fen for row in found)


def till_of(office: Office, clock: Any, body: Callable[..., dict[str, Any]]) -> Till:
    return Till(office, Books(Ledger(clock.now)), body)
