"""Packages: their file, and cases under one number. A licence comes only when every case of it is approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from backoffice.catalogue.packages import PackageError, bind, license_bundle, read_packages
from backoffice.catalogue.release import CatalogueError, read_release
from backoffice.district.elements import LEVELS, differences
from backoffice.office import Office
from backoffice.paths import catalogue_dir
from backoffice.store import audit
from backoffice.store.tables import packages as packages
from backoffice.store.tables import tables

TOWN = "350213007"


def test_every_item_of_every_package_is_in_the_catalogue() -> None:
    found = read_packages(catalogue_dir())
    items = read_release(catalogue_dir()).items
    assert len(found) == 16 and all(item in items for one in found for item in one.items)
    assert len({one.row["package_no"] for one in found}) == 16


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("\tmixed\t", "\tsideways\t", "mode"),
        ("XA005,XA036", "XA005,XA037", "flow"),
        ("\tpackage\tdistrict", "\tbag\tdistrict", "ends_in"),
        ("package_no\t", "number\t", "KeyError"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_by_name(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (catalogue_dir() / "packages.tsv").read_text("utf-8")
    assert old in text
    (tmp_path / "packages.tsv").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogueError, match=says):
        read_packages(tmp_path)


@pytest.fixture
def two(terminal: Any, submission: Callable[..., dict[str, Any]], office: Office) -> list[str]:
    """Two cases of the allowance; a package that ends in a licence has that item."""
    numbers = []
    for serial in (1, 2):
        body = submission(serial=serial)
        assert terminal.post_case(body).status_code == 201
        numbers.append(body["case_no"])
    with office.database.write() as connection:
        row = dict(connection.execute(select(packages.package).limit(1)).mappings().one())
        changed = {"package_no": "L1", "ends_in": "licence", "effective_from": "2026-01-01"}
        connection.execute(insert(packages.package).values({**row, **changed}))
        connection.execute(insert(packages.package_item).values(package_no="L1", item_id="XA032"))
        connection.execute(update(tables.service_case).values(state="approved"))
    return numbers


def test_cases_share_one_number_and_each_belongs_to_one(office: Office, clock: Any, two: list[str]) -> None:
    with office.database.write() as connection:
        first = bind(connection, office.digest, "L1", TOWN, two[:1], clock.now())
        with pytest.raises(PackageError, match="already"):
            bind(connection, office.digest, "PK02", TOWN, two[:1], clock.now())
        with pytest.raises(PackageError, match="no item of"):
            bind(connection, office.digest, "PK01", TOWN, two[1:], clock.now())
        with pytest.raises(PackageError, match="no such package"):
            bind(connection, office.digest, "L2", TOWN, two[1:], clock.now())
        with pytest.raises(PackageError, match="no such case"):
            bind(connection, office.digest, "L1", "350213111", two[1:], clock.now())
        with pytest.raises(PackageError, match="at least one"):
            bind(connection, office.digest, "L1", TOWN, [], clock.now())
        second = bind(connection, office.digest, "L1", TOWN, two[1:], clock.now())
    assert (first, second) == ("L1-007-20261124-0001", "L1-007-20261124-0002")
    with office.database.read() as connection:
        assert audit.verify(connection, office.chain_key)[1] == []
        kept = connection.execute(select(packages.bundle_case.c.case_no)).scalars().all()
    assert sorted(kept) == sorted(two)


def test_one_licence_when_all_are_approved_and_once(office: Office, clock: Any, two: list[str]) -> None:
    with office.database.write() as connection:
        bundle_no = bind(connection, office.digest, "L1", TOWN, two, clock.now())
        state = update(tables.service_case).where(tables.service_case.c.case_no == two[1])
        connection.execute(state.values(state="under_review"))
        with pytest.raises(PackageError, match="not every case"):
            license_bundle(connection, office.digest, bundle_no, "X1", clock.now())
        connection.execute(state.values(state="issued"))
        license_bundle(connection, office.digest, bundle_no, "X1", clock.now())
        with pytest.raises(PackageError, match="already"):
            license_bundle(connection, office.digest, bundle_no, "X2", clock.now())
        with pytest.raises(PackageError, match="no package"):
            license_bundle(connection, office.digest, "L1-007-20261124-0009", "X2", clock.now())


def test_what_levels_say_differently_or_not_at_all_is_listed(office: Office) -> None:
    rows = [
        {"item_id": "XA032", "level": level, "element": element, "value": "same", "effective_from": "2026-01-01"}
        for level in LEVELS
        for element in ("name", "basis", "limit")
    ]
    del rows[-1]
    rows[1]["value"] = "another"
    with office.database.write() as connection:
        connection.execute(insert(packages.item_element), rows)
        found = list(differences(connection, date(2026, 11, 24)))
        assert list(differences(connection, date(2025, 1, 1))) == []
    assert [(one.element, one.missing) for one in found] == [("basis", ()), ("limit", ("village",))]
    assert dict(found[0].values)["province"] == "another"
