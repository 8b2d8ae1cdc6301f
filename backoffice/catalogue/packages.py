"""Packages (一件事, 一业一证): read from a file, and cases bound to one number. The way through them is not here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from backoffice.catalogue.place import CatalogueError, tsv
from backoffice.clock import iso
from backoffice.domain.cases.case import CaseState
from backoffice.store import audit
from backoffice.store.digest import Digest
from backoffice.store.tables import packages as packages
from backoffice.store.tables import tables

FILE = "packages.tsv"
PACKAGE, LICENCE = "package", "licence"
_MODES = frozenset(("serial", "parallel", "mixed"))
_ORIGINS = frozenset(("city", "district"))
_DONE = (CaseState.APPROVED.value, CaseState.ISSUED.value, CaseState.COMPLETED.value)


class PackageError(ValueError):
    """Cases that are not one package, or a licence before its time; the message says which."""


@dataclass(frozen=True, slots=True)
class Package:
    row: dict[str, Any]
    items: tuple[str, ...]


def read_packages(folder: Path) -> tuple[Package, ...]:
    """:raises CatalogueError: the file is missing, or a row is malformed; it says which."""
    return tuple(_package(row) for row in tsv(folder / FILE))


def load_first_packages(connection: Connection, folder: Path) -> None:
    """The folder's packages if the database has none. :raises CatalogueError: as `read_packages` says."""
    if connection.execute(select(func.count()).select_from(packages.package)).scalar_one() == 0:
        put_packages(connection, read_packages(folder))


def put_packages(connection: Connection, found: Iterable[Package]) -> None:
    for one in found:
        connection.execute(insert(packages.package).values(one.row))
        items = [{"package_no": one.row["package_no"], "item_id": item} for item in one.items]
        connection.execute(insert(packages.package_item), items)


def bind(
    connection: Connection, digest: Digest, package_no: str, town: str, case_nos: Sequence[str], at: datetime
) -> str:
    """Give cases of one town the one number of a package; the number.

    :raises PackageError: no such package on that day; a case is unknown, of another town or item, or bound already.
    """
    # The town's chain is held to the end: its numbers come one after the other.
    audit.hold(connection, town)
    _in_force(connection, package_no, at)
    allowed = set(
        connection.execute(
            select(packages.package_item.c.item_id).where(packages.package_item.c.package_no == package_no)
        ).scalars()
    )
    for case_no in case_nos:
        _check_case(connection, package_no, allowed, town, case_no)
    if not case_nos or len(set(case_nos)) != len(case_nos):
        raise PackageError("a package has at least one case, and each once")
    table = packages.bundle
    day = f"{at:%Y%m%d}"
    stem = f"{package_no}-{town[6:]}-{day}-"
    n = connection.execute(select(func.count()).where(table.c.bundle_no.startswith(stem, autoescape=True))).scalar_one()
    bundle_no = f"{stem}{n + 1:04d}"
    row = {"bundle_no": bundle_no, "package_no": package_no, "town": town, "opened_at": iso(at)}
    connection.execute(insert(table).values(row))
    bound = [{"case_no": case_no, "bundle_no": bundle_no} for case_no in case_nos]
    connection.execute(insert(packages.bundle_case), bound)
    entry = {"at": iso(at), "event": "package_bound", "bundle_no": bundle_no, "cases": " ".join(case_nos)}
    audit.append(connection, digest, town, entry)
    return bundle_no


def license_bundle(connection: Connection, digest: Digest, bundle_no: str, licence_no: str, at: datetime) -> None:
    """One licence for all cases of a package, once all of them are approved.

    :raises PackageError: no such number, not a package that ends in a licence, licensed already, or not all approved.
    """
    bundles, cases, bound = packages.bundle, tables.service_case, packages.bundle_case
    query = (
        select(bundles.c.town, bundles.c.licence_no, packages.package.c.ends_in)
        .join(packages.package, packages.package.c.package_no == bundles.c.package_no)
        .where(bundles.c.bundle_no == bundle_no)
        .with_for_update(of=bundles)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.ends_in != LICENCE:
        raise PackageError(f"{bundle_no}: no package that ends in one licence")
    if row.licence_no is not None:
        raise PackageError(f"{bundle_no}: has its licence already")
    of_it = select(func.count()).join_from(bound, cases, cases.c.case_no == bound.c.case_no)
    open_cases = of_it.where(bound.c.bundle_no == bundle_no, cases.c.state.not_in(_DONE))
    if connection.execute(open_cases).scalar_one():
        raise PackageError(f"{bundle_no}: not every case of it is approved yet")
    connection.execute(
        update(bundles).where(bundles.c.bundle_no == bundle_no).values(licence_no=licence_no, licensed_at=iso(at))
    )
    entry = {"at": iso(at), "event": "package_licensed", "bundle_no": bundle_no, "licence_no": licence_no}
    audit.append(connection, digest, row.town, entry)


def _in_force(connection: Connection, package_no: str, at: datetime) -> None:
    table, day = packages.package, at.date().isoformat()
    holds = (table.c.effective_from <= day) & (table.c.effective_to.is_(None) | (table.c.effective_to > day))
    if connection.execute(select(table.c.package_no).where(table.c.package_no == package_no, holds)).first() is None:
        raise PackageError(f"{package_no}: no such package on {day}")


def _check_case(connection: Connection, package_no: str, allowed: set[str], town: str, case_no: str) -> None:
    cases, bound = tables.service_case, packages.bundle_case
    case = connection.execute(select(cases.c.town, cases.c.item_id).where(cases.c.case_no == case_no)).one_or_none()
    if case is None or case.town != town:
        raise PackageError(f"{case_no}: no such case in {town}")
    if case.item_id not in allowed:
        raise PackageError(f"{case_no}: {case.item_id} is no item of {package_no}")
    if connection.execute(select(bound.c.case_no).where(bound.c.case_no == case_no)).first() is not None:
        raise PackageError(f"{case_no}: belongs to a package already")


def _package(row: dict[str, str]) -> Package:
    place = f"{FILE} {row.get('package_no')}"
    try:
        items = tuple(row["items"].split(","))
        values: dict[str, Any] = {column.name: row[column.name] for column in packages.package.c}
    except (KeyError, AttributeError) as cause:
        raise CatalogueError(f"{place}: {type(cause).__name__} {cause}") from cause
    if row["ends_in"] not in (PACKAGE, LICENCE) or row["mode"] not in _MODES or row["origin"] not in _ORIGINS:
        raise CatalogueError(f"{place}: ends_in, mode or origin is none of the known words")
    if set(re.findall(r"XA[0-9]{3}", row["flow"])) != set(items) or len(set(items)) != len(items):
        raise CatalogueError(f"{place}: the flow does not name exactly its items")
    if row["total_workdays"] and not row["total_workdays"].isdigit():
        raise CatalogueError(f"{place}: total_workdays is no number")
    values["total_workdays"] = int(row["total_workdays"]) if row["total_workdays"] else None
    values["effective_to"] = row["effective_to"] or None
    return Package(values, items)
