"""The district's tables as files: divisions, villages, changes, aliases, sites. Read whole, checked, then used."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from backoffice.catalogue.release import CatalogueError
from backoffice.domain.divisions import Alias, Change, Division, DivisionError, Divisions, Level, Period
from backoffice.domain.sites import Position, Site, SiteKind

Row = Mapping[str, str]
T = TypeVar("T")
DIVISION_FILES = ("divisions.tsv", "villages.tsv")
CHANGE_FILE, ALIAS_FILE, SITE_FILE = "division_changes.tsv", "village_aliases.tsv", "sites.tsv"
_PERIOD = ("effective_from", "effective_to", "source")
_DIVISION = ("code", "name", "level", "parent", *_PERIOD)
_CHANGE = ("old_code", "new_code", "changed_on", "source")
_ALIAS = ("alias", "code", *_PERIOD)
_SITE = (
    *("code", "kind", "division", "name", "address", "phone", "agent", "hours"),
    *("latitude_deg", "longitude_deg", "position", *_PERIOD),
)


@dataclass(frozen=True, slots=True)
class Geography:
    divisions: Divisions
    sites: tuple[Site, ...]


def read_geography(folder: Path) -> Geography:
    """:raises CatalogueError: a file is missing, a row is malformed, or rows contradict each other; it says where."""
    divisions = read_divisions(folder)
    sites = tuple(_read(folder / SITE_FILE, _SITE, site_of))
    _check_sites(sites, divisions)
    return Geography(divisions, sites)


def read_divisions(folder: Path) -> Divisions:
    """:raises CatalogueError:"""
    rows = [row for name in DIVISION_FILES for row in _read(folder / name, _DIVISION, division_of)]
    changes = _read(folder / CHANGE_FILE, _CHANGE, change_of)
    aliases = _read(folder / ALIAS_FILE, _ALIAS, alias_of)
    try:
        return Divisions(rows, changes, aliases)
    except DivisionError as cause:
        raise CatalogueError(f"{folder}: {cause}") from cause


def division_of(row: Row) -> Division:
    """:raises ValueError: no such level, or a day that does not exist."""
    return Division(row["code"], row["name"], Level(row["level"]), row["parent"], period_of(row), row["source"])


def change_of(row: Row) -> Change:
    """:raises ValueError: a day that does not exist."""
    return Change(row["old_code"], row["new_code"], date.fromisoformat(row["changed_on"]), row["source"])


def alias_of(row: Row) -> Alias:
    """:raises ValueError: a day that does not exist."""
    return Alias(row["alias"], row["code"], period_of(row), row["source"])


def site_of(row: Row) -> Site:
    """:raises ValueError: no such kind, a number that is none, or a place that is not on this globe."""
    latitude_deg, longitude_deg = float(row["latitude_deg"]), float(row["longitude_deg"])
    if not (-90 <= latitude_deg <= 90 and -180 <= longitude_deg <= 180):
        raise ValueError("latitude or longitude is not on this globe")
    texts = (row["name"], row["address"], row["phone"], row["agent"], row["hours"])
    if not all(texts):
        raise ValueError("name, address, phone, agent and hours are needed")
    return Site(
        row["code"],
        SiteKind(row["kind"]),
        row["division"],
        *texts,
        latitude_deg,
        longitude_deg,
        Position(row["position"]),
        period_of(row),
        row["source"],
    )


def period_of(row: Row) -> Period:
    """:raises ValueError: a day that does not exist."""
    until = row["effective_to"]
    return Period(date.fromisoformat(row["effective_from"]), date.fromisoformat(until) if until else None)


def _check_sites(sites: Iterable[Site], divisions: Divisions) -> None:
    known: dict[str, list[Site]] = {}
    for site in sites:
        right = site.division if site.kind is SiteKind.VILLAGE_POINT else f"{site.division}000"
        if site.code != right or len(site.code) != 12:
            raise CatalogueError(f"{SITE_FILE}: {site.code} is not the code of a {site.kind} in {site.division}")
        if divisions.on(site.division, site.period.since) is None:
            raise CatalogueError(f"{SITE_FILE}: {site.code}: no division {site.division} on {site.period.since}")
        others = known.setdefault(site.code, [])
        if any(site.period.meets(other.period) for other in others):
            raise CatalogueError(f"{SITE_FILE}: {site.code}: two rows hold on the same day")
        others.append(site)


def _read(path: Path, columns: tuple[str, ...], make: Callable[[Row], T]) -> list[T]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
            if tuple(table.fieldnames or ()) != columns:
                raise CatalogueError(f"{path}: the columns are {', '.join(columns)}")
            return [_made(path, number, row, make) for number, row in enumerate(table, 2)]
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause
    except (UnicodeDecodeError, csv.Error) as cause:
        raise CatalogueError(f"{path} is not a table in UTF-8: {cause}") from cause


def _made(path: Path, number: int, row: Row, make: Callable[[Row], T]) -> T:
    if None in row or None in row.values():
        raise CatalogueError(f"{path}, line {number}: more or fewer fields than columns")
    if "\0" in "".join(row.values()):
        raise CatalogueError(f"{path}, line {number}: no database keeps a NUL")
    try:
        return make(row)
    except ValueError as cause:
        raise CatalogueError(f"{path}, line {number}: {cause}") from cause
