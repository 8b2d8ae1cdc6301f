"""Screens for deductions from the social card's account: what is signed, what for, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.money.pay_view import AGAIN, CALL, amount, money_arg, refused, working
from kiosk.domain.money.plan import year_limit_fen
from kiosk.domain.money.state import Authority
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import Choice, Fact, Screen, View, progress_of
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState

_OTHER = Choice(Line("pay.other_way"), Event(Ev.OTHER_WAY))


def _account(state: VisitState, catalogue: Catalogue) -> View:
    money = state.money
    if money.stopped is not None:
        return refused(state, money.stopped, replace(_OTHER, likely=True))
    if money.signed is None:
        return working(state, "pay.account.looking", "look_up")
    signed = money.signed.authority
    return _unsigned(state) if signed is None else _consent(state, signed)


def _unsigned(state: VisitState) -> View:
    return View(
        state.step,
        state.overlay,
        Line("pay.account.unsigned"),
        body=(Line("pay.account.free"),),
        facts=(*amount(state), *_limit_of_bill(state)),
        choices=(Choice(Line("pay.account.sign"), Event(Ev.SIGN_PAPER), likely=True), _OTHER, CALL),
        progress=progress_of(state),
    )


def _limit_of_bill(state: VisitState) -> tuple[Fact, ...]:
    bill = state.money.bill
    return (Fact("fact.year_limit", money_arg(year_limit_fen(bill))),) if bill else ()


def _consent(state: VisitState, signed: Authority) -> View:
    return View(
        state.step,
        state.overlay,
        Line("pay.account.question"),
        body=(Line("pay.account.how"),),
        facts=(
            *amount(state),
            Fact("fact.deducted_from", Arg(ArgKind.TEXT, signed.account)),
            Fact("fact.year_limit", money_arg(signed.year_limit_fen)),
        ),
        choices=(
            Choice(Line("pay.account.yes"), Event(Ev.AGREE), likely=True),
            Choice(Line("pay.account.no"), Event(Ev.DECLINE)),
            Choice(Line("pay.account.take_back"), Event(Ev.END_AUTHORITY)),
        ),
        progress=progress_of(state),
    )


def _sign(state: VisitState, catalogue: Catalogue) -> View:
    money, papers = state.money, state.papers
    if money.stopped is not None:
        again = (AGAIN,) if money.stopped.may_retry else ()
        return refused(state, money.stopped, *again, Choice(Line("pay.account.no"), Event(Ev.DECLINE)))
    base = View(state.step, state.overlay, Line("pay.sign.question"), progress=progress_of(state))
    if money.signs:
        return replace(base, question=Line("capture.keeping"), working=True)
    signed = Choice(Line("sign.done"), Event(Ev.AGREE), likely=True, icon="tick")
    clear = Choice(Line("sign.clear"), Event(Ev.CLEAR_INK))
    return replace(
        base,
        body=(Line("sign.mark_counts"),),
        facts=_limit_of_bill(state),
        choices=(
            *((signed,) if papers.has_signature else ()),
            *((clear,) if papers.ink else ()),
            Choice(Line("pay.account.no"), Event(Ev.DECLINE)),
        ),
    )


SCREENS: dict[Step, Screen] = {Step.PAY_ACCOUNT: _account, Step.PAY_SIGN: _sign}
