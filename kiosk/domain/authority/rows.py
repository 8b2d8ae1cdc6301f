"""Rows for deductions from the social card's account: a paper of its own, signed, used and taken back. Never a PIN."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money.pay_rows import may_pay, of_money, sent, stopped
from kiosk.domain.money.state import AuthorityTold, Stopped, Way
from kiosk.domain.papers.rows import inked, papers_with
from kiosk.domain.papers.state import Papers
from kiosk.domain.visit.rows import Changes, Row
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.words import Do, Ev, Step

BACK: dict[Step, Step] = {Step.PAY_ACCOUNT: Step.PAY_WAY, Step.PAY_SIGN: Step.PAY_ACCOUNT}
ENTER: dict[Step, tuple[Do, ...]] = {Step.PAY_ACCOUNT: (Do.FIND_AUTHORITY,)}


def _authority_answered(state: VisitState, value: object) -> Changes:
    assert isinstance(value, AuthorityTold)
    note = "pay.account.gone" if value.taken_back else ""
    money = replace(state.money, signed=value, signs=False, stopped=None)
    return {"money": money, "papers": replace(state.papers, ink=()), "note": note}


def _is_signed(state: VisitState, value: object) -> bool:
    told = state.money.signed
    return told is not None and told.authority is not None


def _is_unsigned(state: VisitState, value: object) -> bool:
    told = state.money.signed
    return told is not None and told.authority is None


def _may_sign(state: VisitState, value: object) -> bool:
    return state.papers.has_signature and not state.money.signs


def _may_deduct(state: VisitState, value: object) -> bool:
    return _is_signed(state, value) and may_pay(state, value)


def _no_ink(state: VisitState, value: object) -> Changes:
    return papers_with(state, ink=Papers().ink)


def _not_given(state: VisitState, value: object) -> Changes:
    """Nothing that was written is lost."""
    assert isinstance(value, Stopped)
    return {"money": replace(state.money, stopped=value, signs=False)}


TABLE: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.PAY_ACCOUNT, Ev.AUTHORITY): (
        Row(Step.PAY_ACCOUNT, change=_authority_answered, when=lambda s, v: s.money.signed is None),
    ),
    (Step.PAY_ACCOUNT, Ev.MONEY_STOPPED): (
        Row(Step.PAY_ACCOUNT, change=stopped, when=lambda s, v: s.money.signed is None),
    ),
    (Step.PAY_ACCOUNT, Ev.OTHER_WAY): (Row(Step.PAY_WAY, change=of_money(stopped=None)),),
    (Step.PAY_ACCOUNT, Ev.DECLINE): (Row(Step.PAY_WAY, change=of_money(stopped=None)),),
    (Step.PAY_ACCOUNT, Ev.SIGN_PAPER): (Row(Step.PAY_SIGN, change=_no_ink, when=_is_unsigned),),
    (Step.PAY_ACCOUNT, Ev.END_AUTHORITY): (
        Row(Step.PAY_ACCOUNT, change=of_money(signed=None), when=_is_signed, do=(Do.END_AUTHORITY,)),
    ),
    (Step.PAY_ACCOUNT, Ev.AGREE): (Row(Step.PAYING, change=sent(Way.AUTHORITY), when=_may_deduct, do=(Do.PAY,)),),
    (Step.PAY_SIGN, Ev.INK): (Row(Step.PAY_SIGN, change=inked, when=lambda s, v: not s.money.signs),),
    (Step.PAY_SIGN, Ev.CLEAR_INK): (Row(Step.PAY_SIGN, change=_no_ink, when=lambda s, v: not s.money.signs),),
    (Step.PAY_SIGN, Ev.AGREE): (
        Row(Step.PAY_SIGN, change=of_money(signs=True, stopped=None), when=_may_sign, do=(Do.GIVE_AUTHORITY,)),
    ),
    (Step.PAY_SIGN, Ev.AUTHORITY): (
        Row(Step.PAY_ACCOUNT, change=_authority_answered, when=lambda s, v: s.money.signs),
    ),
    (Step.PAY_SIGN, Ev.MONEY_STOPPED): (Row(Step.PAY_SIGN, change=_not_given, when=lambda s, v: s.money.signs),),
    (Step.PAY_SIGN, Ev.MONEY_AGAIN): (
        Row(Step.PAY_SIGN, change=of_money(stopped=None), when=lambda s, v: s.money.stopped is not None),
    ),
    (Step.PAY_SIGN, Ev.DECLINE): (Row(Step.PAY_WAY, change=of_money(stopped=None)),),
}
