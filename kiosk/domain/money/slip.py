"""Slips of payments, appointments and queue numbers: the anatomy of `kiosk.domain.slip.blocks` with their own facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.identity import mask_name
from kiosk.domain.money.state import Appointment, Payment
from kiosk.domain.slip.blocks import (
    NextSteps,
    Number,
    Remark,
    Rule,
    Slip,
    SlipFact,
    SlipKind,
    SlipTerminal,
    Verify,
    contact_of,
    helper_of,
    number_rows,
    opening,
    slip_fact,
    when_and_where,
)
from kiosk.domain.slip.codes import appointment_code, slip_code
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.visit.machine import VisitState

_ARGS: Mapping[str, tuple[str, ...]] = {
    "slip.value.total": ("amount",),
    "slip.value.receipt": ("receipt",),
    "slip.value.bank_code": ("digits",),
    "slip.value.bank_rest": ("digits",),
    "slip.value.until": ("date",),
    "slip.value.when": ("date", "time"),
    "slip.value.where": ("place",),
    "slip.value.ticket": ("ticket",),
    "slip.value.ahead": ("count",),
}
_LABELS = tuple(key.rpartition(".")[2] for key in _ARGS)
_NEXT = ("paid", "pay_slip", "pay_unknown", "appointment", "cancelled", "ticket", "unsure")
KEYS: Mapping[str, tuple[str, ...]] = {
    **_ARGS,
    **{f"slip.label.{label}": () for label in _LABELS},
    **{f"slip.{kind}.next": () for kind in _NEXT},
    "slip.pay_unknown.again": (),
    "slip.appointment.change": (),
}
"""Text keys of these slips beside those that each kind has, with the names of their values."""


def kind_of(state: VisitState) -> SlipKind:
    """:raises ValueError: there is nothing of a payment, an appointment or a number to put on a slip."""
    money = state.money
    if money.payment is not None:
        if money.payment.is_booked:
            return SlipKind.PAID
        return SlipKind.PAY_SLIP if money.payment.is_slip else SlipKind.PAY_UNKNOWN
    if money.ticket is not None:
        return SlipKind.TICKET
    if money.appointment is not None:
        return SlipKind.APPOINTMENT if money.appointment.state == "booked" else SlipKind.CANCELLED
    if money.is_unsure:
        return SlipKind.UNSURE
    raise ValueError("this visit has nothing of money or time to put on a slip")


def money_slip(state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime) -> Slip:
    """:param wall: local time to print. :raises ValueError: nothing to print, or the visit has no number."""
    kind, copy_no = kind_of(state), max(state.copies, 1)
    blocks = opening(kind, terminal, copy_no, _subject(state, catalogue))
    if kind is not SlipKind.TICKET:
        label = "case" if kind in (SlipKind.PAID, SlipKind.APPOINTMENT) else "receipt"
        blocks += [Rule(), Number(Line(f"slip.number.{label}"), number_rows(_number(state))), Rule()]
    blocks += _facts(state, catalogue, terminal, wall)
    blocks.append(NextSteps(_next(kind, state)))
    if kind in (SlipKind.PAY_UNKNOWN, SlipKind.UNSURE):
        blocks.append(Remark(Line("slip.not_accepted")))
    blocks.append(contact_of(terminal))
    if (code := _code(state)) is not None:
        blocks.append(Verify(code, Line("slip.verify")))
    return Slip(kind, tuple(blocks), copy_no)


def _item_id(state: VisitState) -> str:
    return state.item_id or (state.money.slip.item_id if state.money.slip else "")


def _subject(state: VisitState, catalogue: Catalogue) -> Line | None:
    """A slip that was shown may name an item that no catalogue knows."""
    known = {item.item_id for item in catalogue.items}
    item_id = _item_id(state)
    return Line(f"item.{item_id}.name") if item_id in known else None


def _number(state: VisitState) -> str:
    """An appointment that was moved keeps its own number."""
    return state.money.slip.number if state.money.slip else state.case_no


def _code(state: VisitState) -> str | None:
    money = state.money
    if money.ticket is not None:
        return None
    if money.appointment is not None and money.appointment.state == "booked":
        return appointment_code(_number(state), money.appointment.query_code, _item_id(state), state.lang)
    known = money.payment.query_code if money.payment else money.slip.code if money.slip else ""
    return slip_code(_number(state), known, state.lang)


def _facts(state: VisitState, catalogue: Catalogue, terminal: SlipTerminal, wall: datetime) -> Iterator[SlipFact]:
    """What concerns her first, large; then what a clerk looks for, small."""
    money = state.money
    if money.payment is not None:
        yield from _of_payment(money.payment)
    if money.ticket is not None:
        yield slip_fact("ticket", ticket=Arg(ArgKind.TEXT, money.ticket.ticket))
        yield slip_fact("ahead", count=Arg(ArgKind.COUNT, str(money.ticket.ahead)))
    if money.appointment is not None:
        yield from _of_appointment(money.appointment)
    elif money.is_unsure:
        yield slip_fact("when", date=Arg(ArgKind.DATE, money.day), time=Arg(ArgKind.TIME, money.start))
    if state.resident is not None:
        yield slip_fact("name", name=Arg(ArgKind.NAME, mask_name(state.resident.name)))
    yield from helper_of(state)
    if (code := _query_code(state)) and money.ticket is None:
        yield slip_fact("query_code", code=Arg(ArgKind.DIGITS, code))
    if state.item_id:
        yield slip_fact("item", True, item=Arg(ArgKind.TEXT, catalogue.item(state.item_id).official))
    yield from when_and_where(terminal, wall)


def _query_code(state: VisitState) -> str:
    money = state.money
    return money.payment.query_code if money.payment else money.appointment.query_code if money.appointment else ""


def _of_payment(payment: Payment) -> Iterator[SlipFact]:
    yield slip_fact("total", amount=Arg(ArgKind.MONEY, str(payment.amount_fen)))
    if payment.is_booked:
        yield slip_fact("receipt", receipt=Arg(ArgKind.TEXT, payment.receipt_no))
    if payment.is_slip:
        # What a bank's counter types in: two rows of ten, as large as the rest.
        yield slip_fact("bank_code", digits=Arg(ArgKind.TEXT, payment.slip_code[:10]))
        yield slip_fact("bank_rest", digits=Arg(ArgKind.TEXT, payment.slip_code[10:]))
        yield slip_fact("until", date=Arg(ArgKind.DATE, payment.expires_on))


def _of_appointment(made: Appointment) -> Iterator[SlipFact]:
    yield slip_fact("when", date=Arg(ArgKind.DATE, made.day), time=Arg(ArgKind.TIME, made.start))
    yield slip_fact("ticket", ticket=Arg(ArgKind.TEXT, made.ticket))
    if made.place is not None:
        yield slip_fact("where", place=Arg(ArgKind.KEY, made.place.key))


def _next(kind: SlipKind, state: VisitState) -> tuple[Line, ...]:
    line = Line(f"slip.{kind.value}.next")
    if kind is SlipKind.PAY_UNKNOWN:
        return (line, Line("slip.pay_unknown.again"))
    return (line, Line("slip.appointment.change")) if kind is SlipKind.APPOINTMENT else (line,)
