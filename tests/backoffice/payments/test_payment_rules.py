"""No money is taken that the item's rules do not allow, and none in doubt: no case, no order; what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from office_support.till import till_of
from sqlalchemy import func, select

from backoffice.calls.once import Call
from backoffice.domain.bill import BillLine, Standing
from backoffice.domain.payment import Way
from backoffice.domain.person import Applicant
from backoffice.office import Office
from backoffice.payments import bills
from backoffice.payments.judging import owing_of
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables

MEDICAL, PENSION, FINES = "XA023", "XA004", "XA068"
OWED = {"year": 2026, "due_fen": 43000, "paid_fen": 0}
TAX = {"cleared": True, "bills": ({"kind": "medical", **OWED}, {"kind": "pension", **OWED})}
UNPAID = {"pool": "350200", "scheme": "resident", "state": "unpaid", "year": 2026, "balance_fen": 0}
RELIEF = {"since": "2020-01", "valid_until": "2027-06-30"}
PAYING = {"scheme": "resident", "state": "paying"}
PERSON = {"matches": True, "birth": "1944-03-15", "alive": True, "household": "350213007007"}
TRAFFIC = {"licence": "none", "vehicles": (), "violations": ({"on": "2026-10-01", "fine_fen": 20000, "paid": False},)}
FINE = {"due_fen": 20000, "state": "open"}


@pytest.fixture
def till(office: Office, clock: Any, submission: Callable[..., dict[str, Any]]) -> Any:
    made = till_of(office, clock, submission)
    made.told.entries.update({"L19": TAX, "L17": UNPAID, "L14": PAYING, "L01": PERSON, "L06": TRAFFIC, "L31": FINE})
    return made


def bill_of(till: Any, item_id: str = MEDICAL) -> dict[str, Any]:
    person = till.body()["applicant"]
    codes = ("JT0000000701", "JT0000000702") if item_id == FINES else ()
    request = bills.BillRequest(item_id, "350213007007", person["name"], person["number"], codes)
    made: dict[str, Any] = bills.make(till.office, till.told, Call("K1", f"bill-{next(till.serial)}", "body"), request)
    return made


def pay(till: Any, bill: Mapping[str, Any], item_id: str = MEDICAL, way: Way = Way.CODE) -> dict[str, Any]:
    person = till.body()["applicant"]
    answers = {
        MEDICAL: {"insured_people": f"{person['number']} {person['name']}", "pay_year": "2026"},
        PENSION: {"pay_year": "2026", "pension_tier": next(iter(till.office.release.lists["pension_tiers"]))},
        FINES: {"plate": "闽D12345", "violation_accepted": "yes"},
    }
    paid: dict[str, Any] = till.pay(bill, way, replace(till.submission(item_id), form=answers[item_id]))
    return paid


def refused(till: Any, work: Callable[[], Any]) -> tuple[str, list[str], str]:
    """Code, reasons and next step; and that nothing has been begun."""
    before = (cases(till.office), len(till.payments()))
    with pytest.raises(Problem) as raised:
        work()
    assert (cases(till.office), len(till.payments()), till.side.ledger.taken_fen()) == (*before, 0)
    told = raised.value.extensions
    return raised.value.code, [reason["key"] for reason in told["reasons"]], told["next"]["key"]


def cases(office: Office) -> int:
    with office.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.service_case)).scalar_one())


NO = (
    (MEDICAL, {"L17": {**UNPAID, "state": "paid"}}, "reason.medical_paid", "next.nothing_to_do"),
    (MEDICAL, {"L11": {"category": "low_income", **RELIEF}}, "reason.fee_exempt", "next.nothing_to_do"),
    (PENSION, {"L14": {**PAYING, "state": "drawing"}}, "reason.pension_drawing", "next.nothing_to_do"),
    (FINES, {"L06": {**TRAFFIC, "violations": ()}}, "reason.nothing_due", "next.nothing_to_do"),
    (FINES, {"L31": {**FINE, "state": "unclear"}}, "reason.payment_unclear", "next.window"),
)
SILENT = (
    (MEDICAL, "L17", "reason.unknown.medical"),
    (MEDICAL, "L11", "reason.unknown.civil"),
    (PENSION, "L14", "reason.unknown.social"),
    (FINES, "L06", "reason.unknown.traffic"),
    (FINES, "L01", "reason.unknown.identity"),
)


def test_a_rule_that_says_no_refuses_the_payment_and_says_why_and_what_to_do(till: Any) -> None:
    bills_made = {item_id: bill_of(till, item_id) for item_id in (MEDICAL, PENSION, FINES)}
    plain = dict(till.told.entries)
    for item_id, changes, reason, following in NO:
        till.told.entries = {**plain, **changes}
        answer = refused(till, partial(pay, till, bills_made[item_id], item_id))
        assert answer == ("refused_by_rule", [reason], following)


def test_a_silent_register_takes_no_money_and_when_it_speaks_again_the_same_bill_is_paid(till: Any) -> None:
    bills_made = {item_id: bill_of(till, item_id) for item_id in (MEDICAL, PENSION, FINES)}
    for item_id, register, reason in SILENT:
        till.told.silent = {register}
        code, reasons, following = refused(till, partial(pay, till, bills_made[item_id], item_id))
        assert (code, following) == ("payment_register_silent", "bill.register_silent")
        assert reason in reasons
    till.told.silent.clear()
    for item_id, bill in bills_made.items():
        assert pay(till, bill, item_id)["payment"]["state"] == "booked"
    assert till.side.ledger.taken_fen() == sum(bill["total_fen"] for bill in bills_made.values())
    with till.office.database.read() as connection:
        verdicts = connection.execute(select(tables.rule_result.c.verdict)).scalars().all()
    assert verdicts == ["passed"] * (5 + 6 + 2 * 4), "what it rests on, for each of two fines too"


def test_who_is_not_the_registers_person_pays_nothing_under_that_number(till: Any) -> None:
    bill = bill_of(till, FINES)
    till.told.entries["L01"] = {**PERSON, "matches": False}
    code, _, following = refused(till, lambda: pay(till, bill, FINES))
    assert (code, following) == ("identity_mismatch", "next.window")


def test_whom_the_state_pays_for_is_charged_nothing_and_whom_it_helps_in_part_pays_the_rest(till: Any) -> None:
    till.told.entries["L11"] = {"category": "destitute", **RELIEF}
    bill = bill_of(till)
    with pytest.raises(Problem, match="bill_empty"):
        pay(till, bill)
    assert (bill["total_fen"], cases(till.office)) == (0, 0)
    till.told.entries["L11"] = {"category": "near_low", **RELIEF}
    assert pay(till, bill_of(till))["payment"]["state"] == "booked"


def test_another_way_of_paying_is_judged_too_and_an_open_slip_stays(till: Any) -> None:
    told = pay(till, bill_of(till), way=Way.SLIP)
    till.told.entries["L17"] = {**UNPAID, "state": "paid"}
    code, reasons, _ = refused(till, lambda: till.again(told["case_no"]))
    assert (code, reasons) == ("refused_by_rule", ["reason.medical_paid"])
    assert [row.state for row in till.payments()] == ["sent"]
    till.told.entries["L17"] = UNPAID
    assert till.again(told["case_no"])["payment"]["state"] == "booked"


def test_each_who_owes_is_judged_once_and_next_years_debt_by_next_years_day() -> None:
    today, applicant = date(2026, 11, 24), Applicant("resident", "陈", "0")

    def line(number: str, year: str, amount_fen: int, name: str = "陈") -> BillLine:
        due = f"medical/{number}/{year}"
        return BillLine("bill.what.medical", Standing.DUE, amount_fen, year, due, "L19", "", name)

    lines = [
        line("1", "2025", 5),
        line("1", "2026", 5),
        line("1", "2027", 5),
        line("2", "2026", 0),
        line("3", "2026", 5),
    ]
    owing = [(one.number, one.day.isoformat()) for one in owing_of(applicant, lines, today)]
    assert owing == [("1", "2026-11-24"), ("1", "2027-01-01"), ("3", "2026-11-24")]
