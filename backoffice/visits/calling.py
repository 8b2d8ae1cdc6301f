"""叫号: what a window does with the queue. Every step names the ticket's version that was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from backoffice.calls.once import Answer
from backoffice.clock import iso
from backoffice.domain.booking import DISTRICT_CENTRE
from backoffice.domain.waiting import Lane, TicketState, Waiting, in_front, moved_back, next_turn
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.visits import queue_day, queue_ticket
from backoffice.visits.halls import TICKET, hold_hall, numbers_of, open_hall, today, waiting_in
from backoffice.visits.queue import ticket_row

AT_WINDOWS = ("clerk", "intake", "superior")


def queue_now(office: Office, staff: Staff, place: str) -> Answer:
    """Everybody in the hall today, without names. :raises Problem: forbidden, not_found."""
    _may(office, staff, place)
    day = today(office)
    with office.database.read() as connection:
        found = connection.execute(
            select(queue_ticket).where(TICKET.place == place, TICKET.day == day).order_by(TICKET.rank, TICKET.number)
        ).all()
    return {"place": place, "day": day, "tickets": [ticket_json(office, row) for row in found]}


def call_next(office: Office, staff: Staff, place: str, window: str) -> Answer:
    """Whose turn it is, by the round. :raises Problem: forbidden, not_found, nobody_waits."""
    _may(office, staff, place)
    day, rules = today(office), office.tables.booking.queue
    open_hall(office, place, day)

    def work(connection: Connection) -> Answer:
        hall = hold_hall(connection, place, day)
        found = next_turn(waiting_in(connection, place, day), hall.turn, rules)
        if found is None:
            raise Problem("nobody_waits")
        one, turn = found
        where = (queue_day.c.place == place) & (queue_day.c.day == day)
        connection.execute(update(queue_day).where(where).values(turn=turn))
        row = ticket_row(connection, place, day, one.number)
        values = {"state": TicketState.CALLED.value, "calls": 1, "window": window, "called_by": staff.login}
        return _write(office, connection, row, {**values, "called_at": iso(office.clock.now())})

    return office.database.transact(work)


def call_again(office: Office, staff: Staff, place: str, number: int, version: int) -> Answer:
    """:raises Problem: ticket_state: it is not being called, or has been called as often as the rule says."""

    def step(connection: Connection, row: Row[Any]) -> dict[str, Any]:
        _need(row, TicketState.CALLED)
        if row.calls >= office.tables.booking.queue.recalls:
            raise Problem("ticket_state")
        return {"calls": row.calls + 1}

    return _step(office, staff, place, number, version, step)


def nobody_came(office: Office, staff: Staff, place: str, number: int, version: int) -> Answer:
    """Moved back a few places once, void the second time. :raises Problem: ticket_state: not called often enough."""

    def step(connection: Connection, row: Row[Any]) -> dict[str, Any]:
        rules = office.tables.booking.queue
        _need(row, TicketState.CALLED)
        if row.calls < rules.recalls:
            raise Problem("ticket_state")
        if row.moved_back:
            return {"state": TicketState.VOID.value, "ended_at": iso(office.clock.now())}
        one = Waiting(row.number, Lane(row.lane), row.rank)
        rank = moved_back(one, waiting_in(connection, row.place, row.day), rules)
        return {"state": TicketState.WAITING.value, "moved_back": True, "rank": rank, "calls": 0}

    return _step(office, staff, place, number, version, step)


def revive(office: Office, staff: Staff, place: str, number: int, version: int) -> Answer:
    """One key: first of the line again. :raises Problem: ticket_state."""

    def step(connection: Connection, row: Row[Any]) -> dict[str, Any]:
        _need(row, TicketState.VOID)
        rank = in_front(Lane(row.lane), waiting_in(connection, row.place, row.day))
        return {"state": TicketState.WAITING.value, "rank": rank, "calls": 0, "moved_back": False, "ended_at": None}

    return _step(office, staff, place, number, version, step)


def serve(office: Office, staff: Staff, place: str, number: int, version: int) -> Answer:
    """Somebody came. :raises Problem: ticket_state."""

    def step(connection: Connection, row: Row[Any]) -> dict[str, Any]:
        _need(row, TicketState.CALLED)
        return {"state": TicketState.SERVING.value}

    return _step(office, staff, place, number, version, step)


def finish(office: Office, staff: Staff, place: str, number: int, version: int) -> Answer:
    """:raises Problem: ticket_state."""

    def step(connection: Connection, row: Row[Any]) -> dict[str, Any]:
        _need(row, TicketState.SERVING)
        return {"state": TicketState.FINISHED.value, "ended_at": iso(office.clock.now())}

    return _step(office, staff, place, number, version, step)


def ticket_json(office: Office, row: Row[Any]) -> Answer:
    return {
        "number": row.number,
        "ticket": numbers_of(row.number, office.tables.booking.queue)[1].label(row.number),
        "lane": row.lane,
        "state": row.state,
        "calls": row.calls,
        "moved_back": row.moved_back,
        "window": row.window,
        "case_no": row.case_no,
        "row_version": row.row_version,
    }


def _may(office: Office, staff: Staff, place: str) -> None:
    """:raises Problem: forbidden, not_found."""
    staff.need(*AT_WINDOWS)
    if place != DISTRICT_CENTRE and not (place[9:] == "000" and place[:9] in office.tables.towns):
        raise Problem("not_found")
    staff.need_town(place[:9])


def _need(row: Row[Any], state: TicketState) -> None:
    if row.state != state.value:
        raise Problem("ticket_state")


def _step(
    office: Office,
    staff: Staff,
    place: str,
    number: int,
    version: int,
    step: Callable[[Connection, Row[Any]], dict[str, Any]],
) -> Answer:
    _may(office, staff, place)
    day = today(office)
    open_hall(office, place, day)

    def work(connection: Connection) -> Answer:
        hold_hall(connection, place, day)
        row = ticket_row(connection, place, day, number, lock=True)
        if row.row_version != version:
            raise Problem("version_stale")
        return _write(office, connection, row, step(connection, row))

    return office.database.transact(work)


def _write(office: Office, connection: Connection, row: Row[Any], values: dict[str, Any]) -> Answer:
    where = (TICKET.place == row.place) & (TICKET.day == row.day) & (TICKET.number == row.number)
    connection.execute(update(queue_ticket).where(where).values(row_version=row.row_version + 1, **values))
    return ticket_json(office, ticket_row(connection, row.place, row.day, row.number))
