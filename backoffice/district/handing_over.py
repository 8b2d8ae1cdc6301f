"""Responsibility for items handed from one department to another on a day, all of a list or none; with its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select

from backoffice.clock import iso
from backoffice.district.responsible import transfer
from backoffice.office import Office
from backoffice.store import audit
from backoffice.store.tables.district import responsibility


@dataclass(frozen=True, slots=True)
class Term:
    """Who answered for an item from one day to the day before another."""

    department: str
    effective_from: str
    effective_to: str | None
    basis: str


def hand_over(office: Office, guide_nos: Sequence[str], before: str, after: str, day: date, basis: str) -> int:
    """From that day on `after` answers for these; how many they are. It stands in the district's audit chain.

    :raises ValueError: nothing to hand over, no basis, or one of them was not with `before` on the day before; then
        nothing at all was handed over.
    """
    numbers = list(dict.fromkeys(guide_nos))
    if not numbers or not after.strip() or after == before or not basis.strip():
        raise ValueError("a transfer needs items, another department that takes them, and its basis")

    def work(connection: Connection) -> int:
        for number in numbers:
            _first_term(office, connection, number)
        transfer(connection, numbers, before, after, day, basis)
        entry = {"event": "responsibility_transferred", "at": iso(office.clock.now()), "from": before, "to": after}
        told = {"on": day.isoformat(), "basis": basis, "items": " ".join(numbers)}
        audit.append(connection, office.digest, audit.DISTRICT, {**entry, **told})
        return len(numbers)

    return office.database.transact(work)


def history(office: Office, guide_no: str) -> list[Term]:
    """The oldest first; of an item that was never handed over, what the catalogue says.

    :raises ValueError: nobody knows such an item.
    """
    with office.database.read() as connection:
        found = _terms(connection, guide_no)
    if found:
        return found
    item = office.release.items.get(guide_no)
    if item is None:
        raise ValueError(f"{guide_no}: no such item")
    return [_of_catalogue(office, item.department)]


def read_numbers(lines: Iterable[str]) -> list[str]:
    """One number a line; what follows it, and lines that begin with #, is for people."""
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


def _first_term(office: Office, connection: Connection, guide_no: str) -> None:
    item = office.release.items.get(guide_no)
    if item is None or _terms(connection, guide_no):
        return
    first = _of_catalogue(office, item.department)
    values = {"department": first.department, "effective_from": first.effective_from, "basis": first.basis}
    connection.execute(insert(responsibility).values(guide_no=guide_no, effective_to=None, **values))


def _of_catalogue(office: Office, department: str) -> Term:
    release = office.release
    return Term(department, release.effective_from, None, f"catalogue, release {release.release}")


def _terms(connection: Connection, guide_no: str) -> list[Term]:
    table = responsibility
    query = select(table).where(table.c.guide_no == guide_no).order_by(table.c.effective_from)
    return [Term(row.department, row.effective_from, row.effective_to, row.basis) for row in connection.execute(query)]
