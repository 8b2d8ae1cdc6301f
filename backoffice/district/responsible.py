"""Who answers for an item on a day: what was transferred by date, otherwise the department of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, insert, select, update

from backoffice.geography.stored import in_force
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables.district import responsibility


def responsible(office: Office, connection: Connection, guide_no: str, day: date) -> str:
    """The department's name. :raises Problem: item_unknown."""
    table = responsibility
    query = in_force(select(table.c.department).where(table.c.guide_no == guide_no), table, day)
    found = connection.execute(query).scalar_one_or_none()
    if found is not None:
        return str(found)
    item = office.release.items.get(guide_no)
    if item is None:
        raise Problem("item_unknown")
    return item.department


def transfer(connection: Connection, guide_nos: Iterable[str], before: str, after: str, day: date, basis: str) -> None:
    """From that day on `after` answers for these; until the day before it was `before`.

    :raises ValueError: one of them was not with `before` on the day before.
    """
    for guide_no in guide_nos:
        _transfer(connection, guide_no, before, after, day, basis)


def _transfer(connection: Connection, guide_no: str, before: str, after: str, day: date, basis: str) -> None:
    table = responsibility
    open_row = (table.c.guide_no == guide_no) & table.c.effective_to.is_(None)
    last = connection.execute(select(table).where(open_row)).one_or_none()
    if last is None or last.department != before or last.effective_from >= day.isoformat():
        raise ValueError(f"{guide_no} was not with {before} before {day}")
    connection.execute(update(table).where(open_row).values(effective_to=day.isoformat()))
    connection.execute(
        insert(table).values(
            guide_no=guide_no, department=after, effective_from=day.isoformat(), effective_to=None, basis=basis
        )
    )
