"""Screens for appointments and queue tickets: a day, a time, once more to be sure."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Catalogue
from kiosk.domain.money.pay_view import AGAIN, CALL, paged, refused, working
from kiosk.domain.speech import Arg, ArgKind, Line
from kiosk.domain.view.parts import Choice, Fact, Screen, View, progress_of
from kiosk.domain.visit.machine import Ev, Event, Step, VisitState
from kiosk.domain.visit.readiness import Capability

_TIMES = 6
"""Hours on a page: short words, two columns of three."""


def when_args(state: VisitState) -> dict[str, Arg]:
    return {"date": Arg(ArgKind.DATE, state.money.day), "time": Arg(ArgKind.TIME, state.money.start)}


def _day(state: VisitState, catalogue: Catalogue) -> View:
    money = state.money
    if money.stopped is not None:
        return refused(state, money.stopped, *((AGAIN,) if money.stopped.may_retry else ()))
    if money.slots is None:
        return working(state, "book.looking", "look_up")
    if not money.slots.days:
        return View(
            state.step,
            state.overlay,
            Line("book.full"),
            body=(Line("book.full.next"),),
            choices=(AGAIN, CALL),
            progress=progress_of(state),
            red_bar=True,
        )
    entries = [
        Choice(
            day.label,
            Event(Ev.DAY, day.day),
            hint=Line("book.date", {"date": Arg(ArgKind.DATE, day.day)}),
        )
        for day in money.slots.days
    ]
    base = View(
        state.step,
        state.overlay,
        Line("book.day.question"),
        body=(money.slots.place,),
        progress=progress_of(state),
        red_bar=True,
    )
    return paged(base, entries, state.page)


def _time(state: VisitState, catalogue: Catalogue) -> View:
    slots, day = state.money.slots, state.money.day
    times = slots.times(day) if slots else ()
    entries = [Choice(Line("book.time", {"time": Arg(ArgKind.TIME, start)}), Event(Ev.TIME, start)) for start in times]
    base = View(
        state.step,
        state.overlay,
        Line("book.time.question", {"date": Arg(ArgKind.DATE, day)}),
        progress=progress_of(state),
        red_bar=True,
    )
    return paged(base, entries, state.page, _TIMES)


def _sure(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("book.sure", when_args(state)),
        body=(state.money.slots.place,) if state.money.slots else (),
        choices=(
            Choice(Line("book.sure.yes"), Event(Ev.YES), likely=True, icon="tick"),
            Choice(Line("book.sure.no"), Event(Ev.NO)),
        ),
        progress=progress_of(state),
    )


def _booking(state: VisitState, catalogue: Catalogue) -> View:
    stopped = state.money.stopped
    if stopped is None:
        return working(state, "book.sending", "send")
    return refused(state, stopped, AGAIN, Choice(Line("money.leave"), Event(Ev.MONEY_DONE)))


def _appointment(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("appointment.question"),
        choices=(
            Choice(Line("appointment.here"), Event(Ev.CHECK_IN), likely=True, icon="tick"),
            Choice(Line("appointment.change"), Event(Ev.CHANGE_SLOT)),
            Choice(Line("appointment.cancel"), Event(Ev.GIVE_BACK)),
        ),
    )


def _cancel_sure(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("appointment.cancel.sure"),
        body=(Line("appointment.cancel.free"),),
        choices=(
            Choice(Line("appointment.cancel.no"), Event(Ev.NO), likely=True),
            Choice(Line("appointment.cancel.yes"), Event(Ev.YES)),
        ),
    )


def _queue(state: VisitState, catalogue: Catalogue) -> View:
    return View(
        state.step,
        state.overlay,
        Line("queue.question"),
        choices=(
            Choice(Line("queue.priority"), Event(Ev.LANE, "priority")),
            Choice(Line("queue.normal"), Event(Ev.LANE, "normal")),
        ),
        picture="slip",
    )


def _counter(state: VisitState, catalogue: Catalogue) -> View:
    if state.money.stopped is None:
        return working(state, "counter.asking", "send")
    return refused(state, state.money.stopped, AGAIN)


def result(state: VisitState) -> View:
    prints = state.capabilities.has(Capability.PRINT_SLIP)
    money = state.money
    shown = View(
        state.step,
        state.overlay,
        Line("book.unsure"),
        choices=(
            Choice(Line("result.print"), Event(Ev.PRINT), likely=prints, icon="print"),
            Choice(Line("result.no_paper"), Event(Ev.WITHOUT_PAPER), likely=not prints),
        ),
    )
    if money.ticket is not None:
        number = Fact("fact.ticket", Arg(ArgKind.TEXT, money.ticket.ticket), big=True)
        return replace(shown, question=Line("queue.title"), body=(money.ticket.line,), facts=(number,))
    if money.appointment is None:
        return replace(shown, body=(Line("book.unsure.next"),), red_bar=True, case_no=state.case_no)
    kept = money.appointment.state == "booked"
    place = (money.appointment.place,) if kept and money.appointment.place else ()
    made = (Fact("fact.ticket", Arg(ArgKind.TEXT, money.appointment.ticket), big=True),) if kept else ()
    return replace(shown, question=money.appointment.line, body=place, facts=made)


SCREENS: dict[Step, Screen] = {
    Step.BOOK_DAY: _day,
    Step.BOOK_TIME: _time,
    Step.BOOK_SURE: _sure,
    Step.BOOKING: _booking,
    Step.APPOINTMENT: _appointment,
    Step.CANCEL_SURE: _cancel_sure,
    Step.QUEUE: _queue,
    Step.COUNTER: _counter,
}
