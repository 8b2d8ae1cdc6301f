"""Rows for bills and payments.

Whatever was sent to be paid is frozen until it is known to have taken nothing: only then is `Do.PAY` ever done again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.money.state import Bill, Money, Stopped, Way
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import PaymentTold, VisitState
from kiosk.domain.visit.transition import Row, on, together
from kiosk.domain.visit.words import Do, Outcome, Step

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


def with_money(state: VisitState, money: Money) -> VisitState:
    """No reason is kept from before."""
    return replace(state, money=money, note="")


def resumed(state: VisitState) -> VisitState:
    """What stopped it counts no longer."""
    return with_money(state, replace(state.money, stopped=None))


def stopped(state: VisitState, value: Stopped) -> VisitState:
    return replace(state, money=replace(state.money, stopped=value, in_flight=False), note="")


def _bill_found(state: VisitState, value: Bill) -> VisitState:
    return replace(state, money=replace(state.money, bill=value, stopped=None))


def _is_awaited_bill(state: VisitState, value: Bill) -> bool:
    asked = state.money
    wanted = (state.item_id, asked.family, asked.chosen)
    return asked.shown_bill is None and (value.item_id, value.family, value.chosen) == wanted


def _family(state: VisitState, value: bool) -> VisitState:
    return replace(state, money=Money(family=value))


def _one_line(state: VisitState, value: int) -> VisitState:
    return replace(state, money=replace(state.money, chosen=value, stopped=None))


def _is_line(state: VisitState, value: int) -> bool:
    bill = state.money.bill
    return bill is not None and any(line.n == value for line in bill.due)


def _owes(state: VisitState) -> bool:
    bill = state.money.shown_bill
    return bill is not None and bill.total_fen > 0


def _many_lines(state: VisitState) -> bool:
    bill = state.money.shown_bill
    return bill is not None and len(bill.due) > 1


def sent(way: Way) -> Callable[[VisitState], VisitState]:
    def change(state: VisitState) -> VisitState:
        money = state.money
        new = replace(money, way=way, attempt=money.attempt + 1, in_flight=True, stopped=None)
        return with_money(state, new)

    return change


def may_pay(state: VisitState) -> bool:
    return state.money.may_pay and _owes(state)


def _is_code(state: VisitState, value: str) -> bool:
    return _PAYMENT_CODE.fullmatch(value) is not None and may_pay(state)


def _account_asked(state: VisitState) -> VisitState:
    return with_money(state, replace(state.money, signed=None, stopped=None))


def _is_way(way: Way) -> Callable[[VisitState, Way], bool]:
    return lambda state, value: value is way and may_pay(state)


def _payment_heard(state: VisitState, value: PaymentTold) -> VisitState:
    money = state.money
    opened = money.is_opened or value.has_case
    return replace(
        state,
        money=replace(money, payment=value.payment, in_flight=False, is_opened=opened, stopped=None),
        decision=value.decision,
        stored=True,
        index=max(len(state.plan) - 1, 0),
    )


def _is_news(state: VisitState, value: PaymentTold) -> bool:
    """Of the try that is waited for, and while it is open; what has ended does not change any more."""
    money = state.money
    if value.payment.attempt != money.attempt:
        return False
    return money.in_flight or (money.payment is not None and money.payment.is_open)


def _is_open_news(state: VisitState, value: PaymentTold) -> bool:
    return _is_news(state, value) and value.payment.is_open


def _read(state: VisitState) -> VisitState:
    """Amounts are said into a headphone only; who has none is told how to hear them."""
    return replace(state, note="" if state.ear.headphone else "told.by_headphone")


_READ: Row[None] = Row(Step.BILL, change=_read, when=_owes, do=(Do.SAY_AGAIN,))


def _payment_news_at(step: Step) -> tuple[Row[PaymentTold], ...]:
    """While nobody knows, the kiosk goes on asking."""
    return (
        Row(step, take=_payment_heard, fits=_is_open_news, do=(Do.ASK_PAYMENT,)),
        Row(step, take=_payment_heard, fits=_is_news),
    )


TABLE = together(
    on(Step.BILL, Ev.BILL_FOUND, Row(Step.BILL, take=_bill_found, fits=_is_awaited_bill)),
    on(Step.BILL, Ev.MONEY_STOPPED, Row(Step.BILL, take=stopped, when=lambda s: s.money.shown_bill is None)),
    on(
        Step.BILL,
        Ev.MONEY_AGAIN,
        Row(
            Step.BILL,
            change=lambda s: with_money(s, replace(s.money, stopped=None, bill=None, chosen=0)),
            when=lambda s: s.money.stopped is not None or s.money.chosen > 0,
            do=(Do.FIND_BILL,),
        ),
    ),
    on(
        Step.BILL,
        Ev.FAMILY,
        Row(Step.BILL, take=_family, fits=lambda s, v: v is not s.money.family, do=(Do.FIND_BILL,)),
    ),
    on(Step.BILL, Ev.READ_TO_ME, _READ),
    on(Step.BILL, Ev.PICK, Row(Step.PAY_PICK, change=lambda s: replace(s, page=0), when=_many_lines)),
    on(Step.BILL, Ev.PAY, Row(Step.PAY_WAY, when=may_pay)),
    on(Step.BILL, Ev.MONEY_DONE, Row(Step.WIPE, change=lambda s: replace(s, cause=Outcome.FINISHED))),
    on(Step.PAY_PICK, Ev.ONE_LINE, Row(Step.BILL, take=_one_line, fits=_is_line)),
    on(Step.PAY_PICK, Ev.PAGE, Row(Step.PAY_PICK, take=lambda s, v: replace(s, page=v))),
    on(
        Step.PAY_WAY,
        Ev.WAY,
        Row(Step.PAY_CODE, fits=_is_way(Way.CODE)),
        Row(
            Step.PAY_ACCOUNT,
            change=_account_asked,
            fits=_is_way(Way.AUTHORITY),
        ),
        Row(Step.PAYING, change=sent(Way.SLIP), fits=_is_way(Way.SLIP), do=(Do.PAY,)),
    ),
    on(
        Step.PAY_CODE,
        Ev.CODE_SHOWN,
        Row(Step.PAYING, change=sent(Way.CODE), fits=_is_code, do=(Do.PAY,)),
        Row(Step.PAY_CODE, change=lambda s: replace(s, note="pay.code.wrong")),
    ),
    on(Step.PAY_CODE, Ev.OTHER_WAY, Row(Step.PAY_WAY)),
    on(Step.PAYING, Ev.PAYMENT, *_payment_news_at(Step.RESULT)),
    on(Step.PAYING, Ev.MONEY_STOPPED, Row(Step.PAYING, take=stopped, when=lambda s: s.money.in_flight)),
    on(Step.PAYING, Ev.OTHER_WAY, Row(Step.PAY_WAY, change=resumed, when=may_pay)),
    on(Step.RESULT, Ev.READ_TO_ME, replace(_READ, to=Step.RESULT, when=lambda s: s.money.payment is not None)),
    on(Step.RESULT, Ev.OTHER_WAY, Row(Step.PAY_WAY, when=may_pay)),
    *(on(step, Ev.PAYMENT, *_payment_news_at(step)) for step in (Step.RESULT, Step.PRINT, Step.RATE)),
)
