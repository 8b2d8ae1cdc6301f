"""预约: a slot is held by one row, a person has one appointment an item, and the appointment is the ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice.calls.once import Answer, Call, answered, once, once_at
from backoffice.casework.calendar import calendar_now
from backoffice.casework.closing import complete
from backoffice.casework.events import answer_of, append_event, case_row
from backoffice.clock import iso
from backoffice.domain.booking import Service
from backoffice.domain.cases.case import CaseState, Outcome, Role
from backoffice.domain.decide import Decision
from backoffice.domain.items.item import Mode
from backoffice.domain.text import Arg, Line
from backoffice.domain.waiting import Series
from backoffice.identity.slip_codes import CodeGuard
from backoffice.intake.taking_in import Submission, open_case
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.inquiry import slip_case
from backoffice.store.tables.visits import appointment, slot_use
from backoffice.visits.halls import ensure, hold_hall, next_number, open_hall

ROUTE, CHANGE_ROUTE, CANCEL_ROUTE = "appointments", "appointment-changes", "appointment-cancels"
BOOKED, CHECKED_IN, CANCELLED, MISSED = "booked", "checked_in", "cancelled", "missed"
MAX_CHANGES = 5
"""A slip that was changed so often is better talked about with somebody."""


@dataclass(frozen=True, slots=True)
class Slot:
    place: str
    service: str
    day: str
    start: str

    @property
    def key(self) -> dict[str, str]:
        return {"place": self.place, "service": self.service, "day": self.day, "start": self.start}


def free_slots(office: Office, item_id: str, site: str) -> Answer:
    """Every slot within the horizon with the places left in it. :raises Problem: item_mode, site_unknown."""
    service = service_of(office, item_id, site)
    place, booking = service.place_for(site), office.tables.booking
    table = slot_use
    with office.database.read() as connection:
        calendar, _ = calendar_now(office, connection)
        found = connection.execute(select(table).where(table.c.place == place, table.c.service == service.code))
        taken = {(row.day, row.start): row.taken for row in found}
    slots = booking.slots(service, office.clock.now(), calendar)
    return {
        "place": place,
        "minutes": service.slot_min,
        "slots": [
            {"day": day, "start": start, "free": max(0, service.capacity - taken.get((day, start), 0))}
            for day, start in slots
        ],
    }


def book(office: Office, call: Call, submission: Submission, day: str, start: str) -> Answer:
    """Open the case, take the place, end the case with what the slip says.

    :raises Problem: slot_unknown, slot_full, already_booked, no_number_left, idempotency_mismatch, and `open_case`'s.
    """
    service = service_of(office, submission.item_id, submission.site)
    slot = Slot(service.place_for(submission.site), service.code, day, start)
    with office.database.read() as connection:
        known = answered(office, connection, call, ROUTE)
        if known is not None:
            return known
        _check_slot(office, connection, service, slot)
    _prepare(office, slot)

    def work(connection: Connection, site_no: str | None) -> Answer:
        _take(connection, slot, service.capacity)
        number = _number(office, connection, slot)
        open_case(office, connection, call.device, site_no, call.key, submission, Mode.BOOK)
        _insert(office, connection, submission, slot, number)
        decision = _decision("book.done", slot, number)
        details = {"place": slot.place, "day": day, "start": start}
        complete(office, connection, submission.case_no, event="booked", details=details, decision=decision)
        return {
            **answer_of(office, connection, submission.case_no),
            "appointment": appointment_json(office, appointment_of(connection, submission.case_no)),
        }

    return once_at(office, call, ROUTE, 201, work)


def change(
    office: Office,
    guard: CodeGuard,
    call: Call,
    slip: tuple[str, str],
    day: str,
    start: str,
) -> Answer:
    """Another slot of the same service; the old place is free in the same moment.

    :param slip: number and code. :raises Problem: progress_unknown, too_many_attempts, appointment_*, slot_*.
    """
    case = slip_case(office, guard, *slip)
    old = _standing(office, case.case_no)
    service = office.tables.booking.services[old.item_id]
    slot = Slot(old.place, old.service, day, start)
    with office.database.read() as connection:
        known = answered(office, connection, call, CHANGE_ROUTE)
        if known is not None:
            return known
        _check_slot(office, connection, service, slot)
    _prepare(office, slot)

    def work(connection: Connection, row: Row[Any]) -> Answer:
        if row.changes >= MAX_CHANGES:
            raise Problem("appointment_changes")
        former = Slot(row.place, row.service, row.day, row.start)
        # Both in one order, whoever changes with whom.
        for held in sorted((former, slot), key=lambda one: (one.day, one.start)):
            _hold(connection, held)
        if former != slot:
            _take(connection, slot, service.capacity)
            _free(connection, former)
        number = row.number if former.day == slot.day else _number(office, connection, slot)
        values = {"day": day, "start": start, "number": number, "changes": row.changes + 1}
        connection.execute(update(appointment).where(appointment.c.case_no == row.case_no).values(**values))
        tell(office, connection, row.case_no, call.device, "appointment_changed", {"day": day, "start": start})
        answer = appointment_json(office, appointment_of(connection, row.case_no))
        return {**answer, "line": _line("book.changed", slot, number).to_json()}

    return _with_slip(office, call, CHANGE_ROUTE, case.case_no, work)


def cancel(office: Office, guard: CodeGuard, call: Call, slip: tuple[str, str]) -> Answer:
    """Give the place back; nobody is blocked for it.

    :raises Problem: progress_unknown, appointment_state, appointment_missed.
    """
    case = slip_case(office, guard, *slip)
    _standing(office, case.case_no)

    def work(connection: Connection, row: Row[Any]) -> Answer:
        slot = Slot(row.place, row.service, row.day, row.start)
        _hold(connection, slot)
        _free(connection, slot)
        end(office, connection, row.case_no, CANCELLED)
        tell(
            office, connection, row.case_no, call.device, "appointment_cancelled", {"day": row.day, "start": row.start}
        )
        answer = appointment_json(office, appointment_of(connection, row.case_no))
        return {**answer, "line": Line("book.cancelled").to_json()}

    return _with_slip(office, call, CANCEL_ROUTE, case.case_no, work)


def service_of(office: Office, item_id: str, site: str) -> Service:
    """:raises Problem: item_mode, site_unknown."""
    service = office.tables.booking.services.get(item_id)
    if service is None or item_id not in office.release.items:
        raise Problem("item_mode")
    if site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    return service


def appointment_of(connection: Connection, case_no: str, *, lock: bool = False) -> Row[Any]:
    """:raises Problem: progress_unknown: the case is no appointment."""
    query = select(appointment).where(appointment.c.case_no == case_no)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise Problem("progress_unknown")
    return row


def check_booked(row: Row[Any]) -> None:
    """:raises Problem: appointment_missed, appointment_state: it was used or cancelled."""
    if row.state != BOOKED:
        raise Problem("appointment_missed" if row.state == MISSED else "appointment_state")


def appointment_json(office: Office, row: Row[Any]) -> Answer:
    return {
        "case_no": row.case_no,
        "place": row.place,
        "day": row.day,
        "start": row.start,
        "ticket": office.tables.booking.queue.numbers[Series.APPOINTMENT].label(row.number),
        "state": row.state,
    }


def begins_at(office: Office, row: Row[Any]) -> datetime:
    return datetime.combine(date.fromisoformat(row.day), time.fromisoformat(row.start), office.clock.now().tzinfo)


def end(office: Office, connection: Connection, case_no: str, state: str) -> None:
    values = {"state": state, "active_key": None, "ended_at": iso(office.clock.now())}
    connection.execute(update(appointment).where(appointment.c.case_no == case_no).values(**values))


def tell(office: Office, connection: Connection, case_no: str, actor: str, event: str, details: dict[str, str]) -> None:
    """An event of the case, with audit link; the case stays as it is."""
    case = case_row(connection, case_no, lock=True)
    assert case is not None
    state = CaseState(case.state)
    append_event(
        office,
        connection,
        case_no=case_no,
        town=case.town,
        role=Role.INTAKE,
        actor=actor,
        event=event,
        states=(state, state),
        details=details,
    )


def _with_slip(
    office: Office,
    call: Call,
    route: str,
    case_no: str,
    work: Callable[[Connection, Row[Any]], Answer],
) -> Answer:
    def booked(connection: Connection) -> Answer:
        row = appointment_of(connection, case_no, lock=True)
        check_booked(row)
        return work(connection, row)

    return once(office, call, route, 200, booked)


def _standing(office: Office, case_no: str) -> Row[Any]:
    with office.database.read() as connection:
        return appointment_of(connection, case_no)


def _check_slot(office: Office, connection: Connection, service: Service, slot: Slot) -> None:
    """:raises Problem: slot_unknown."""
    calendar, _ = calendar_now(office, connection)
    if (slot.day, slot.start) not in office.tables.booking.slots(service, office.clock.now(), calendar):
        raise Problem("slot_unknown")


def _prepare(office: Office, slot: Slot) -> None:
    ensure(office, slot_use, slot.key, {"taken": 0})
    open_hall(office, slot.place, slot.day)


def _hold(connection: Connection, slot: Slot) -> int:
    """The slot's row, held to the end; how many are taken."""
    where = [slot_use.c[name] == value for name, value in slot.key.items()]
    return int(connection.execute(select(slot_use.c.taken).where(*where).with_for_update()).scalar_one())


def _take(connection: Connection, slot: Slot, capacity: int) -> None:
    """:raises Problem: slot_full."""
    taken = _hold(connection, slot)
    if taken >= capacity:
        raise Problem("slot_full")
    _set(connection, slot, taken + 1)


def _free(connection: Connection, slot: Slot) -> None:
    _set(connection, slot, _hold(connection, slot) - 1)


def _set(connection: Connection, slot: Slot, taken: int) -> None:
    where = [slot_use.c[name] == value for name, value in slot.key.items()]
    connection.execute(update(slot_use).where(*where).values(taken=taken))


def _number(office: Office, connection: Connection, slot: Slot) -> int:
    hall = hold_hall(connection, slot.place, slot.day)
    return next_number(connection, hall, Series.APPOINTMENT, office.tables.booking.queue)


def _insert(office: Office, connection: Connection, submission: Submission, slot: Slot, number: int) -> None:
    person = office.vault.index(submission.applicant.number)
    elder = office.tables.booking.is_elder(submission.applicant.birth, date.fromisoformat(slot.day))
    try:
        connection.execute(
            insert(appointment).values(
                case_no=submission.case_no,
                item_id=submission.item_id,
                **slot.key,
                number=number,
                state=BOOKED,
                elder=elder,
                active_key=f"{person}:{submission.item_id}",
                changes=0,
                booked_at=iso(office.clock.now()),
            )
        )
    except IntegrityError as cause:
        # The case was made in this transaction: what can be taken is the person's one place for this item.
        raise Problem("already_booked") from cause


def _decision(key: str, slot: Slot, number: int) -> Decision:
    told = {"day": slot.day, "start": slot.start, "place": slot.place, "number": f"{number:03d}"}
    return Decision(Outcome.DONE, (), _line(key, slot, number), told)


def _line(key: str, slot: Slot, number: int) -> Line:
    args = {"date": Arg("date", slot.day), "time": Arg("time", slot.start), "ticket": Arg("digits", f"{number:03d}")}
    return Line(key, args)
