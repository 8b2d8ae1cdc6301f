"""Paying: never twice, never in doubt, never silently; and after reconciliation what was taken is what is paid."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from office_support import till as till_kit
from sqlalchemy import select

from backoffice.domain.cases.case import CaseState
from backoffice.domain.payment import PayState, Way
from backoffice.office import Office
from backoffice.payments import paying
from backoffice.payments.reconciling import reconcile
from backoffice.payments.settling import open_payments, settle
from backoffice.payments.watch import Watch
from backoffice.problems.problem import Problem
from backoffice.simulators.payment_ledger import FAULTS, PaymentRefused
from backoffice.store.audit import verify
from backoffice.store.tables import tables

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def till(office: Office, clock: Any, submission: Callable[..., dict[str, Any]]) -> Any:
    return till_kit.till_of(office, clock, submission)


def case(till: Any, case_no: str) -> Any:
    with till.office.database.read() as connection:
        query = select(tables.service_case).where(tables.service_case.c.case_no == case_no)
        return connection.execute(query).one()


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as problem:
        work()
    return problem.value.code


def test_a_scanned_code_pays_the_bill_and_the_case_is_complete_with_its_receipt(till: Any) -> None:
    bill = till.bill("W00000001")
    assert (bill["total_fen"], bill["line"]["key"]) == (1230, "bill.total")
    paid = till.pay(bill)
    assert paid["payment"]["state"] == "booked"
    assert paid["payment"]["line"]["key"] == "pay.booked"
    assert paid["decision"]["outcome"] == "done"
    assert paid["decision"]["facts"]["receipt_no"] == paid["payment"]["receipt_no"]
    assert case(till, paid["case_no"]).state == CaseState.COMPLETED.value
    assert till.side.ledger.taken_fen() == till.paid_fen() == 1230


def test_a_slip_waits_for_the_counter_and_is_booked_when_it_was_paid_there(till: Any) -> None:
    told = till.pay(till.bill("W00000001"), Way.SLIP)
    payment = told["payment"]
    assert (payment["state"], payment["line"]["key"], len(payment["slip_code"])) == ("sent", "pay.slip", 20)
    assert case(till, told["case_no"]).state == CaseState.WAITING.value
    (reference,) = open_payments(till.office)
    assert settle(till.office, till.side, reference).state is PayState.SENT
    till.side.ledger.counter(payment["slip_code"])
    assert settle(till.office, till.side, reference).state is PayState.BOOKED
    assert case(till, told["case_no"]).state == CaseState.COMPLETED.value


def test_a_repeated_request_pays_nothing_and_tells_how_it_stands(till: Any) -> None:
    bill, sent = till.bill("W00000001"), till.submission()
    first, second = till.pay(bill, submission=sent), till.pay(bill, submission=sent)
    assert first == second
    assert till.side.ledger.taken_fen() == 1230


def test_without_an_answer_the_bill_is_frozen_and_no_other_bill_about_the_debt_can_be_paid(till: Any) -> None:
    bill, other = till.bill("W00000001"), till.bill("W00000001")
    till.side.ledger.fault("timeout_after")
    told = till.pay(bill)
    assert (told["payment"]["state"], told["payment"]["line"]["key"]) == ("unknown", "pay.waiting")
    assert case(till, told["case_no"]).state == CaseState.WAITING.value
    assert refused(lambda: till.pay(bill)) == "bill_locked"
    assert refused(lambda: till.pay(other)) == "bill_locked"
    assert refused(lambda: till.again(told["case_no"])) == "bill_locked"
    assert till.bill("W00000001")["line"]["key"] == "bill.under_way"
    assert settle(till.office, till.side, open_payments(till.office)[0]).state is PayState.BOOKED
    assert refused(lambda: till.pay(other)) == "bill_outdated"
    assert till.bill("W00000001")["line"]["key"] == "bill.paid_already"
    assert till.side.ledger.taken_fen() == till.paid_fen() == 1230


def test_the_server_looks_after_what_is_unknown_but_not_under_the_senders_hands(till: Any, clock: Any) -> None:
    till.side.ledger.fault("timeout_after")
    till.pay(till.bill("W00000001"))
    watch = Watch(till.office, till.side, every_s=3600)
    watch.start()
    clock.advance(seconds=14)
    watch.sweep()
    assert [row.state for row in till.payments()] == ["unknown"]
    clock.advance(seconds=1)
    watch.sweep()
    assert [row.state for row in till.payments()] == ["booked"]
    watch.close()
    watch.sweep()


def test_an_order_that_came_late_finds_its_reference_closed(till: Any) -> None:
    till.side.ledger.fault("late")
    told = till.pay(till.bill("W00000001"))
    assert settle(till.office, till.side, open_payments(till.office)[0]).state is PayState.REFUSED
    assert till.side.ledger.deliver() == 1
    assert till.side.ledger.taken_fen() == 0
    assert till.again(told["case_no"])["payment"]["state"] == "booked"
    assert till.side.ledger.taken_fen() == till.paid_fen() == 1230


def test_a_refused_way_can_be_followed_by_another(till: Any) -> None:
    till.side.ledger.fault("refuse")
    told = till.pay(till.bill("W00000001"))
    assert (told["payment"]["state"], told["payment"]["line"]["key"]) == ("refused", "pay.refused")
    again = till.again(told["case_no"], Way.SLIP)
    assert (again["payment"]["attempt"], again["payment"]["state"]) == (2, "sent")
    third = till.again(told["case_no"])
    assert (third["payment"]["attempt"], third["payment"]["state"]) == (3, "booked")
    with pytest.raises(PaymentRefused, match="no open slip"):
        till.side.ledger.counter(again["payment"]["slip_code"])
    assert refused(lambda: till.again(told["case_no"])) == "bill_state"


def test_taken_and_not_entered_goes_back_after_a_day(till: Any, clock: Any) -> None:
    till.side.ledger.fault("unbooked")
    told = till.pay(till.bill("W00000001"))
    assert told["payment"]["state"] == "paid"
    clock.advance(hours=23)
    reconcile(till.office, till.side, clock.now().date())
    assert till.side.ledger.taken_fen() == 1230
    clock.advance(hours=1)
    reconcile(till.office, till.side, clock.now().date())
    assert till.side.ledger.taken_fen() == till.paid_fen() == 0
    assert [row.state for row in till.payments()] == ["reversed"]
    clock.advance(hours=24)
    reconcile(till.office, till.side, clock.now().date() - timedelta(days=1))
    assert case(till, told["case_no"]).state == CaseState.COMPLETED.value


@pytest.mark.parametrize(("fault", "kept"), [("duplicate", 1230), ("wrong_amount", 0)])
def test_what_was_taken_wrongly_goes_back_and_is_listed(till: Any, clock: Any, fault: str, kept: int) -> None:
    till.side.ledger.fault(fault)
    till.side.deaf = True
    till.pay(till.bill("W00000001"))
    till.side.deaf = False
    report = reconcile(till.office, till.side, clock.now().date())
    assert [difference.kind for difference in report.differences] == [fault]
    assert till.side.ledger.taken_fen() == till.paid_fen() == kept
    with till.office.database.read() as connection:
        entries = [json.loads(row.entry) for row in connection.execute(select(tables.audit))]
        assert verify(connection, till.office.chain_key)[1] == []
    assert [entry["kind"] for entry in entries if entry["event"] == "payment_difference"] == [fault]


def test_what_was_put_right_at_once_is_in_the_audit_all_the_same(till: Any) -> None:
    till.side.ledger.fault("duplicate")
    assert till.pay(till.bill("W00000001"))["payment"]["state"] == "booked"
    assert till.side.ledger.taken_fen() == 1230
    with till.office.database.read() as connection:
        entries = [json.loads(row.entry) for row in connection.execute(select(tables.audit))]
    assert [entry["kind"] for entry in entries if entry["event"] == "payment_difference"] == ["duplicate"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("statement_extra", "unknown_reference"),
        ("statement_missing", "missing_in_statement"),
        ("statement_amount", "not_borne_out"),
    ],
)
def test_a_statement_that_differs_is_listed_and_moves_no_money(till: Any, clock: Any, fault: str, kind: str) -> None:
    till.pay(till.bill("W00000001"))
    till.side.ledger.fault(fault)
    report = reconcile(till.office, till.side, clock.now().date())
    assert [difference.kind for difference in report.differences] == [kind]
    assert till.side.ledger.taken_fen() == till.paid_fen() == 1230


def test_twenty_who_pay_one_bill_at_once_pay_it_once(till: Any) -> None:
    bill = till.bill("W00000001")
    begin = threading.Barrier(20, timeout=30)
    sent = [till.submission() for _ in range(20)]

    def pay(n: int) -> str:
        begin.wait()
        try:
            return str(till.pay(bill, submission=sent[n])["payment"]["state"])
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(pay, range(20)))
    assert answers["booked"] == 1
    assert answers["bill_locked"] + answers["bill_paid"] == 19
    assert till.side.ledger.taken_fen() == till.paid_fen() == 1230


def a_sequence(till: Any, clock: Any, chance: random.Random, meter: int) -> None:
    """Two bills, faults in any order, and everything that a resident, a bank or a night can do."""
    ledger = till.side.ledger
    bills = [till.bill(f"W{meter:07d}{n}", chance.randrange(100, 90000, 10)) for n in range(2)]
    cases: list[str] = []

    def pay() -> None:
        cases.append(till.pay(chance.choice(bills), chance.choice([Way.CODE, Way.SLIP]))["case_no"])

    def again() -> None:
        if cases:
            till.again(chance.choice(cases), chance.choice([Way.CODE, Way.SLIP]))

    def counter() -> None:
        for case_no in cases:
            slip = paying.payment_of_case(till.office, "K1", case_no)["payment"]["slip_code"]
            if slip:
                ledger.counter(slip)

    def look() -> None:
        for reference in open_payments(till.office):
            settle(till.office, till.side, reference)

    def listen() -> None:
        till.side.deaf = not till.side.deaf

    steps = [pay, pay, again, counter, look, listen, lambda: ledger.fault(chance.choice(FAULTS)), ledger.deliver]
    steps.append(lambda: clock.advance(hours=chance.choice([1, 5, 13])))
    steps.append(lambda: reconcile(till.office, till.side, clock.now().date()))
    for _ in range(chance.randrange(3, 14)):
        try:
            chance.choice(steps)()
        except (Problem, PaymentRefused):
            continue


def after_the_nights(till: Any, clock: Any) -> None:
    till.side.deaf = False
    till.side.ledger.heal()
    till.side.ledger.deliver()
    for _ in range(2):
        clock.advance(days=8)
        reconcile(till.office, till.side, clock.now().date())
    assert open_payments(till.office) == []


def check(till: Any) -> None:
    booked = [row for row in till.payments() if row.state == "booked"]
    assert len({row.bill_no for row in booked}) == len(booked)
    assert till.side.ledger.taken_fen() == till.paid_fen() == sum(row.amount_fen for row in booked)
    for row in till.payments():
        kept = [debit for debit in till.side.ledger.view(row.reference)["debits"] if not debit["reversed"]]
        assert [debit["amount_fen"] for debit in kept] == ([row.amount_fen] if row.state == "booked" else [])


@pytest.mark.parametrize("seed", range(3))
def test_after_any_faults_what_was_taken_is_what_is_paid(till: Any, clock: Any, seed: int) -> None:
    for n in range(4):
        a_sequence(till, clock, random.Random(f"{seed}/{n}"), n)
    after_the_nights(till, clock)
    check(till)


@pytest.mark.proof
def test_thousands_of_fault_sequences_take_exactly_what_is_paid(till: Any, clock: Any) -> None:
    sequences = 2000
    for n in range(sequences):
        a_sequence(till, clock, random.Random(f"proof/{n}"), n)
        after_the_nights(till, clock)
        assert till.side.ledger.taken_fen() == till.paid_fen()
    check(till)
    states = Counter(row.state for row in till.payments())
    result = {
        "fault_sequences": sequences,
        "payments": dict(states),
        "taken_fen": till.side.ledger.taken_fen(),
        "bills_paid_fen": till.paid_fen(),
    }
    (ROOT / "out" / "proof").mkdir(parents=True, exist_ok=True)
    (ROOT / "out" / "proof" / "payments.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
