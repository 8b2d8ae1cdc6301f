"""Rows for appointments and queue tickets. A place is taken once; who holds the slip may move it or give it back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money.pay_rows import resumed, stopped, with_money
from kiosk.domain.money.state import Money, Slots, Stopped, Ticket
from kiosk.domain.slip.codes import read_appointment
from kiosk.domain.slip.rows import lang_of_holder
from kiosk.domain.visit.events import Ev
from kiosk.domain.visit.state import AppointmentTold, VisitState
from kiosk.domain.visit.transition import Row, on, together
from kiosk.domain.visit.words import Do, Outcome, Step

LANES = ("priority", "normal")

BACK: dict[Step, Step] = {
    Step.BOOK_DAY: Step.CHOOSE,
    Step.BOOK_TIME: Step.BOOK_DAY,
    Step.BOOK_SURE: Step.BOOK_TIME,
    Step.BOOKING: Step.BOOKING,
    Step.APPOINTMENT: Step.CHOOSE,
    Step.CANCEL_SURE: Step.APPOINTMENT,
    Step.QUEUE: Step.BROWSE,
    Step.COUNTER: Step.COUNTER,
}
ENTER: dict[Step, tuple[Do, ...]] = {
    Step.BOOK_DAY: (Do.FIND_SLOTS,),
    Step.BOOKING: (Do.BOOK,),
    Step.APPOINTMENT: (Do.STOP_CARD,),
}


def _slots(state: VisitState, value: Slots) -> VisitState:
    return replace(state, money=replace(state.money, slots=value, stopped=None), page=0)


def _are_awaited(state: VisitState, value: Slots) -> bool:
    wanted = state.money.slip.item_id if state.money.slip else state.item_id
    return value.item_id == wanted


def _day(state: VisitState, value: str) -> VisitState:
    return replace(state, money=replace(state.money, day=value), page=0, note="")


def _is_day(state: VisitState, value: str) -> bool:
    return state.money.slots is not None and bool(state.money.slots.times(value))


def _time(state: VisitState, value: str) -> VisitState:
    return replace(state, money=replace(state.money, start=value))


def _is_time(state: VisitState, value: str) -> bool:
    slots = state.money.slots
    return slots is not None and value in slots.times(state.money.day)


def _asked(state: VisitState) -> VisitState:
    return replace(state, money=replace(state.money, tries=state.money.tries + 1, stopped=None), note="")


def _gone(state: VisitState) -> VisitState:
    return replace(state, money=replace(state.money, slots=None, stopped=None), page=0, note="book.gone")


def _looks_again(state: VisitState) -> VisitState:
    return with_money(state, replace(state.money, stopped=None, slots=None))


def _moves(state: VisitState) -> VisitState:
    return with_money(state, replace(state.money, is_moving=True, slots=None))


def _is_gone(state: VisitState, value: Stopped) -> bool:
    return value.gone


def _booked(state: VisitState, value: AppointmentTold) -> VisitState:
    moved = state.money.slip is not None
    return replace(
        state,
        money=replace(state.money, appointment=value.appointment, stopped=None),
        decision=value.decision,
        stored=not moved,
        cause=Outcome.FINISHED if moved else None,
        index=max(len(state.plan) - 1, 0),
    )


def _is_awaited(state: VisitState, value: AppointmentTold) -> bool:
    return value.tries == state.money.tries


def _unsure(state: VisitState) -> VisitState:
    return replace(
        state,
        money=replace(state.money, is_unsure=True, stopped=None),
        stored=state.money.slip is None,
        index=max(len(state.plan) - 1, 0),
    )


def _slip_shown(state: VisitState, value: str) -> VisitState:
    money = Money(slip=read_appointment(value))
    return replace(state, money=money, item_id="", page=0, note="", lang=lang_of_holder(state, value))


def _is_appointment(state: VisitState, value: str) -> bool:
    return read_appointment(value) is not None


def _lane(state: VisitState, value: str) -> VisitState:
    return replace(state, money=Money(lane=value), note="")


def _ticket(state: VisitState, value: Ticket) -> VisitState:
    return replace(state, money=replace(state.money, ticket=value, stopped=None), cause=Outcome.FINISHED)


def _page(state: VisitState, value: int) -> VisitState:
    return replace(state, page=value)


AT_DOOR = (Row(Step.APPOINTMENT, take=_slip_shown, fits=_is_appointment, do=(Do.BEGIN_VISIT,)),)
AT_CHOICE = (Row(Step.APPOINTMENT, take=_slip_shown, fits=_is_appointment),)
"""What an appointment's slip does on the first screen and where a service is chosen."""

TABLE = together(
    on(Step.BOOK_DAY, Ev.SLOTS, Row(Step.BOOK_DAY, take=_slots, fits=_are_awaited)),
    on(Step.BOOK_DAY, Ev.MONEY_STOPPED, Row(Step.BOOK_DAY, take=stopped)),
    on(
        Step.BOOK_DAY,
        Ev.MONEY_AGAIN,
        Row(
            Step.BOOK_DAY,
            change=_looks_again,
            when=lambda s: s.money.slots is None or not s.money.slots.days or s.money.stopped is not None,
            do=(Do.FIND_SLOTS,),
        ),
    ),
    on(Step.BOOK_DAY, Ev.PAGE, Row(Step.BOOK_DAY, take=_page)),
    on(Step.BOOK_DAY, Ev.DAY, Row(Step.BOOK_TIME, take=_day, fits=_is_day)),
    on(Step.BOOK_TIME, Ev.PAGE, Row(Step.BOOK_TIME, take=_page)),
    on(Step.BOOK_TIME, Ev.TIME, Row(Step.BOOK_SURE, take=_time, fits=_is_time)),
    on(Step.BOOK_SURE, Ev.YES, Row(Step.BOOKING, change=_asked)),
    on(Step.BOOK_SURE, Ev.NO, Row(Step.BOOK_DAY, change=lambda s: replace(s, page=0))),
    on(Step.BOOKING, Ev.BOOKED, Row(Step.RESULT, take=_booked, fits=_is_awaited)),
    on(Step.BOOKING, Ev.BOOK_UNSURE, Row(Step.RESULT, change=_unsure, fits=lambda s, v: v == s.money.tries)),
    on(
        Step.BOOKING, Ev.MONEY_STOPPED, Row(Step.BOOK_DAY, change=_gone, fits=_is_gone), Row(Step.BOOKING, take=stopped)
    ),
    on(
        Step.BOOKING,
        Ev.MONEY_AGAIN,
        Row(Step.BOOK_DAY, change=_looks_again, when=lambda s: s.money.stopped is not None),
    ),
    on(
        Step.BOOKING,
        Ev.MONEY_DONE,
        Row(
            Step.WIPE,
            change=lambda s: replace(s, cause=Outcome.REFUSED),
            when=lambda s: s.money.stopped is not None,
        ),
    ),
    on(Step.APPOINTMENT, Ev.CHECK_IN, Row(Step.COUNTER, do=(Do.CHECK_IN,))),
    on(Step.APPOINTMENT, Ev.CHANGE_SLOT, Row(Step.BOOK_DAY, change=_moves)),
    on(Step.APPOINTMENT, Ev.GIVE_BACK, Row(Step.CANCEL_SURE)),
    on(Step.CANCEL_SURE, Ev.YES, Row(Step.COUNTER, do=(Do.CANCEL_APPOINTMENT,))),
    on(Step.CANCEL_SURE, Ev.NO, Row(Step.APPOINTMENT)),
    # Whose card was read has her line by her age; who has laid down none says which.
    on(
        Step.BROWSE,
        Ev.QUEUE,
        Row(
            Step.COUNTER,
            change=lambda s: replace(s, money=Money()),
            when=lambda s: s.resident is not None,
            do=(Do.TAKE_TICKET,),
        ),
        Row(Step.QUEUE),
    ),
    on(Step.QUEUE, Ev.LANE, Row(Step.COUNTER, take=_lane, fits=lambda s, v: v in LANES, do=(Do.TAKE_TICKET,))),
    on(Step.COUNTER, Ev.TICKET, Row(Step.RESULT, take=_ticket)),
    on(Step.COUNTER, Ev.BOOKED, Row(Step.RESULT, take=_booked)),
    on(Step.COUNTER, Ev.MONEY_STOPPED, Row(Step.COUNTER, take=stopped)),
    on(
        Step.COUNTER,
        Ev.MONEY_AGAIN,
        Row(
            Step.APPOINTMENT,
            change=resumed,
            when=lambda s: s.money.stopped is not None and s.money.slip is not None,
        ),
        Row(Step.CHOOSE, change=lambda s: replace(s, money=Money()), when=lambda s: s.money.stopped is not None),
    ),
)
