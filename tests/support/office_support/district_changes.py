"""What one row of packages, levels or supervision moves: each change with the figures that follow it, and no other."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from backoffice.store.tables import packages as packages
from backoffice.store.tables import tables

Moved = dict[str, tuple[int, int]]
ENDED = {"effective_to": "2021-12-31"}


def _first(connection: Connection, table: Table, *where: Any) -> Any:
    return connection.execute(select(table).where(*where).order_by(*table.primary_key.columns).limit(1)).one()


def a_package_ends(connection: Connection) -> Moved:
    table = packages.package
    row = _first(connection, table, table.c.ends_in == "package")
    connection.execute(update(table).where(table.c.package_no == row.package_no).values(ENDED))
    return {"packages": (-1, 0)}


def a_licence_of_the_city_ends(connection: Connection) -> Moved:
    table = packages.package
    row = _first(connection, table, table.c.ends_in == "licence", table.c.origin == "city")
    connection.execute(update(table).where(table.c.package_no == row.package_no).values(ENDED))
    return {"one_licence_industries": (-1, 0)}


def a_licence_of_the_districts_own_ends(connection: Connection) -> Moved:
    table = packages.package
    row = _first(connection, table, table.c.ends_in == "licence", table.c.origin == "district")
    connection.execute(update(table).where(table.c.package_no == row.package_no).values(ENDED))
    return {"one_licence_industries": (-1, 0), "one_licence_own_industries": (-1, 0)}


def a_licence_is_taken_back(connection: Connection) -> Moved:
    table = packages.bundle
    row = _first(connection, table, table.c.licence_no.is_not(None))
    connection.execute(
        update(table).where(table.c.bundle_no == row.bundle_no).values(licence_no=None, licensed_at=None)
    )
    return {"one_licence_issued": (-1, 0)}


def a_case_leaves_its_package(connection: Connection) -> Moved:
    table = packages.bundle_case
    row = _first(connection, table)
    connection.execute(delete(table).where(table.c.case_no == row.case_no))
    return {"cases_in_packages": (-1, 0)}


def a_package_was_never_begun(connection: Connection) -> Moved:
    bundles, bound = packages.bundle, packages.bundle_case
    row = _first(connection, bundles, bundles.c.licence_no.is_(None))
    gone = connection.execute(delete(bound).where(bound.c.bundle_no == row.bundle_no)).rowcount
    connection.execute(delete(bundles).where(bundles.c.bundle_no == row.bundle_no))
    return {"packages_carried_out": (-1, 0), "cases_in_packages": (-gone, 0)}


def one_level_says_something_else(connection: Connection) -> Moved:
    table = packages.item_element
    row = _first(connection, table, table.c.level == "town")
    where = (table.c.item_id == row.item_id) & (table.c.element == row.element) & (table.c.level == "town")
    connection.execute(update(table).where(where).values(value="test"))
    return {"same_elements_across_levels": (-1, 0)}


def one_level_says_nothing(connection: Connection) -> Moved:
    table = packages.item_element
    row = _first(connection, table, table.c.level == "village")
    where = (table.c.item_id == row.item_id) & (table.c.element == row.element) & (table.c.level == "village")
    connection.execute(update(table).where(where).values(ENDED))
    return {"same_elements_across_levels": (-1, 0)}


def a_whole_level_falls_silent(connection: Connection) -> Moved:
    table = packages.item_element
    gone = connection.execute(delete(table).where(table.c.level == "village")).rowcount
    return {"compared_levels": (-1, 0), "same_elements_across_levels": (-gone, 0)}


def an_element_is_no_longer_compared(connection: Connection) -> Moved:
    table = packages.item_element
    row = _first(connection, table)
    of_it = select(func.count(table.c.item_id.distinct())).where(table.c.element == row.element)
    count = connection.execute(of_it).scalar_one()
    connection.execute(delete(table).where(table.c.element == row.element))
    return {"compared_elements": (-1, 0), "same_elements_across_levels": (-count, -count)}


def nobody_watches_over_an_item_any_more(connection: Connection) -> Moved:
    table = packages.supervision_item
    row = _first(connection, table)
    connection.execute(update(table).where(table.c.item_no == row.item_no).values(ENDED))
    return {"supervision_items": (-1, 0)}


def an_officer_leaves(connection: Connection) -> Moved:
    table = packages.supervision_officer
    row = _first(connection, table)
    connection.execute(update(table).where(table.c.officer_no == row.officer_no).values(ENDED))
    return {"supervision_officers": (-1, 0)}


def a_plan_was_of_another_year(connection: Connection) -> Moved:
    table = packages.supervision_plan
    row = _first(connection, table)
    connection.execute(update(table).where(table.c.plan_no == row.plan_no).values(day="2020-12-31"))
    return {"supervision_plans": (-1, 0)}


def a_check_did_not_take_place(connection: Connection) -> Moved:
    table = packages.supervision_act
    row = _first(connection, table, table.c.exposed.is_(False))
    connection.execute(delete(table).where(table.c.act_no == row.act_no))
    return {"supervision_acts": (-1, 0)}


def one_check_more_is_made_public(connection: Connection) -> Moved:
    table = packages.supervision_act
    item = _first(connection, packages.supervision_item)
    row = {"act_no": "test", "item_no": item.item_no, "plan_no": None, "day": "2021-06-01", "exposed": True}
    connection.execute(insert(table).values(row))
    return {"supervision_acts": (1, 0), "supervision_exposed": (1, 0)}


CHANGES = {
    change.__name__: change
    for change in (
        *(a_package_ends, a_licence_of_the_city_ends, a_licence_of_the_districts_own_ends, a_licence_is_taken_back),
        *(a_case_leaves_its_package, a_package_was_never_begun, one_level_says_something_else),
        *(one_level_says_nothing, a_whole_level_falls_silent, an_element_is_no_longer_compared),
        *(nobody_watches_over_an_item_any_more, an_officer_leaves, a_plan_was_of_another_year),
        *(a_check_did_not_take_place, one_check_more_is_made_public),
    )
}


def unbound_cases(connection: Connection, package_no: str) -> list[Any]:
    """Cases that could go into a package."""
    cases, items = tables.service_case, packages.package_item
    bound = select(packages.bundle_case.c.case_no)
    query = select(cases).join(items, items.c.item_id == cases.c.item_id).where(items.c.package_no == package_no)
    return list(connection.execute(query.where(cases.c.case_no.not_in(bound)).order_by(cases.c.case_no)))
