"""The figures of a district once more, by hand: every row is read and counted in Python, and no query is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from backoffice.store.metadata import metadata

DAY, YEAR = "2021-12-31", "2021"
FACE_TO_FACE = "1"
"""The channel digit of a case that came in at a counter."""
LISTS = (
    "handheld", "self_service", "instant", "intelligent", "cross_province", "in_province", "neighbour_cities",
)  # fmt: skip

Pair = tuple[int, int | None]


class Rows:
    """All rows of the tables, as they stand in this transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, table: str) -> Sequence[Any]:
        return self._connection.execute(select(metadata.tables[table])).all()

    def held(self, table: str) -> list[Any]:
        """Those that are in force on the day."""
        return [row for row in self.all(table) if in_force(row)]

    def of_year(self, table: str, column: str) -> list[Any]:
        return [row for row in self.all(table) if str(getattr(row, column) or "")[:4] == YEAR]


def in_force(row: Any) -> bool:
    return row.effective_from <= DAY and (row.effective_to is None or row.effective_to > DAY)


def recounted(connection: Connection) -> dict[str, Pair]:
    """Name -> numerator and denominator."""
    rows = Rows(connection)
    found: dict[str, Pair] = {}
    for part in (_places, _guides, _cases, _walks, _moves, _packages, _elements, _supervision):
        found.update(part(rows))
    return found


def _places(rows: Rows) -> Iterator[tuple[str, Pair]]:
    sites, divisions = rows.held("site"), rows.held("division")
    for name, level, kind in (
        ("town_centres", "town", "town_centre"),
        ("village_points", "village", "village_point"),
    ):
        codes = {division.code for division in divisions if division.level == level}
        served = codes & {site.division for site in sites if site.kind == kind}
        yield name, (len(served), len(codes))
    names = {division.code: division.name for division in rows.all("division")}
    renamed = {
        change.new_code
        for change in rows.all("division_change")
        if names[change.old_code][:2] == names[change.new_code][:2]
    }
    founded = {
        division.code
        for division in divisions
        if division.level == "town" and division.effective_from[:4] == YEAR and division.code not in renamed
    }
    centres = {site.code for site in sites if site.kind == "town_centre" and site.division in founded}
    yield "new_town_centres", (len(centres), None)


def _guides(rows: Rows) -> Iterator[tuple[str, Pair]]:
    guides = rows.held("guide")
    own = [guide for guide in guides if guide.tier == "district"]
    on_list: dict[str, set[str]] = defaultdict(set)
    known = {guide.guide_no for guide in guides}
    for row in rows.held("guide_list"):
        on_list[row.list] |= {row.guide_no} & known

    def share(name: str, holds: Callable[[Any], bool], among: Sequence[Any] = own) -> tuple[str, Pair]:
        return name, (sum(map(holds, among)), len(among))

    yield "guides_district", (len(own), None)
    yield "guides_grassroots", (sum(guide.tier == "grassroots" for guide in guides), None)
    yield "guide_accounts", (len(rows.held("guide_account")), None)
    yield share("directory_bound", lambda guide: guide.directory_code is not None)
    yield share("directory_accounted_for", lambda guide: bool(guide.directory_code or guide.unbound_reason))
    yield share("instant_counter", lambda guide: guide.case_type == "instant_counter")
    yield share("fully_online", lambda guide: bool(guide.online))
    yield "materials_average", (sum(guide.materials for guide in own), len(own))
    permits = [guide for guide in own if guide.kind == "permit"]
    once = on_list["one_trip"]
    yield share("one_trip", lambda guide: guide.scene_visits <= 1 and guide.guide_no in once, permits)
    for name in LISTS:
        yield (
            (name if name in ("cross_province", "in_province", "neighbour_cities") else f"list_{name}"),
            (
                len(on_list[name]),
                None,
            ),
        )
    clever = on_list["intelligent"]
    departments = {department.name for department in rows.held("department")}
    theirs = {row.department for row in rows.held("responsibility") if row.guide_no in clever}
    yield "intelligent_departments", (len(theirs & departments), None)
    yield "intelligent_with_commitment", (len(clever & on_list["commitment"]), None)
    timed = [guide for guide in own if guide.legal_workdays and guide.promised_workdays is not None]
    promised = sum(guide.promised_workdays for guide in timed)
    yield "promised_of_legal", (promised, sum(guide.legal_workdays for guide in timed))


def _cases(rows: Rows) -> Iterator[tuple[str, Pair]]:
    guided = {event.case_no for event in rows.all("case_event") if event.event == "guided"}
    cases = [case for case in rows.of_year("service_case", "accepted_at") if case.case_no not in guided]
    yield "not_face_to_face", (sum(case.case_no[9] != FACE_TO_FACE for case in cases), len(cases))
    yield "refusal_ledger", (len(rows.of_year("refusal", "proposed_at")), None)


def _walks(rows: Rows) -> Iterator[tuple[str, Pair]]:
    walks = rows.of_year("walkthrough", "day")
    numbers = {walk.no for walk in walks}
    yield "walkthroughs", (len(walks), None)
    yield (
        "walkthrough_items",
        (len({row.guide_no for row in rows.all("walkthrough_item") if row.no in numbers}), None),
    )
    yield "walkthrough_departments", (len({walk.department for walk in walks}), None)
    best = sum(walk.satisfaction == "very_satisfied" for walk in walks)
    yield "walkthrough_ratings_best", (best, len(walks))


def _moves(rows: Rows) -> Iterator[tuple[str, Pair]]:
    every = rows.all("responsibility")
    ended = {(row.guide_no, row.effective_to): row.department for row in every if row.effective_to}
    moved = [
        (row.guide_no, before)
        for row in every
        if row.effective_from[:4] == YEAR
        and (before := ended.get((row.guide_no, row.effective_from))) not in (None, row.department)
    ]
    yield "transferred_items", (len({guide for guide, _ in moved}), None)
    yield "transferred_departments", (len({department for _, department in moved}), None)


def _packages(rows: Rows) -> Iterator[tuple[str, Pair]]:
    packages = rows.held("package")
    licences = [package for package in packages if package.ends_in == "licence"]
    yield "packages", (sum(package.ends_in == "package" for package in packages), None)
    yield "one_licence_industries", (len(licences), None)
    yield "one_licence_own_industries", (sum(package.origin == "district" for package in licences), None)
    bundles = rows.of_year("bundle", "opened_at")
    opened = {bundle.bundle_no for bundle in bundles}
    yield "packages_carried_out", (len(bundles), None)
    yield "cases_in_packages", (sum(row.bundle_no in opened for row in rows.all("bundle_case")), None)


def _elements(rows: Rows) -> Iterator[tuple[str, Pair]]:
    told: dict[tuple[str, str], list[Any]] = defaultdict(list)
    elements = rows.held("item_element")
    for row in elements:
        told[row.item_id, row.element].append(row)
    same = sum(len({row.level for row in one}) == 5 and len({row.value for row in one}) == 1 for one in told.values())
    yield "compared_levels", (len({row.level for row in elements}), None)
    yield "compared_elements", (len({row.element for row in elements}), None)
    yield "same_elements_across_levels", (same, len(told))


def _supervision(rows: Rows) -> Iterator[tuple[str, Pair]]:
    acts = rows.of_year("supervision_act", "day")
    yield "supervision_items", (len(rows.held("supervision_item")), None)
    yield "supervision_officers", (len(rows.held("supervision_officer")), None)
    yield "supervision_plans", (len(rows.of_year("supervision_plan", "day")), None)
    yield "supervision_acts", (len(acts), None)
    yield "supervision_exposed", (sum(bool(act.exposed) for act in acts), None)
