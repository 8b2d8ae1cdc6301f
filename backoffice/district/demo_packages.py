"""Packages, licences, elements by level and supervision of a made-up district: as many as the report of 2021 counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

from sqlalchemy import Connection, func, insert, select

from backoffice.catalogue.packages import LICENCE, PACKAGE, Package, bind, license_bundle, put_packages
from backoffice.clock import CHINA
from backoffice.district.demo_words import Words
from backoffice.district.elements import LEVELS
from backoffice.domain.cases.case import CaseState
from backoffice.domain.items.item import Item
from backoffice.store.digest import Digest
from backoffice.store.tables import packages as packages
from backoffice.store.tables import tables

PACKAGES, CITY_LICENCES, OWN_LICENCES, LICENCES_ISSUED = 65, 4, 2, 5
SUPERVISION_ITEMS, SUPERVISION_ACTS, PLANS, OFFICERS, EXPOSED = 1315, 3387, 243, 717, 97
MOST_BUNDLES = 200
"""Packages that somebody went through; nobody has published how many, so this is made up."""

Row = dict[str, Any]


def put_counted(connection: Connection, items: Sequence[Item], units: Sequence[str], words: Words, seed: int) -> None:
    """All but what needs cases. :param units: departments and towns."""
    chance = Random(f"packages {seed}")
    there = connection.execute(select(func.count()).select_from(packages.package)).scalar_one()
    put_packages(connection, _packages(items, words, there, chance))
    connection.execute(insert(packages.item_element), list(_elements(items, words)))
    _supervise(connection, units, words, chance)


def _packages(items: Sequence[Item], words: Words, there: int, chance: Random) -> Iterator[Package]:
    transacted = [item for item in items if item.transact]
    for n in range(there, PACKAGES):
        yield _made_up(f"PD{n + 1:02d}", PACKAGE, "district", chance.sample(transacted, 2), words)
    approved = [item for item in transacted if item.mode.value == "apply"]
    for n in range(CITY_LICENCES + OWN_LICENCES):
        origin = "city" if n < CITY_LICENCES else "district"
        yield _made_up(f"LD{n + 1:02d}", LICENCE, origin, approved[n :: CITY_LICENCES + OWN_LICENCES], words)


def _made_up(package_no: str, ends_in: str, origin: str, items: Sequence[Item], words: Words) -> Package:
    ids = tuple(item.item_id for item in items)
    row = {
        "package_no": package_no,
        "name": f"{words.label}:{package_no}",
        "ends_in": ends_in,
        "origin": origin,
        "lead": items[0].department,
        "mode": "parallel",
        "flow": "[" + " ∥ ".join(ids) + "]",
        "shared_form": "",
        "total_workdays": None,
        "elder": "no",
        "effective_from": words.first_day.isoformat(),
        "effective_to": None,
        "source": words.label,
    }
    return Package(row, ids)


def _elements(items: Sequence[Item], words: Words) -> Iterator[Row]:
    for item in items:
        for element in words.elements:
            for level in LEVELS:
                yield {
                    "item_id": item.item_id,
                    "level": level,
                    "element": element,
                    "value": f"{words.label}:{item.item_id} {item.official} {element}",
                    "effective_from": words.first_day.isoformat(),
                    "effective_to": None,
                }


def _supervise(connection: Connection, units: Sequence[str], words: Words, chance: Random) -> None:
    since = {"effective_from": words.first_day.isoformat(), "effective_to": None}

    def day() -> str:
        span = words.last_day.toordinal() - words.first_day.toordinal()
        return words.first_day.fromordinal(words.first_day.toordinal() + chance.randint(0, span)).isoformat()

    items = [
        {"item_no": f"S{n + 1:05d}", "name": f"{words.label}:{n + 1}", "department": units[n % len(units)], **since}
        for n in range(SUPERVISION_ITEMS)
    ]
    plans = [{"plan_no": f"P{n + 1:04d}", "department": units[n % len(units)], "day": day()} for n in range(PLANS)]
    officers = [{"officer_no": f"O{n + 1:04d}", "department": units[n % len(units)], **since} for n in range(OFFICERS)]
    acts = [
        {
            "act_no": f"A{n + 1:05d}",
            "item_no": items[n % SUPERVISION_ITEMS]["item_no"],
            "plan_no": plans[n % PLANS]["plan_no"] if n % 3 == 0 else None,
            "day": day(),
            "exposed": n < EXPOSED,
        }
        for n in range(SUPERVISION_ACTS)
    ]
    for table, rows in (
        (packages.supervision_item, items),
        (packages.supervision_plan, plans),
        (packages.supervision_officer, officers),
        (packages.supervision_act, acts),
    ):
        connection.execute(insert(table), [dict(row) for row in rows])


def bind_cases(connection: Connection, digest: Digest, words: Words) -> None:
    """Some of the loaded cases went as packages: the same person, town and package; and five ended in one licence."""
    at = datetime(words.last_day.year, words.last_day.month, words.last_day.day, 12, tzinfo=CHINA)
    bound: set[str] = set()
    for n, row in enumerate(_approved_of_licences(connection)[:LICENCES_ISSUED], 1):
        bundle_no = bind(connection, digest, row.package_no, row.town, [row.case_no], at)
        license_bundle(connection, digest, bundle_no, f"demo-{n:04d}", at)
        bound.add(row.case_no)
    count = 0
    for package_no, town, first, second in _pairs(connection):
        if count < MOST_BUNDLES and not {first, second} & bound:
            bind(connection, digest, package_no, town, [first, second], at)
            bound |= {first, second}
            count += 1


def _approved_of_licences(connection: Connection) -> Sequence[Any]:
    cases, package, item = tables.service_case, packages.package, packages.package_item
    query = (
        select(cases.c.case_no, cases.c.town, package.c.package_no)
        .join(item, item.c.item_id == cases.c.item_id)
        .join(package, package.c.package_no == item.c.package_no)
        .where(package.c.ends_in == LICENCE)
        .where(cases.c.state.in_((CaseState.APPROVED.value, CaseState.ISSUED.value)))
        .order_by(cases.c.case_no)
        .limit(LICENCES_ISSUED)
    )
    return connection.execute(query).all()


def _pairs(connection: Connection) -> Iterator[tuple[str, str, str, str]]:
    """(package, town, case, case): two items of one package, asked for by one person in one town."""
    cases, package, item = tables.service_case, packages.package, packages.package_item
    query = (
        select(package.c.package_no, cases.c.town, cases.c.applicant_index, cases.c.item_id, cases.c.case_no)
        .join(item, item.c.item_id == cases.c.item_id)
        .join(package, package.c.package_no == item.c.package_no)
        .where(package.c.ends_in == PACKAGE)
        .order_by(package.c.package_no, cases.c.applicant_index, cases.c.town, cases.c.case_no)
    )
    for one, other in pairwise(connection.execute(query).all()):
        same = one[:3] == other[:3] and one.item_id != other.item_id
        if same:
            yield one.package_no, one.town, one.case_no, other.case_no
