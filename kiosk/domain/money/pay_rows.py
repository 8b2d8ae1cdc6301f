"""Rows for bills and payments.

Whatever was sent to be paid is frozen until it is known to have taken nothing: only then is `Do.PAY` ever done again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.domain.money.state import Bill, Money, Stopped, Way
from kiosk.domain.visit.rows import Changes, Row
from kiosk.domain.visit.state import PaymentTold, VisitState
from kiosk.domain.visit.words import Do, Ev, Outcome, Step

_PAYMENT_CODE = re.compile(r"[0-9]{16,24}", re.ASCII)
"""A payment code as the contract takes it (`Means.code`)."""

BACK: dict[Step, Step] = {
    Step.BILL: Step.CHOOSE,
    Step.PAY_PICK: Step.BILL,
    Step.PAY_WAY: Step.BILL,
    Step.PAY_CODE: Step.PAY_WAY,
    Step.PAYING: Step.PAYING,
}
ENTER: dict[Step, tuple[Do, ...]] = {Step.BILL: (Do.FIND_BILL,)}


def of_money(**fields: Any) -> Callable[[VisitState, object], Changes]:
    """A change of fields of `state.money`, and no reason kept from before."""

    def change(state: VisitState, value: object) -> Changes:
        # Named fields of Money, each given with its own type by the rows.
        return {"money": replace(state.money, **fields), "note": ""}

    return change


def stopped(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Stopped)
    return {"money": replace(state.money, stopped=value, in_flight=False), "note": ""}


def _bill_found(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Bill)
    return {"money": replace(state.money, bill=value, stopped=None)}


def _is_awaited_bill(state: VisitState, value: object) -> bool:
    asked = state.money
    wanted = (state.item_id, asked.family, asked.chosen)
    return (
        asked.shown_bill is None and isinstance(value, Bill) and (value.item_id, value.family, value.chosen) == wanted
    )


def _family(state: VisitState, value: object) -> Changes:
    return {"money": Money(family=bool(value))}


def _one_line(state: VisitState, value: object) -> Changes:
    assert isinstance(value, int)
    return {"money": replace(state.money, chosen=value, stopped=None)}


def _is_line(state: VisitState, value: object) -> bool:
    bill = state.money.bill
    return bill is not None and any(line.n == value for line in bill.due)


def _owes(state: VisitState, value: object) -> bool:
    bill = state.money.shown_bill
    return bill is not None and bill.total_fen > 0


def _many_lines(state: VisitState, value: object) -> bool:
    bill = state.money.shown_bill
    return bill is not None and len(bill.due) > 1


def sent(way: Way) -> Callable[[VisitState, object], Changes]:
    def change(state: VisitState, value: object) -> Changes:
        money = state.money
        return {
            "money": replace(money, way=way, attempt=money.attempt + 1, in_flight=True, stopped=None),
            "note": "",
        }

    return change


def may_pay(state: VisitState, value: object) -> bool:
    return state.money.may_pay and _owes(state, value)


def _is_code(state: VisitState, value: object) -> bool:
    return isinstance(value, str) and _PAYMENT_CODE.fullmatch(value) is not None and may_pay(state, value)


def _is_way(way: Way) -> Callable[[VisitState, object], bool]:
    return lambda state, value: value is way and may_pay(state, value)


def _payment_heard(state: VisitState, value: object) -> Changes:
    assert isinstance(value, PaymentTold)
    money = state.money
    opened = money.is_opened or value.has_case
    return {
        "money": replace(money, payment=value.payment, in_flight=False, is_opened=opened, stopped=None),
        "decision": value.decision,
        "stored": True,
        "index": max(len(state.plan) - 1, 0),
    }


def _is_news(state: VisitState, value: object) -> bool:
    """Of the try that is waited for, and while it is open; what has ended does not change any more."""
    money = state.money
    if not isinstance(value, PaymentTold) or value.payment.attempt != money.attempt:
        return False
    return money.in_flight or (money.payment is not None and money.payment.is_open)


def _is_open_news(state: VisitState, value: object) -> bool:
    return _is_news(state, value) and isinstance(value, PaymentTold) and value.payment.is_open


def _read(state: VisitState, value: object) -> Changes:
    """Amounts are said into a headphone only; who has none is told how to hear them."""
    return {"note": "" if state.ear.headphone else "told.by_headphone"}


_READ = Row(Step.BILL, change=_read, when=_owes, do=(Do.SAY_AGAIN,))


def _payment_news_at(step: Step) -> tuple[Row, ...]:
    """While nobody knows, the kiosk goes on asking."""
    return (
        Row(step, change=_payment_heard, when=_is_open_news, do=(Do.ASK_PAYMENT,)),
        Row(step, change=_payment_heard, when=_is_news),
    )


TABLE: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.BILL, Ev.BILL_FOUND): (Row(Step.BILL, change=_bill_found, when=_is_awaited_bill),),
    (Step.BILL, Ev.MONEY_STOPPED): (Row(Step.BILL, change=stopped, when=lambda s, v: s.money.shown_bill is None),),
    (Step.BILL, Ev.MONEY_AGAIN): (
        Row(
            Step.BILL,
            change=of_money(stopped=None, bill=None, chosen=0),
            when=lambda s, v: s.money.stopped is not None or s.money.chosen > 0,
            do=(Do.FIND_BILL,),
        ),
    ),
    (Step.BILL, Ev.FAMILY): (
        Row(Step.BILL, change=_family, when=lambda s, v: v is not s.money.family, do=(Do.FIND_BILL,)),
    ),
    (Step.BILL, Ev.READ_TO_ME): (_READ,),
    (Step.BILL, Ev.PICK): (Row(Step.PAY_PICK, change=lambda s, v: {"page": 0}, when=_many_lines),),
    (Step.BILL, Ev.PAY): (Row(Step.PAY_WAY, when=may_pay),),
    (Step.BILL, Ev.MONEY_DONE): (Row(Step.WIPE, change=lambda s, v: {"cause": Outcome.FINISHED}),),
    (Step.PAY_PICK, Ev.ONE_LINE): (Row(Step.BILL, change=_one_line, when=_is_line),),
    (Step.PAY_PICK, Ev.PAGE): (Row(Step.PAY_PICK, change=lambda s, v: {"page": v}),),
    (Step.PAY_WAY, Ev.WAY): (
        Row(Step.PAY_CODE, when=_is_way(Way.CODE)),
        Row(Step.PAY_ACCOUNT, change=of_money(signed=None, stopped=None), when=_is_way(Way.AUTHORITY)),
        Row(Step.PAYING, change=sent(Way.SLIP), when=_is_way(Way.SLIP), do=(Do.PAY,)),
    ),
    (Step.PAY_CODE, Ev.CODE_SHOWN): (
        Row(Step.PAYING, change=sent(Way.CODE), when=_is_code, do=(Do.PAY,)),
        Row(Step.PAY_CODE, change=lambda s, v: {"note": "pay.code.wrong"}),
    ),
    (Step.PAY_CODE, Ev.OTHER_WAY): (Row(Step.PAY_WAY),),
    (Step.PAYING, Ev.PAYMENT): _payment_news_at(Step.RESULT),
    (Step.PAYING, Ev.MONEY_STOPPED): (Row(Step.PAYING, change=stopped, when=lambda s, v: s.money.in_flight),),
    (Step.PAYING, Ev.OTHER_WAY): (Row(Step.PAY_WAY, change=of_money(stopped=None), when=may_pay),),
    (Step.RESULT, Ev.READ_TO_ME): (replace(_READ, to=Step.RESULT, when=lambda s, v: s.money.payment is not None),),
    (Step.RESULT, Ev.OTHER_WAY): (Row(Step.PAY_WAY, when=may_pay),),
    **{(step, Ev.PAYMENT): _payment_news_at(step) for step in (Step.RESULT, Step.PRINT, Step.RATE)},
}
