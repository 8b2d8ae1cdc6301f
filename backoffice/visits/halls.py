"""A hall on a day: its numbers and its round, held by whoever moves anything there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from backoffice.domain.waiting import Lane, Numbers, QueueRules, Series, TicketState, Waiting
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.visits import queue_day, queue_ticket

TICKET = queue_ticket.c


def ensure(office: Office, table: Table, key: Mapping[str, str], values: Mapping[str, int]) -> None:
    """The row is there afterwards, so that it can be held. In a transaction of its own: two may try at once."""
    where = [table.c[name] == value for name, value in key.items()]
    with office.database.read() as connection:
        if connection.execute(select(table).where(*where)).one_or_none() is not None:
            return
    try:
        office.database.transact(lambda connection: connection.execute(insert(table).values(**key, **values)).close())
    except IntegrityError:
        # Somebody else was faster: that is as good.
        return


def open_hall(office: Office, place: str, day: str) -> None:
    numbers = office.tables.booking.queue.numbers
    values = {f"last_{series.value}": numbers[series].first - 1 for series in Series}
    ensure(office, queue_day, {"place": place, "day": day}, {**values, "turn": 0, "windows": 1})


def hold_hall(connection: Connection, place: str, day: str) -> Row[Any]:
    """:raises NoResultFound: `open_hall` comes first."""
    query = select(queue_day).where(queue_day.c.place == place, queue_day.c.day == day).with_for_update()
    return connection.execute(query).one()


def next_number(connection: Connection, hall: Row[Any], series: Series, rules: QueueRules) -> int:
    """:raises Problem: no_number_left."""
    column = f"last_{series.value}"
    number = int(getattr(hall, column)) + 1
    if number > rules.numbers[series].last:
        raise Problem("no_number_left")
    where = (queue_day.c.place == hall.place) & (queue_day.c.day == hall.day)
    connection.execute(update(queue_day).where(where).values({column: number}))
    return number


def numbers_of(number: int, rules: QueueRules) -> tuple[Series, Numbers]:
    """Which series a number is of. :raises Problem: ticket_unknown."""
    for series, numbers in rules.numbers.items():
        if numbers.first <= number <= numbers.last:
            return series, numbers
    raise Problem("ticket_unknown")


def waiting_in(connection: Connection, place: str, day: str) -> list[Waiting]:
    query = select(TICKET.number, TICKET.lane, TICKET.rank).where(
        TICKET.place == place, TICKET.day == day, TICKET.state == TicketState.WAITING.value
    )
    return [Waiting(row.number, Lane(row.lane), row.rank) for row in connection.execute(query)]


def today(office: Office) -> str:
    return day_of(office.clock.now())


def day_of(moment: datetime) -> str:
    return moment.date().isoformat()
