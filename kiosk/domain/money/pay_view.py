"""Screens for bills and payments.

An amount is shown large and never said over the loudspeaker: its words are said without it.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.money.plan import HOUSEHOLD
from kiosk.domain.money.state import Bill, BillLine, Stopped, Way
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import PAGE_SIZE, Choice, Fact, Screen, View, progress_of
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState
from kiosk.domain.visit.readiness import Capability

CALL = Choice(Line("guide.call"), Event(Ev.CALL), icon="bell")
AGAIN = Choice(Line("money.again"), Event(Ev.MONEY_AGAIN), likely=True, icon="again")
READ = Choice(Line("told.read_to_me"), Event(Ev.READ_TO_ME), icon="sound")
_SHOWN_LINES = 3
"""More lines of a bill are summed up: their total is what counts, and each is on the list of single ones."""


def money_arg(amount_fen: int) -> Arg:
    return Arg(ArgKind.MONEY, str(amount_fen))


def working(state: VisitState, key: str, picture: str, *body: str) -> View:
    return View(
        state.step,
        state.overlay,
        Line(key),
        body=tuple(Line(one) for one in body),
        picture=picture,
        progress=progress_of(state),
        working=True,
    )


def refused(state: VisitState, stopped: Stopped, *choices: Choice) -> View:
    """Cause, what to do, who can help; the red bar."""
    return View(
        state.step,
        state.overlay,
        stopped.lines[0],
        body=(*stopped.lines[1:], Line("money.nothing_done")),
        choices=(*choices, CALL if choices else replace(CALL, likely=True)),
        progress=progress_of(state),
        red_bar=True,
    )


def _bill(state: VisitState, catalogue: Catalogue) -> View:
    money = state.money
    if money.stopped is not None:
        return refused(state, money.stopped, *((AGAIN,) if money.stopped.may_retry else ()))
    bill = money.shown_bill
    if bill is None:
        return working(state, "bill.looking", "look_up")
    return _owed(state, bill) if bill.total_fen else _nothing(state, bill)


def _owed(state: VisitState, bill: Bill) -> View:
    choices = [Choice(Line("bill.pay"), Event(Ev.PAY), likely=True, icon="tick")]
    if len(bill.due) > 1:
        choices.append(Choice(Line("bill.one"), Event(Ev.PICK)))
    if bill.chosen:
        choices.append(Choice(Line("bill.whole"), Event(Ev.MONEY_AGAIN)))
    return View(
        state.step,
        state.overlay,
        bill.line,
        facts=(Fact("fact.amount", money_arg(bill.total_fen), big=True), *_line_facts(bill)),
        choices=(*choices, *_household(state, bill), READ),
        progress=progress_of(state),
    )


def _line_facts(bill: Bill) -> tuple[Fact, ...]:
    if len(bill.due) == 1:
        only = bill.due[0]
        payer = (Fact("fact.payer", Arg(ArgKind.NAME, only.payer)),) if only.payer else ()
        period = (Fact("fact.year", Arg(ArgKind.DIGITS, only.period)),) if only.period else ()
        return (*payer, *period)
    return tuple(
        Fact("fact.part", money_arg(line.amount_fen)) if not line.payer else _of_payer(line.payer, line.period)
        for line in bill.due[:_SHOWN_LINES]
    )


def _of_payer(payer: str, period: str) -> Fact:
    return Fact("fact.payer", Arg(ArgKind.TEXT, f"{payer} {period}".strip()))


def _nothing(state: VisitState, bill: Bill) -> View:
    """Whoever is exempt is told so as good news; whatever is unclear takes no money either."""
    good = all(line.standing in ("exempt", "paid_already") for line in bill.lines)
    return View(
        state.step,
        state.overlay,
        Line("bill.nothing_to_pay" if good else "bill.not_paid_now"),
        body=(bill.line,),
        choices=(
            Choice(Line("bill.done"), Event(Ev.MONEY_DONE), likely=True, icon="tick"),
            *_household(state, bill),
            *(() if good else (CALL,)),
        ),
        progress=progress_of(state),
        red_bar=not good,
    )


def _household(state: VisitState, bill: Bill) -> tuple[Choice, ...]:
    """The household's bills are looked for only when she says so."""
    if bill.item_id not in HOUSEHOLD:
        return ()
    key = "bill.only_mine" if bill.family else "bill.family"
    return (Choice(Line(key), Event(Ev.FAMILY, not bill.family)),)


def _pick(state: VisitState, catalogue: Catalogue) -> View:
    """Each is told apart by its place in the list: the words alone must do where choices are only heard."""
    due = state.money.bill.due if state.money.bill else ()
    entries = [
        Choice(Line("bill.nth", {"n": Arg(ArgKind.COUNT, str(at))}), Event(Ev.ONE_LINE, line.n), hint=_whose(line))
        for at, line in enumerate(due, 1)
    ]
    base = View(
        state.step,
        state.overlay,
        Line("bill.pick"),
        body=(due[0].what,) if due else (),
        progress=progress_of(state),
    )
    return paged(base, entries, state.page)


def _whose(line: BillLine) -> Line:
    amount = {"amount": money_arg(line.amount_fen)}
    if not line.payer:
        return Line("bill.line.hint", amount)
    return Line("bill.line.whose", {"payer": Arg(ArgKind.TEXT, f"{line.payer} {line.period}".strip()), **amount})


def paged(base: View, entries: list[Choice], page: int, size: int = PAGE_SIZE) -> View:
    last = max((len(entries) - 1) // size, 0)
    at = min(max(page, 0), last)
    pager = (
        *((Choice(Line("browse.previous"), Event(Ev.PAGE, at - 1)),) if at > 0 else ()),
        *((Choice(Line("browse.next"), Event(Ev.PAGE, at + 1)),) if at < last else ()),
    )
    return replace(base, cards=tuple(entries[at * size : (at + 1) * size]), pager=pager)


def amount(state: VisitState) -> tuple[Fact, ...]:
    bill = state.money.bill
    return (Fact("fact.amount", money_arg(bill.total_fen), big=True),) if bill else ()


def _way(state: VisitState, catalogue: Catalogue) -> View:
    code = Choice(Line("pay.way.code"), Event(Ev.WAY, Way.CODE))
    scans = state.capabilities.has(Capability.READ_CODE)
    return View(
        state.step,
        state.overlay,
        Line("pay.way.question"),
        body=() if scans else (Line("pay.way.no_scanner"),),
        facts=amount(state),
        choices=(
            *((code,) if scans else ()),
            Choice(Line("pay.way.slip"), Event(Ev.WAY, Way.SLIP), icon="print"),
            Choice(Line("pay.way.authority"), Event(Ev.WAY, Way.AUTHORITY)),
            CALL,
        ),
        progress=progress_of(state),
    )


def _code(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("pay.code.show"),
        body=(Line("pay.code.how"),),
        facts=amount(state),
        choices=(Choice(Line("pay.other_way"), Event(Ev.OTHER_WAY)),),
        picture="helper",
        progress=progress_of(state),
    )


def _paying(state: VisitState, catalogue: Catalogue) -> View:
    if state.money.stopped is None:
        return working(state, "paying.sending", "send", "paying.wait")
    other = (Choice(Line("pay.other_way"), Event(Ev.OTHER_WAY), likely=True),) if state.money.may_pay else ()
    return refused(state, state.money.stopped, *other)


def result(state: VisitState) -> View:
    payment = state.money.payment
    assert payment is not None
    prints = state.capabilities.has(Capability.PRINT_SLIP)
    printed = Choice(Line("result.print"), Event(Ev.PRINT), likely=prints, icon="print")
    without = Choice(Line("result.no_paper"), Event(Ev.WITHOUT_PAPER), likely=not prints)
    shown = View(
        state.step,
        state.overlay,
        payment.line,
        facts=(Fact("fact.amount", money_arg(payment.amount_fen), big=True),),
        choices=(printed, without),
        case_no=state.case_no,
    )
    # What came of it in three words; the whole of it below, where even the largest letters have a page to turn.
    if payment.is_booked:
        return replace(shown, question=Line("pay.booked.title"), body=(payment.line,), choices=(printed, READ, without))
    if payment.is_slip:
        choices = (printed, READ, without, _other(likely=False))
        return replace(shown, question=Line("pay.slip.title"), body=(payment.line,), choices=choices)
    if payment.took_nothing:
        return replace(
            shown,
            body=(Line("pay.refused.next"),),
            choices=(_other(likely=True), replace(without, likely=False), CALL),
            red_bar=True,
        )
    return replace(shown, body=(Line("pay.unknown.next"),), red_bar=True)


def _other(*, likely: bool) -> Choice:
    return Choice(Line("pay.other_way"), Event(Ev.OTHER_WAY), likely=likely)


SCREENS: dict[Step, Screen] = {
    Step.BILL: _bill,
    Step.PAY_PICK: _pick,
    Step.PAY_WAY: _way,
    Step.PAY_CODE: _code,
    Step.PAYING: _paying,
}
