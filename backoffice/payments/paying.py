"""Paying a bill: the case and the payment are on the disk before anything leaves the house.

A bill is locked from then until the payment's end is known; each of its debts is claimed, so that not even another
bill about the same debt can be paid meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, update
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Answer, Call, answered, lock_device, remember
from backoffice.casework.closing import wait
from backoffice.casework.events import answer_of, case_row
from backoffice.catalogue.stored import item_version
from backoffice.clock import iso
from backoffice.decisions.evidence import record_calls
from backoffice.domain.bill import Standing
from backoffice.domain.items.item import Mode
from backoffice.domain.payment import FINAL, Order, PayMove, PayState, Way
from backoffice.domain.person import Applicant
from backoffice.domain.text import Arg, Line
from backoffice.gateways.lookups import LookupGateway
from backoffice.gateways.payments import OrderRequest, PaymentGateway, Unclear
from backoffice.intake.taking_in import Submission, check_item, open_case
from backoffice.office import Office
from backoffice.payments import authorities, judging
from backoffice.payments.bills import lines_of, paid_since
from backoffice.payments.records import (
    LOCKED,
    OPEN,
    PAID,
    advance,
    attempts_of,
    bill_row,
    receipt_no,
)
from backoffice.payments.settling import act, lost
from backoffice.problems.problem import Problem
from backoffice.store.tables import payments as rows

ROUTE, AGAIN_ROUTE = "payments", "payment-attempts"
SLIP_DAYS = 7
"""How long a slip can be paid; then it is closed at the payment side, and only then given up."""
_MAX_ATTEMPTS = 20
_NOTHING_TAKEN = (PayState.REFUSED.value, PayState.REVERSED.value)


@dataclass(frozen=True, slots=True, repr=False)
class Means:
    way: Way
    code: str = ""
    """The scanned payment code, for way `code`; kept nowhere."""

    def __repr__(self) -> str:
        return f"Means({self.way})"


@dataclass(frozen=True, slots=True)
class Outside:
    """Who is asked and who is paid."""

    lookups: LookupGateway
    payments: PaymentGateway | None

    @property
    def side(self) -> PaymentGateway:
        """:raises Problem: payments_off."""
        if self.payments is None:
            raise Problem("payments_off")
        return self.payments


def pay(
    office: Office,
    outside: Outside,
    call: Call,
    submission: Submission,
    bill_no: str,
    means: Means,
) -> Answer:
    """Open the case and pay its bill; a repeated request pays nothing.

    :raises Problem: payments_off, idempotency_mismatch, bill_*, authority_*, those of `judging.clear` (nothing has
        been opened or taken), and those of `open_case`.
    """
    side = outside.side
    cleared = _clear(office, outside.lookups, call, submission, bill_no)

    def work(connection: Connection) -> OrderRequest | None:
        site_no = lock_device(connection, call.device).site_no
        if answered(office, connection, call, ROUTE) is not None:
            return None
        bill = _payable(office, connection, call.device, bill_no, submission)
        answer = open_case(office, connection, call.device, site_no, call.key, submission, Mode.PAY)
        if cleared is not None:
            judging.record(connection, submission.case_no, cleared)
        request = _create(office, connection, bill, submission.case_no, 1, means)
        wait(office, connection, submission.case_no, event="payment_created", details={"bill": bill_no})
        remember(office, connection, call, ROUTE, 201, answer)
        return request

    request = office.database.transact(work)
    if request is not None:
        _send(office, side, request)
    return payment_of_case(office, call.device, submission.case_no)


def pay_again(
    office: Office,
    outside: Outside,
    call: Call,
    case_no: str,
    means: Means,
) -> Answer:
    """Another way after one that took no money; an open slip is closed at the payment side first.

    :raises Problem: payments_off, case_unknown, bill_locked, bill_state, authority_*, idempotency_mismatch, and those
        of `judging.clear`: then an open slip stays open.
    """
    side = outside.side
    cleared = _clear_again(office, outside.lookups, call, case_no)
    _close_slip(office, side, call, case_no)

    def work(connection: Connection) -> OrderRequest | None:
        lock_device(connection, call.device)
        if answered(office, connection, call, AGAIN_ROUTE) is not None:
            return None
        last = last_attempt(connection, call.device, case_no)
        if last.state not in _NOTHING_TAKEN:
            raise Problem("bill_locked" if PayState(last.state) not in FINAL else "bill_state")
        if last.n >= _MAX_ATTEMPTS:
            raise Problem("bill_state")
        bill = bill_row(connection, last.bill_no, lock=True)
        assert bill is not None
        _check_open(office, connection, bill)
        request = _create(office, connection, bill, case_no, last.n + 1, means)
        if cleared is not None:
            record_calls(connection, cleared.asked.calls, case_no, Mode.PAY.value)
        answer = {"case_no": case_no}
        remember(office, connection, call, AGAIN_ROUTE, 201, answer)
        return request

    request = office.database.transact(work)
    if request is not None:
        _send(office, side, request)
    return payment_of_case(office, call.device, case_no)


def payment_of_case(office: Office, device: str, case_no: str) -> Answer:
    """The case as its terminal is told it, with its newest payment. :raises Problem: case_unknown."""
    with office.database.read() as connection:
        last = last_attempt(connection, device, case_no)
        return {**answer_of(office, connection, case_no), "payment": payment_json(last)}


def payment_json(row: Row[Any]) -> Answer:
    state = PayState(row.state)
    return {
        "bill_no": row.bill_no,
        "attempt": row.n,
        "way": row.way,
        "state": state.value,
        "amount_fen": row.amount_fen,
        "slip_code": row.slip_code if state is PayState.SENT else None,
        "expires_on": row.expires_on if row.way == Way.SLIP.value else None,
        "receipt_no": receipt_no(row.reference) if state is PayState.BOOKED else None,
        "line": _line(row, state).to_json(),
    }


def _line(row: Row[Any], state: PayState) -> Line:
    if state is PayState.BOOKED:
        return Line("pay.booked", {"receipt": Arg("text", receipt_no(row.reference))})
    if state is PayState.SENT and row.slip_code:
        return Line("pay.slip", {"date": Arg("date", row.expires_on)})
    return Line(f"pay.{state.value}" if state in FINAL else "pay.waiting")


def _clear(
    office: Office,
    gateway: LookupGateway,
    call: Call,
    submission: Submission,
    bill_no: str,
) -> judging.Cleared | None:
    """What would be refused later is refused before anybody is asked; what was paid once is not judged again."""
    with office.database.read() as connection:
        item = item_version(connection, submission.item_id, submission.item_version)
        known = answered(office, connection, call, ROUTE)
        if known is not None or item is None or item.ruling is None:
            return None
        _payable(office, connection, call.device, bill_no, submission, lock=False)
        lines = lines_of(office, connection, bill_no)
    check_item(office, item, submission)
    if item.mode is not Mode.PAY:
        raise Problem("item_mode")
    return judging.clear(office, gateway, item, submission.applicant, lines)


def _clear_again(office: Office, gateway: LookupGateway, call: Call, case_no: str) -> judging.Cleared | None:
    with office.database.read() as connection:
        if answered(office, connection, call, AGAIN_ROUTE) is not None:
            return None
        last = last_attempt(connection, call.device, case_no)
        case = case_row(connection, case_no)
        assert case is not None
        item = item_version(connection, case.item_id, case.item_version)
        lines = lines_of(office, connection, last.bill_no)
    open_slip = last.way == Way.SLIP.value and last.state == PayState.SENT.value
    if item is None or not (open_slip or last.state in _NOTHING_TAKEN):
        return None
    known = office.vault.open_json(f"case.applicant:{case_no}", case.applicant_sealed)
    return judging.clear(office, gateway, item, Applicant(**known), lines)


def _payable(
    office: Office, connection: Connection, device: str, bill_no: str, submission: Submission, *, lock: bool = True
) -> Row[Any]:
    bill = bill_row(connection, bill_no, lock=lock)
    if bill is None or bill.device != device:
        raise Problem("bill_unknown")
    if bill.item_id != submission.item_id or bill.person_index != office.vault.index(submission.applicant.number):
        raise Problem("bill_unknown", "the bill is of another item or another person")
    _check_open(office, connection, bill)
    return bill


def _check_open(office: Office, connection: Connection, bill: Row[Any]) -> None:
    """:raises Problem: bill_locked, bill_paid, bill_state, bill_empty, bill_outdated."""
    if bill.state != OPEN:
        raise Problem({LOCKED: "bill_locked", PAID: "bill_paid"}.get(bill.state, "bill_state"))
    if bill.valid_until < iso(office.clock.now()):
        raise Problem("bill_outdated")
    if bill.total_fen == 0:
        raise Problem("bill_empty")
    for line in lines_of(office, connection, bill.bill_no):
        index = office.vault.index(line.due)
        if line.standing is Standing.DUE and paid_since(office, connection, index, bill.created_at):
            raise Problem("bill_outdated", "one of its lines has been paid on another bill")


def _create(office: Office, connection: Connection, bill: Row[Any], case_no: str, n: int, means: Means) -> OrderRequest:
    """Lock the bill, claim its debts, write the payment. :raises Problem: bill_locked, authority_*."""
    now, reference = office.clock.now(), f"{case_no}-{n:02d}"
    authority = None
    if means.way is Way.AUTHORITY:
        authority = authorities.usable(office, connection, bill)
    table = rows.bill
    connection.execute(update(table).where(table.c.bill_no == bill.bill_no).values(state=LOCKED))
    dues = sorted(
        {office.vault.index(line.due) for line in lines_of(office, connection, bill.bill_no) if line.amount_fen}
    )
    try:
        connection.execute(insert(rows.due_claim), [{"due_index": due, "reference": reference} for due in dues])
    except IntegrityError as cause:
        # The only key of that table: another bill's payment for the same debt is under way.
        raise Problem("bill_locked") from cause
    last_day = (now + timedelta(days=SLIP_DAYS if means.way is Way.SLIP else 0)).date().isoformat()
    connection.execute(
        insert(rows.payment).values(
            reference=reference,
            case_no=case_no,
            n=n,
            bill_no=bill.bill_no,
            way=means.way.value,
            authority_id=authority.authority_id if authority else None,
            amount_fen=bill.total_fen,
            state=PayState.CREATED.value,
            expires_on=last_day,
            created_at=iso(now),
        )
    )
    account = authority.account_ref if authority else ""
    return OrderRequest(reference, means.way, bill.total_fen, bill.item_id, last_day, means.code, account)


def _send(office: Office, gateway: PaymentGateway, request: OrderRequest) -> None:
    """Once. Whatever comes back, or does not, is only ever looked into afterwards."""

    def sent(connection: Connection) -> PayState:
        return advance(office, connection, request.reference, (PayMove.SEND,), PayState.CREATED)

    if office.database.transact(sent) is not PayState.SENT:
        return
    try:
        act(office, gateway, request.reference, gateway.create(request))
    except Unclear:
        lost(office, request.reference)


def _close_slip(office: Office, gateway: PaymentGateway, call: Call, case_no: str) -> None:
    """:raises Problem: bill_locked: the payment side does not say whether the slip was paid."""
    with office.database.read() as connection:
        if answered(office, connection, call, AGAIN_ROUTE) is not None:
            return
        last = last_attempt(connection, call.device, case_no)
    if last.way != Way.SLIP.value or last.state != PayState.SENT.value:
        return
    try:
        order: Order = gateway.void(last.reference)
        act(office, gateway, last.reference, order)
    except Unclear as cause:
        raise Problem("bill_locked") from cause


def last_attempt(connection: Connection, device: str, case_no: str) -> Row[Any]:
    """:raises Problem: case_unknown, also for another terminal's."""
    case = case_row(connection, case_no)
    attempts = attempts_of(connection, case_no)
    if case is None or case.device != device or not attempts:
        raise Problem("case_unknown")
    return attempts[-1]
