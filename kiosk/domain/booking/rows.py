"""Rows for appointments and queue tickets. A place is taken once; who holds the slip may move it or give it back."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.money.pay_rows import of_money, stopped
from kiosk.domain.money.state import Money, Slots, Stopped, Ticket
from kiosk.domain.slip.codes import read_appointment
from kiosk.domain.slip.rows import lang_of_holder
from kiosk.domain.visit.rows import Changes, Row
from kiosk.domain.visit.state import AppointmentTold, VisitState
from kiosk.domain.visit.words import Do, Ev, Outcome, Step

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


def _slots(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Slots)
    return {"money": replace(state.money, slots=value, stopped=None), "page": 0}


def _are_awaited(state: VisitState, value: object) -> bool:
    wanted = state.money.slip.item_id if state.money.slip else state.item_id
    return isinstance(value, Slots) and value.item_id == wanted


def _day(state: VisitState, value: object) -> Changes:
    return {"money": replace(state.money, day=str(value)), "page": 0, "note": ""}


def _is_day(state: VisitState, value: object) -> bool:
    return state.money.slots is not None and bool(state.money.slots.times(str(value)))


def _time(state: VisitState, value: object) -> Changes:
    return {"money": replace(state.money, start=str(value))}


def _is_time(state: VisitState, value: object) -> bool:
    slots = state.money.slots
    return slots is not None and value in slots.times(state.money.day)


def _asked(state: VisitState, value: object) -> Changes:
    return {"money": replace(state.money, tries=state.money.tries + 1, stopped=None), "note": ""}


def _gone(state: VisitState, value: object) -> Changes:
    return {"money": replace(state.money, slots=None, stopped=None), "page": 0, "note": "book.gone"}


def _is_gone(state: VisitState, value: object) -> bool:
    return isinstance(value, Stopped) and value.gone


def _booked(state: VisitState, value: object) -> Changes:
    assert isinstance(value, AppointmentTold)
    moved = state.money.slip is not None
    return {
        "money": replace(state.money, appointment=value.appointment, stopped=None),
        "decision": value.decision,
        "stored": not moved,
        "cause": Outcome.FINISHED if moved else None,
        "index": max(len(state.plan) - 1, 0),
    }


def _is_awaited(state: VisitState, value: object) -> bool:
    return isinstance(value, AppointmentTold) and value.tries == state.money.tries


def _unsure(state: VisitState, value: object) -> Changes:
    return {
        "money": replace(state.money, is_unsure=True, stopped=None),
        "stored": state.money.slip is None,
        "index": max(len(state.plan) - 1, 0),
    }


def _slip_shown(state: VisitState, value: object) -> Changes:
    slip = {"money": Money(slip=read_appointment(str(value))), "item_id": "", "page": 0, "note": ""}
    return {**slip, "lang": lang_of_holder(state, value)}


def _is_appointment(state: VisitState, value: object) -> bool:
    return isinstance(value, str) and read_appointment(value) is not None


def _lane(state: VisitState, value: object) -> Changes:
    return {"money": Money(lane=str(value)), "note": ""}


def _ticket(state: VisitState, value: object) -> Changes:
    assert isinstance(value, Ticket)
    return {"money": replace(state.money, ticket=value, stopped=None), "cause": Outcome.FINISHED}


def _page(state: VisitState, value: object) -> Changes:
    return {"page": value}


AT_DOOR = (Row(Step.APPOINTMENT, change=_slip_shown, when=_is_appointment, do=(Do.BEGIN_VISIT,)),)
AT_CHOICE = (Row(Step.APPOINTMENT, change=_slip_shown, when=_is_appointment),)
"""What an appointment's slip does on the first screen and where a service is chosen."""

TABLE: dict[tuple[Step, Ev], tuple[Row, ...]] = {
    (Step.BOOK_DAY, Ev.SLOTS): (Row(Step.BOOK_DAY, change=_slots, when=_are_awaited),),
    (Step.BOOK_DAY, Ev.MONEY_STOPPED): (Row(Step.BOOK_DAY, change=stopped),),
    (Step.BOOK_DAY, Ev.MONEY_AGAIN): (
        Row(
            Step.BOOK_DAY,
            change=of_money(stopped=None, slots=None),
            when=lambda s, v: s.money.slots is None or not s.money.slots.days or s.money.stopped is not None,
            do=(Do.FIND_SLOTS,),
        ),
    ),
    (Step.BOOK_DAY, Ev.PAGE): (Row(Step.BOOK_DAY, change=_page),),
    (Step.BOOK_DAY, Ev.DAY): (Row(Step.BOOK_TIME, change=_day, when=_is_day),),
    (Step.BOOK_TIME, Ev.PAGE): (Row(Step.BOOK_TIME, change=_page),),
    (Step.BOOK_TIME, Ev.TIME): (Row(Step.BOOK_SURE, change=_time, when=_is_time),),
    (Step.BOOK_SURE, Ev.YES): (Row(Step.BOOKING, change=_asked),),
    (Step.BOOK_SURE, Ev.NO): (Row(Step.BOOK_DAY, change=lambda s, v: {"page": 0}),),
    (Step.BOOKING, Ev.BOOKED): (Row(Step.RESULT, change=_booked, when=_is_awaited),),
    (Step.BOOKING, Ev.BOOK_UNSURE): (Row(Step.RESULT, change=_unsure, when=lambda s, v: v == s.money.tries),),
    (Step.BOOKING, Ev.MONEY_STOPPED): (
        Row(Step.BOOK_DAY, change=_gone, when=_is_gone),
        Row(Step.BOOKING, change=stopped),
    ),
    (Step.BOOKING, Ev.MONEY_AGAIN): (
        Row(Step.BOOK_DAY, change=of_money(stopped=None, slots=None), when=lambda s, v: s.money.stopped is not None),
    ),
    (Step.BOOKING, Ev.MONEY_DONE): (
        Row(
            Step.WIPE,
            change=lambda s, v: {"cause": Outcome.REFUSED},
            when=lambda s, v: s.money.stopped is not None,
        ),
    ),
    (Step.APPOINTMENT, Ev.CHECK_IN): (Row(Step.COUNTER, do=(Do.CHECK_IN,)),),
    (Step.APPOINTMENT, Ev.CHANGE_SLOT): (Row(Step.BOOK_DAY, change=of_money(is_moving=True, slots=None)),),
    (Step.APPOINTMENT, Ev.GIVE_BACK): (Row(Step.CANCEL_SURE),),
    (Step.CANCEL_SURE, Ev.YES): (Row(Step.COUNTER, do=(Do.CANCEL_APPOINTMENT,)),),
    (Step.CANCEL_SURE, Ev.NO): (Row(Step.APPOINTMENT),),
    # Whose card was read has her line by her age; who has laid down none says which.
    (Step.BROWSE, Ev.QUEUE): (
        Row(
            Step.COUNTER,
            change=lambda s, v: {"money": Money()},
            when=lambda s, v: s.resident is not None,
            do=(Do.TAKE_TICKET,),
        ),
        Row(Step.QUEUE),
    ),
    (Step.QUEUE, Ev.LANE): (Row(Step.COUNTER, change=_lane, when=lambda s, v: v in LANES, do=(Do.TAKE_TICKET,)),),
    (Step.COUNTER, Ev.TICKET): (Row(Step.RESULT, change=_ticket),),
    (Step.COUNTER, Ev.BOOKED): (Row(Step.RESULT, change=_booked),),
    (Step.COUNTER, Ev.MONEY_STOPPED): (Row(Step.COUNTER, change=stopped),),
    (Step.COUNTER, Ev.MONEY_AGAIN): (
        Row(
            Step.APPOINTMENT,
            change=of_money(stopped=None),
            when=lambda s, v: s.money.stopped is not None and s.money.slip is not None,
        ),
        Row(Step.CHOOSE, change=lambda s, v: {"money": Money()}, when=lambda s, v: s.money.stopped is not None),
    ),
}
