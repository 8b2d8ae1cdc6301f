"""Rows for deductions from the social card's account: a paper of its own, signed, used and taken back. Never a PIN."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money.pay_rows import may_pay, resumed, sent, stopped, with_money
from kiosk.domain.money.state import AuthorityTold, Stopped, Way
from kiosk.domain.papers.rows import inked, with_papers
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import VisitState
from kiosk.domain.visit.transition import Row, on, together
from kiosk.domain.visit.words import Do, Step

BACK: dict[Step, Step] = {Step.PAY_ACCOUNT: Step.PAY_WAY, Step.PAY_SIGN: Step.PAY_ACCOUNT}
ENTER: dict[Step, tuple[Do, ...]] = {Step.PAY_ACCOUNT: (Do.FIND_AUTHORITY,)}


def _authority_answered(state: VisitState, value: AuthorityTold) -> VisitState:
    note = "pay.account.gone" if value.taken_back else ""
    money = replace(state.money, signed=value, signs=False, stopped=None)
    return replace(state, money=money, papers=replace(state.papers, ink=()), note=note)


def _is_signed(state: VisitState) -> bool:
    told = state.money.signed
    return told is not None and told.authority is not None


def _is_unsigned(state: VisitState) -> bool:
    told = state.money.signed
    return told is not None and told.authority is None


def _may_sign(state: VisitState) -> bool:
    return state.papers.has_signature and not state.money.signs


def _may_deduct(state: VisitState) -> bool:
    return _is_signed(state) and may_pay(state)


def _no_ink(state: VisitState) -> VisitState:
    return with_papers(state, replace(state.papers, ink=()))


def _taking_back(state: VisitState) -> VisitState:
    return with_money(state, replace(state.money, signed=None))


def _signing(state: VisitState) -> VisitState:
    return with_money(state, replace(state.money, signs=True, stopped=None))


def _not_given(state: VisitState, value: Stopped) -> VisitState:
    """Nothing that was written is lost."""
    return replace(state, money=replace(state.money, stopped=value, signs=False))


TABLE = together(
    on(
        Step.PAY_ACCOUNT,
        Ev.AUTHORITY,
        Row(Step.PAY_ACCOUNT, take=_authority_answered, when=lambda s: s.money.signed is None),
    ),
    on(Step.PAY_ACCOUNT, Ev.MONEY_STOPPED, Row(Step.PAY_ACCOUNT, take=stopped, when=lambda s: s.money.signed is None)),
    on(Step.PAY_ACCOUNT, Ev.OTHER_WAY, Row(Step.PAY_WAY, change=resumed)),
    on(Step.PAY_ACCOUNT, Ev.DECLINE, Row(Step.PAY_WAY, change=resumed)),
    on(Step.PAY_ACCOUNT, Ev.SIGN_PAPER, Row(Step.PAY_SIGN, change=_no_ink, when=_is_unsigned)),
    on(
        Step.PAY_ACCOUNT,
        Ev.END_AUTHORITY,
        Row(
            Step.PAY_ACCOUNT,
            change=_taking_back,
            when=_is_signed,
            do=(Do.END_AUTHORITY,),
        ),
    ),
    on(Step.PAY_ACCOUNT, Ev.AGREE, Row(Step.PAYING, change=sent(Way.AUTHORITY), when=_may_deduct, do=(Do.PAY,))),
    on(Step.PAY_SIGN, Ev.INK, Row(Step.PAY_SIGN, take=inked, when=lambda s: not s.money.signs)),
    on(Step.PAY_SIGN, Ev.CLEAR_INK, Row(Step.PAY_SIGN, change=_no_ink, when=lambda s: not s.money.signs)),
    on(
        Step.PAY_SIGN,
        Ev.AGREE,
        Row(Step.PAY_SIGN, change=_signing, when=_may_sign, do=(Do.GIVE_AUTHORITY,)),
    ),
    on(Step.PAY_SIGN, Ev.AUTHORITY, Row(Step.PAY_ACCOUNT, take=_authority_answered, when=lambda s: s.money.signs)),
    on(Step.PAY_SIGN, Ev.MONEY_STOPPED, Row(Step.PAY_SIGN, take=_not_given, when=lambda s: s.money.signs)),
    on(
        Step.PAY_SIGN,
        Ev.MONEY_AGAIN,
        Row(Step.PAY_SIGN, change=resumed, when=lambda s: s.money.stopped is not None),
    ),
    on(Step.PAY_SIGN, Ev.DECLINE, Row(Step.PAY_WAY, change=resumed)),
)
