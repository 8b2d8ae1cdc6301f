"""取号: a ticket for whoever comes without an appointment; whoever has one checks in and needs none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from backoffice.calls.once import Answer, Call, once
from backoffice.clock import iso
from backoffice.domain.text import Arg, Line
from backoffice.domain.waiting import RANK_STEP, Lane, Series, TicketState, ahead_of
from backoffice.identity.slip_codes import CodeGuard
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.queries.inquiry import slip_case
from backoffice.store.tables.visits import queue_day, queue_ticket
from backoffice.visits.appointments import CHECKED_IN, appointment_of, begins_at, check_booked, end, tell
from backoffice.visits.halls import TICKET, hold_hall, next_number, numbers_of, open_hall, today, waiting_in

ROUTE, CHECK_IN_ROUTE = "queue-tickets", "check-ins"


def hall_of(office: Office, site: str) -> str:
    """The centre whose queue a terminal gives numbers for. :raises Problem: site_unknown."""
    if site[:9] not in office.tables.towns:
        raise Problem("site_unknown")
    return f"{site[:9]}000"


def take_ticket(office: Office, call: Call, site: str, lane: Lane) -> Answer:
    """The next number of a line today. :raises Problem: site_unknown, no_number_left, idempotency_mismatch."""
    place, day, rules = hall_of(office, site), today(office), office.tables.booking.queue
    open_hall(office, place, day)

    def work(connection: Connection) -> Answer:
        hall = hold_hall(connection, place, day)
        number = next_number(connection, hall, Series(lane.value), rules)
        _insert(office, connection, place, day, number, lane, None)
        return told(office, connection, place, day, number, "queue.ticket")

    return once(office, call, ROUTE, 201, work)


def check_in(office: Office, guard: CodeGuard, call: Call, slip: tuple[str, str]) -> Answer:
    """The appointment's own number joins the queue: in the priority line if in time, otherwise in the other.

    :raises Problem: progress_unknown, too_many_attempts, appointment_state, appointment_missed, check_in_early.
    """
    case = slip_case(office, guard, *slip)

    def work(connection: Connection) -> Answer:
        row = appointment_of(connection, case.case_no, lock=True)
        check_booked(row)
        lane = _lane_for(office, row)
        hold_hall(connection, row.place, row.day)
        _insert(office, connection, row.place, row.day, row.number, lane, row.case_no)
        end(office, connection, row.case_no, CHECKED_IN)
        tell(office, connection, row.case_no, call.device, "checked_in", {"lane": lane.value})
        return told(office, connection, row.place, row.day, row.number, "queue.checked_in")

    return once(office, call, CHECK_IN_ROUTE, 200, work)


def where_it_stands(office: Office, site: str, number: int) -> Answer:
    """:raises Problem: site_unknown, ticket_unknown."""
    place, day = hall_of(office, site), today(office)
    with office.database.read() as connection:
        return told(office, connection, place, day, number, "queue.ticket")


def told(office: Office, connection: Connection, place: str, day: str, number: int, key: str) -> Answer:
    """A ticket with how many are before it and about how long that takes."""
    rules = office.tables.booking.queue
    row = ticket_row(connection, place, day, number)
    ahead = 0
    hall = _hall(connection, place, day)
    if row.state == TicketState.WAITING.value:
        ahead = ahead_of(number, waiting_in(connection, place, day), hall.turn, rules)
    minutes = -(-ahead * rules.minutes_each // max(1, hall.windows))
    args = {
        "ticket": Arg("digits", f"{number:03d}"),
        "ahead": Arg("count", str(ahead)),
        "minutes": Arg("count", str(minutes)),
    }
    return {
        "place": place,
        "day": day,
        "number": number,
        "ticket": numbers_of(number, rules)[1].label(number),
        "lane": row.lane,
        "state": row.state,
        "ahead": ahead,
        "minutes": minutes,
        "line": Line(key, args).to_json(),
    }


def ticket_row(connection: Connection, place: str, day: str, number: int, *, lock: bool = False) -> Row[Any]:
    """:raises Problem: ticket_unknown."""
    query = select(queue_ticket).where(TICKET.place == place, TICKET.day == day, TICKET.number == number)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise Problem("ticket_unknown")
    return row


def _hall(connection: Connection, place: str, day: str) -> Row[Any]:
    query = select(queue_day).where(queue_day.c.place == place, queue_day.c.day == day)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Problem("ticket_unknown")
    return row


def _lane_for(office: Office, row: Row[Any]) -> Lane:
    """:raises Problem: check_in_early, appointment_missed: it is over."""
    rules, now, begins = office.tables.booking.queue, office.clock.now(), begins_at(office, row)
    if now < begins - timedelta(minutes=rules.check_in_from_min):
        raise Problem("check_in_early")
    if now > begins + timedelta(minutes=rules.late_min):
        raise Problem("appointment_missed")
    return Lane.PRIORITY if now <= begins - timedelta(minutes=rules.on_time_min) else Lane.NORMAL


def _insert(
    office: Office, connection: Connection, place: str, day: str, number: int, lane: Lane, case_no: str | None
) -> None:
    """At the end of its line."""
    line = select(TICKET.rank).where(TICKET.place == place, TICKET.day == day, TICKET.lane == lane.value)
    ranks = list(connection.execute(line).scalars())
    connection.execute(
        insert(queue_ticket).values(
            place=place,
            day=day,
            number=number,
            series=numbers_of(number, office.tables.booking.queue)[0].value,
            lane=lane.value,
            rank=max(ranks, default=0) + RANK_STEP,
            state=TicketState.WAITING.value,
            calls=0,
            moved_back=False,
            case_no=case_no,
            issued_at=iso(office.clock.now()),
            row_version=1,
        )
    )
