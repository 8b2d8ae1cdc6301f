"""Screens of bills, payments, appointments and tickets, the longer variants too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.money.state import (
    Appointment,
    Authority,
    AuthorityTold,
    Bill,
    BillLine,
    DaySlots,
    Money,
    OwnSlip,
    Payment,
    PayState,
    Slots,
    Stopped,
    Ticket,
    Way,
)
from kiosk.domain.papers.state import Papers
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import Step, VisitState

_YEAR = {"year": Arg(ArgKind.DIGITS, "2027")}
_MINE = BillLine(1, Line("bill.what.medical", _YEAR), "due", 40_000, "2027", "陈*娇婆")
_HIS = replace(_MINE, n=2, payer="林*木")
_WATER = BillLine(1, Line("bill.what.water"), "due", 12_345)


_SIGNED = Authority("1", "农商银行 *6821", 148_140)


def _total(fen: int) -> Line:
    return Line("bill.total", {"amount": Arg(ArgKind.MONEY, str(fen))})


_BILL = Bill("1", "XA101", 12_345, _total(12_345), (_WATER,))
_FAMILY = Bill("2", "XA023", 80_000, _total(80_000), (_MINE, _HIS))
_EXEMPT = Bill("3", "XA023", 0, Line("bill.exempt"), (replace(_MINE, standing="exempt", amount_fen=0),))
_SILENT = Bill("4", "XA023", 0, Line("bill.register_silent"), (replace(_MINE, standing="register_silent"),))
_DATE = {"date": Arg(ArgKind.DATE, "2026-12-01")}
_DONE = {
    "date": Arg(ArgKind.DATE, "2026-11-25"),
    "time": Arg(ArgKind.TIME, "07:30"),
    "ticket": Arg(ArgKind.DIGITS, "701"),
}
_TIMES = ("07:30", "08:00", "08:30", "09:00", "09:30", "10:00", "10:30")
_SLOTS = Slots(
    "XA054",
    Line("book.place.town"),
    tuple(
        DaySlots(f"2026-11-{day}", Line(f"book.day.{label}"), _TIMES)
        for day, label in ((25, "tomorrow"), (26, "4"), (27, "5"), (28, "6"), (30, "1"))
    ),
)
_CHOSEN = Money(slots=_SLOTS, day="2026-11-25", start="07:30")
_MADE = Appointment(
    "3502130078261124000017", "2026-11-25", "07:30", "Y701", "booked", Line("book.done", _DONE), "4821",
    Line("book.place.town"),
)  # fmt: skip
_QUEUED = {
    "ticket": Arg(ArgKind.DIGITS, "501"),
    "ahead": Arg(ArgKind.COUNT, "12"),
    "minutes": Arg(ArgKind.COUNT, "96"),
}


def _paid(state: PayState, line: Line, **more: str) -> Money:
    return Money(bill=_BILL, payment=Payment(state, Way.CODE, 12_345, line, 1, **more))


def scenes(visit: Callable[..., VisitState], catalogue: Catalogue) -> dict[str, VisitState]:
    def at(step: Step, money: Money, **more: object) -> VisitState:
        return visit(step, money=money, **more)

    stopped = Stopped((Line("stopped.unreachable"), Line("stopped.unreachable.next")), may_retry=True)
    booked = Line("pay.booked", {"receipt": Arg(ArgKind.TEXT, "R3502130078261124000017")})
    return {
        "bill_looking": at(Step.BILL, Money()),
        "bill": at(Step.BILL, Money(bill=_BILL)),
        "bill_family": at(Step.BILL, Money(bill=replace(_FAMILY, family=True), family=True)),
        "bill_exempt": at(Step.BILL, Money(bill=_EXEMPT)),
        "bill_silent": at(Step.BILL, Money(bill=_SILENT)),
        "bill_stopped": at(Step.BILL, Money(stopped=stopped)),
        "pay_pick": at(Step.PAY_PICK, Money(bill=_FAMILY)),
        "pay_way": at(Step.PAY_WAY, Money(bill=_BILL)),
        "pay_code": at(Step.PAY_CODE, Money(bill=_BILL)),
        "pay_code_wrong": at(Step.PAY_CODE, Money(bill=_BILL), note="pay.code.wrong"),
        "pay_account": at(Step.PAY_ACCOUNT, Money(bill=_BILL, signed=AuthorityTold(_SIGNED))),
        "pay_account_looking": at(Step.PAY_ACCOUNT, Money(bill=_BILL)),
        "pay_account_unsigned": at(Step.PAY_ACCOUNT, Money(bill=_BILL, signed=AuthorityTold())),
        "pay_sign": at(Step.PAY_SIGN, Money(bill=_BILL)),
        "pay_sign_ink": at(Step.PAY_SIGN, Money(bill=_BILL), papers=Papers(ink=(((20.0, 20.0), (90.0, 40.0)),))),
        "paying": at(Step.PAYING, Money(bill=_BILL, in_flight=True)),
        "paying_stopped": at(Step.PAYING, Money(bill=_BILL, stopped=Stopped((Line("stopped.authority_missing"),)))),
        "paid": at(Step.RESULT, _paid(PayState.BOOKED, booked, receipt_no="R1"), stored=True),
        "paid_slip": at(
            Step.RESULT, _paid(PayState.SENT, Line("pay.slip", _DATE), slip_code="12345678901234567890"), stored=True
        ),
        "paid_unknown": at(Step.RESULT, _paid(PayState.UNKNOWN, Line("pay.waiting")), stored=True),
        "paid_refused": at(Step.RESULT, _paid(PayState.REFUSED, Line("pay.refused")), stored=True),
        "book_looking": at(Step.BOOK_DAY, Money()),
        "book_day": at(Step.BOOK_DAY, Money(slots=_SLOTS)),
        "book_day_gone": at(Step.BOOK_DAY, Money(slots=_SLOTS), note="book.gone", page=1),
        "book_full": at(Step.BOOK_DAY, Money(slots=replace(_SLOTS, days=()))),
        "book_time": at(Step.BOOK_TIME, _CHOSEN),
        "book_sure": at(Step.BOOK_SURE, _CHOSEN),
        "booking": at(Step.BOOKING, _CHOSEN),
        "booking_stopped": at(Step.BOOKING, replace(_CHOSEN, stopped=Stopped((Line("stopped.already_booked"),)))),
        "booked": at(Step.RESULT, replace(_CHOSEN, appointment=_MADE), stored=True),
        "book_unsure": at(Step.RESULT, replace(_CHOSEN, is_unsure=True), stored=True),
        "appointment": at(Step.APPOINTMENT, Money(slip=OwnSlip("1", "1", "XA054")), resident=None, plan=()),
        "cancel_sure": at(Step.CANCEL_SURE, Money(slip=OwnSlip("1", "1", "XA054")), resident=None, plan=()),
        "queue": at(Step.QUEUE, Money(), resident=None, plan=()),
        "counter": at(Step.COUNTER, Money(), resident=None, plan=()),
        "counter_early": at(Step.COUNTER, Money(stopped=Stopped((Line("stopped.check_in_early"),))), plan=()),
        "queue_ticket": at(
            Step.RESULT, Money(ticket=Ticket("P501", 12, 96, Line("queue.ticket", _QUEUED))), resident=None, plan=()
        ),
    }
