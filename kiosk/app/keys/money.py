"""Screens of bills, payments and appointments that differ in words, for the list of text keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.app.money.contract import WORDS, place_line
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
from kiosk.domain.speech import Line
from kiosk.domain.visit.machine import Overlay, Step, VisitState
from kiosk.domain.visit.readiness import Capabilities

_SAID = Line("bill.nothing_due")
"""Stands for what the back office says; its own keys are listed with it."""
_LINE = BillLine(1, Line("bill.what.water"), "due", 100)
_MORE = replace(_LINE, n=2, payer="*", period="2026")
_SLOTS = Slots("XA054", place_line("350213000000"), (DaySlots("2026-11-25", Line("book.day.tomorrow"), ("09:00",)),))
_MADE = Appointment("", "2026-11-25", "09:00", "Y701", "booked", _SAID, "0000", place_line("350213001000"))

KEYS = (
    *sorted(set(WORDS.values())),
    *("stopped.other", "stopped.unreachable", "stopped.unreachable.next"),
    *(f"book.day.{day}" for day in (*range(1, 8), "today", "tomorrow")),
    *("book.place.district", "book.place.town"),
    *("pay.absent", "pay.account.gone", "pay.code.wrong", "book.gone", "leave.paying"),
)


def states(base: VisitState, catalogue: Catalogue) -> Iterator[VisitState]:
    yield from _bills(base)
    yield from _payments(base)
    yield from _authorities(base)
    yield from _bookings(base)
    for step in (Step.BILL, Step.BOOK_DAY, Step.BOOKING, Step.COUNTER):
        for stopped in (Stopped((_SAID,)), Stopped((_SAID,), may_retry=True)):
            yield replace(base, step=step, money=Money(stopped=stopped))
    yield replace(base, step=Step.PAYING, overlay=Overlay.LEAVE, money=Money(in_flight=True))


def _bills(base: VisitState) -> Iterator[VisitState]:
    here = replace(base, step=Step.BILL)
    for item_id in ("XA101", "XA023"):
        for lines in ((_LINE,), (_MORE,), (_LINE, _LINE, _MORE)):
            bill = Bill("1", item_id, 100, _SAID, lines)
            for family, chosen in ((False, 0), (True, 0), (False, 1)):
                shown = replace(bill, family=family, chosen=chosen)
                yield replace(here, money=Money(bill=shown, family=family, chosen=chosen))
            yield replace(here, step=Step.PAY_PICK, money=Money(bill=bill))
        for standing in ("exempt", "register_silent"):
            nothing = Bill("1", item_id, 0, _SAID, (replace(_LINE, standing=standing, amount_fen=0),))
            yield replace(here, money=Money(bill=nothing))


def _payments(base: VisitState) -> Iterator[VisitState]:
    bill = Bill("1", "XA101", 100, _SAID, (_LINE,))
    yield replace(base, step=Step.PAY_WAY, money=Money(bill=bill), capabilities=Capabilities(frozenset()))
    yield replace(base, step=Step.PAYING, money=Money(bill=bill, stopped=Stopped((_SAID,))))
    for state in PayState:
        for slip_code in ("", "1" * 20):
            payment = Payment(state, Way.CODE, 100, _SAID, 1, slip_code)
            yield replace(base, step=Step.RESULT, money=Money(bill=bill, payment=payment))


def _authorities(base: VisitState) -> Iterator[VisitState]:
    bill = Bill("1", "XA101", 100, _SAID, (_LINE,))
    here = replace(base, step=Step.PAY_ACCOUNT)
    for told in (None, AuthorityTold(), AuthorityTold(Authority("", "*", 1200))):
        yield replace(here, money=Money(bill=bill, signed=told))
    yield replace(here, money=Money(bill=bill, stopped=Stopped((_SAID,))))
    signs = replace(base, step=Step.PAY_SIGN, money=Money(bill=bill))
    for ink in ((), (((0.0, 0.0), (50.0, 0.0)),)):
        yield replace(signs, papers=replace(base.papers, ink=ink))
    yield replace(signs, money=Money(bill=bill, signs=True))
    for may_retry in (False, True):
        yield replace(signs, money=Money(bill=bill, stopped=Stopped((_SAID,), may_retry=may_retry)))


def _bookings(base: VisitState) -> Iterator[VisitState]:
    yield replace(base, step=Step.BOOK_DAY, money=Money(slots=_SLOTS))
    yield replace(base, step=Step.BOOK_DAY, money=Money(slots=replace(_SLOTS, days=())))
    chosen = Money(slots=_SLOTS, day="2026-11-25", start="09:00")
    for step in (Step.BOOK_TIME, Step.BOOK_SURE):
        yield replace(base, step=step, money=chosen)
    for state in ("booked", "cancelled"):
        yield replace(base, step=Step.RESULT, money=Money(appointment=replace(_MADE, state=state)))
    yield replace(base, step=Step.RESULT, money=Money(is_unsure=True))
    ticket = Ticket("A001", 1, 8, _SAID)
    yield replace(base, step=Step.RESULT, money=Money(ticket=ticket, slip=OwnSlip("", "", "")))
