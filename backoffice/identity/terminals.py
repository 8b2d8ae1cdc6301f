"""Terminals as an operator sees them: where, since when, seen when, suspended or not."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from backoffice.clock import iso
from backoffice.identity import journal
from backoffice.identity.devices import ACTIVE, SUSPENDED
from backoffice.identity.staff import Staff
from backoffice.office import Office
from backoffice.problems.problem import Problem
from backoffice.store.tables import tables
from backoffice.store.tables.identity import device_standing as standing

_LISTED = select(
    tables.device.c.device, tables.device.c.site_no, tables.device.c.added_at, standing.c.site, standing.c.state
).add_columns(standing.c.seen_on, standing.c.row_version)


class LastSeen:
    """The moment of each terminal's last request is in memory; a row is written once a day only."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._at: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, device: str) -> bool:
        """Whether its row is due: then somebody who may wait for the database calls `write_day`.

        :param device: one that has proved itself, so there are never more than there are terminals.
        """
        now = iso(self._office.clock.now())
        with self._lock:
            before = self._at.get(device, "")
            self._at[device] = now
        return before[:10] != now[:10]

    def at(self, device: str) -> str | None:
        with self._lock:
            return self._at.get(device)

    def write_day(self, device: str) -> None:
        day = iso(self._office.clock.now())[:10]

        def work(connection: Connection) -> None:
            row = _locked(connection, device)
            if row is None:
                _add(self._office, connection, device, "server", seen_on=day)
            elif row.seen_on != day:
                connection.execute(update(standing).where(standing.c.device == device).values(seen_on=day))

        self._office.database.transact(work)


def list_terminals(office: Office, seen: LastSeen, by: Staff, after: str, limit: int) -> list[dict[str, Any]]:
    """Those of the operator's town, by name, after this one; a terminal without a site is the district's."""
    device = tables.device.c.device
    query = _LISTED.select_from(tables.device.outerjoin(standing, standing.c.device == tables.device.c.device))
    query = query.where(device > after).order_by(device).limit(limit)
    if by.town is not None:
        query = query.where(standing.c.site.startswith(by.town, autoescape=True))
    with office.database.read() as connection:
        return [_entry(row, seen) for row in connection.execute(query)]


def suspend(office: Office, device: str, suspended: bool, version: int, by: Staff) -> int:
    """The new row version. :raises Problem: not_found, version_stale."""

    def work(connection: Connection) -> int:
        known = connection.execute(select(tables.device.c.device).where(tables.device.c.device == device)).first()
        row = _locked(connection, device)
        site = row.site if row is not None else None
        if known is None or (by.town is not None and (site or "")[:9] != by.town):
            raise Problem("not_found")
        if version != (row.row_version if row is not None else 0):
            raise Problem("version_stale")
        state = SUSPENDED if suspended else ACTIVE
        if row is None:
            _add(office, connection, device, by.login, state=state)
        else:
            values = {"state": state, "changed_at": iso(office.clock.now()), "changed_by": by.login}
            change = update(standing).where(standing.c.device == device)
            connection.execute(change.values(**values, row_version=version + 1))
        journal.note(office, connection, site[:9] if site else None, f"terminal_{state}", by.login, device=device)
        return version + 1

    return office.database.transact(work)


def town_of(office: Office, device: str) -> str | None:
    """Where a terminal stands, as far as it was ever enrolled."""
    with office.database.read() as connection:
        site = connection.execute(select(standing.c.site).where(standing.c.device == device)).scalar_one_or_none()
    return site[:9] if site else None


def _locked(connection: Connection, device: str) -> Row[Any] | None:
    return connection.execute(select(standing).where(standing.c.device == device).with_for_update()).one_or_none()


def _add(office: Office, connection: Connection, device: str, by: str, **values: object) -> None:
    row = {"device": device, "state": ACTIVE, "changed_at": iso(office.clock.now()), "changed_by": by, "row_version": 1}
    connection.execute(insert(standing).values(**{**row, **values}))


def _entry(row: Row[Any], seen: LastSeen) -> dict[str, Any]:
    return {
        "device": row.device,
        "site": row.site,
        "site_no": row.site_no,
        "state": row.state or ACTIVE,
        "added_at": row.added_at,
        "seen_at": seen.at(row.device) or row.seen_on,
        "row_version": row.row_version or 0,
    }
