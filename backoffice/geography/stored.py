"""Divisions and sites in the database: loaded at the first start, replaced whole by an import, read by date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, select

from backoffice.domain.divisions import Alias, Change, Division, Divisions, Level, Period
from backoffice.domain.sites import Site
from backoffice.geography.files import Geography, alias_of, change_of, division_of, read_geography, site_of
from backoffice.store import audit
from backoffice.store.database import Database
from backoffice.store.tables import district as tables

_ALL = (tables.division, tables.division_change, tables.place_alias, tables.site)


@dataclass(frozen=True, slots=True)
class Imported:
    divisions: int
    changes: int
    aliases: int
    sites: int


def load_first_geography(connection: Connection, folder: Path) -> bool:
    """The folder's tables if the database has none. :raises CatalogueError: they contradict themselves."""
    if connection.execute(select(func.count()).select_from(tables.division)).scalar_one():
        return False
    _replace(connection, read_geography(folder))
    return True


def import_geography(database: Database, folder: Path) -> Imported:
    """Put a folder's tables in the place of what is there, all or nothing. :raises CatalogueError: nothing changes."""
    geography = read_geography(folder)
    with database.write_alone() as connection:
        counted = _replace(connection, geography)
        towns = {row.code for row in geography.divisions.rows() if len(row.code) == 9}
        audit.prepare(connection, towns)
    return counted


def towns_from(connection: Connection, day: date) -> dict[str, str]:
    """Towns, streets and farms of that day and of what is known to come: code -> name. Cases come from these."""
    table = tables.division
    query = select(table.c.code, table.c.name).where(
        table.c.level.in_((Level.TOWN.value, Level.FARM.value)),
        table.c.effective_to.is_(None) | (table.c.effective_to > day.isoformat()),
    )
    return {row.code: row.name for row in connection.execute(query.order_by(table.c.code))}


def read_stored_divisions(connection: Connection) -> Divisions:
    return Divisions(
        [division_of(_row(row)) for row in connection.execute(select(tables.division))],
        [change_of(_row(row)) for row in connection.execute(select(tables.division_change))],
        [alias_of(_row(row)) for row in connection.execute(select(tables.place_alias))],
    )


def sites_on(connection: Connection, day: date) -> tuple[Site, ...]:
    """Every site that there is on that day, by code."""
    query = in_force(select(tables.site), tables.site, day).order_by(tables.site.c.code)
    return tuple(site_of(_row(row)) for row in connection.execute(query))


def in_force(query: Select[Any], table: Table, day: date) -> Select[Any]:
    """Only the rows that hold on that day."""
    since, until = table.c.effective_from, table.c.effective_to
    return query.where((since <= day.isoformat()) & (until.is_(None) | (until > day.isoformat())))


def _replace(connection: Connection, geography: Geography) -> Imported:
    for table in _ALL:
        connection.execute(delete(table))
    divisions = geography.divisions
    written = (
        _put(connection, tables.division, map(_division, divisions.rows())),
        _put(connection, tables.division_change, map(_change, divisions.changes)),
        _put(connection, tables.place_alias, map(_alias, divisions.aliases)),
        _put(connection, tables.site, map(_site, geography.sites)),
    )
    return Imported(*written)


def _put(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    values = [dict(row) for row in rows]
    if values:
        connection.execute(insert(table), values)
    return len(values)


def _row(row: Row[Any]) -> dict[str, str]:
    """As it stands in a file: an open end is an empty field."""
    return {name: "" if value is None else str(value) for name, value in row._mapping.items()}


def _division(row: Division) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "level": row.level.value,
        "parent": row.parent,
        **_period(row.period),
        "source": row.source,
    }


def _change(row: Change) -> dict[str, Any]:
    return {"old_code": row.old, "new_code": row.new, "changed_on": row.day.isoformat(), "source": row.source}


def _alias(row: Alias) -> dict[str, Any]:
    return {"alias": row.alias, "code": row.code, **_period(row.period), "source": row.source}


def _site(row: Site) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("code", "division", "name", "address", "phone", "agent", "hours")},
        "kind": row.kind.value,
        "latitude_deg": row.latitude_deg,
        "longitude_deg": row.longitude_deg,
        "position": row.position.value,
        **_period(row.period),
        "source": row.source,
    }


def _period(period: Period) -> dict[str, str | None]:
    until = period.until.isoformat() if period.until else None
    return {"effective_from": period.since.isoformat(), "effective_to": until}
