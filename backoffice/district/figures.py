"""The figures of a district, each as the one query that it is: numerator and denominator, nothing added by hand.

SQL that SQLite and PostgreSQL both read. `:on` is the day, `:year_from` its year's first day, `:day_after` the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backoffice.district.channels import NOT_FACE_TO_FACE


class Shape(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    shape: Shape
    needs: str
    """Without a row of this table there is nothing to count."""
    query: str
    places: int = 0


def _held(table: str) -> str:
    return f"{table}.effective_from <= :on AND ({table}.effective_to IS NULL OR {table}.effective_to > :on)"


def _coverage(level: str, kind: str) -> str:
    return (
        "SELECT count(DISTINCT s.division), count(DISTINCT d.code) FROM division d "
        f"LEFT JOIN site s ON s.division = d.code AND s.kind = '{kind}' AND {_held('s')} "
        f"WHERE d.level = '{level}' AND {_held('d')}"
    )


def _guides(numerator: str, where: str = "TRUE", denominator: str = "count(*)") -> str:
    return f"SELECT {numerator}, {denominator} FROM guide g WHERE {_held('g')} AND {where}"


def _that(condition: str) -> str:
    return f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _list(name: str) -> str:
    return (
        "SELECT count(DISTINCT g.guide_no), NULL FROM guide_list l JOIN guide g ON g.guide_no = l.guide_no "
        f"WHERE l.list = '{name}' AND {_held('l')} AND {_held('g')}"
    )


_DISTRICT = "g.tier = 'district'"
_INTELLIGENT = (
    "FROM guide_list l JOIN guide g ON g.guide_no = l.guide_no "
    "JOIN responsibility r ON r.guide_no = g.guide_no JOIN department d ON d.name = r.department "
    f"WHERE l.list = 'intelligent' AND {_held('l')} AND {_held('g')} AND {_held('r')} AND {_held('d')}"
)
_IN_YEAR = "c.accepted_at >= :year_from AND c.accepted_at < :day_after"
_NO_GUIDANCE = "NOT EXISTS (SELECT 1 FROM case_event e WHERE e.case_no = c.case_no AND e.event = 'guided')"
_REMOTE = ", ".join(f"'{channel.value}'" for channel in NOT_FACE_TO_FACE)
_WALKED = "FROM walkthrough w WHERE w.day >= :year_from AND w.day <= :on"
_MOVED = (
    "FROM responsibility r JOIN responsibility p ON p.guide_no = r.guide_no AND p.effective_to = r.effective_from "
    "AND p.department <> r.department WHERE r.effective_from >= :year_from AND r.effective_from <= :on"
)
_NEW_TOWN = (
    "SELECT count(DISTINCT s.code), NULL FROM site s JOIN division d ON d.code = s.division "
    f"WHERE s.kind = 'town_centre' AND d.level = 'town' AND {_held('s')} AND {_held('d')} "
    "AND d.effective_from >= :year_from AND NOT EXISTS (SELECT 1 FROM division_change c "
    "JOIN division o ON o.code = c.old_code WHERE c.new_code = d.code AND substr(o.name, 1, 2) = substr(d.name, 1, 2))"
)
"""A town whose name begins as before was not founded but became a street."""

_BOUND_IN_YEAR = "b.opened_at >= :year_from AND b.opened_at < :day_after"
_DAY_IN_YEAR = "s.day >= :year_from AND s.day <= :on"


def _packages(where: str) -> str:
    return f"SELECT count(*), NULL FROM package p WHERE {_held('p')} AND {where}"


def _elements(what: str) -> str:
    return f"SELECT {what}, NULL FROM item_element e WHERE {_held('e')}"


def _supervision(what: str, where: str) -> str:
    return f"SELECT count(*), NULL FROM supervision_{what} s WHERE {where}"


FIGURES: tuple[Figure, ...] = (
    Figure("town_centres", Shape.PERCENT, "division", _coverage("town", "town_centre"), 1),
    Figure("village_points", Shape.PERCENT, "division", _coverage("village", "village_point"), 1),
    Figure("new_town_centres", Shape.COUNT, "division", _NEW_TOWN),
    Figure("guides_district", Shape.COUNT, "guide", _guides("count(*)", _DISTRICT, "NULL")),
    Figure("guides_grassroots", Shape.COUNT, "guide", _guides("count(*)", "g.tier = 'grassroots'", "NULL")),
    Figure(
        "guide_accounts",
        Shape.COUNT,
        "guide",
        f"SELECT count(*), NULL FROM guide_account a WHERE {_held('a')}",
    ),
    Figure("directory_bound", Shape.PERCENT, "guide", _guides("count(g.directory_code)", _DISTRICT), 1),
    Figure(
        "directory_accounted_for",
        Shape.PERCENT,
        "guide",
        _guides(_that("g.directory_code IS NOT NULL OR g.unbound_reason IS NOT NULL"), _DISTRICT),
        1,
    ),
    Figure("list_handheld", Shape.COUNT, "guide", _list("handheld")),
    Figure("list_self_service", Shape.COUNT, "guide", _list("self_service")),
    Figure("list_instant", Shape.COUNT, "guide", _list("instant")),
    Figure("list_intelligent", Shape.COUNT, "guide", _list("intelligent")),
    Figure(
        "intelligent_departments", Shape.COUNT, "guide", f"SELECT count(DISTINCT r.department), NULL {_INTELLIGENT}"
    ),
    Figure(
        "intelligent_with_commitment",
        Shape.COUNT,
        "guide",
        "SELECT count(DISTINCT g.guide_no), NULL FROM guide_list l "
        "JOIN guide_list k ON k.guide_no = l.guide_no AND k.list = 'commitment' "
        "JOIN guide g ON g.guide_no = l.guide_no "
        f"WHERE l.list = 'intelligent' AND {_held('l')} AND {_held('k')} AND {_held('g')}",
    ),
    Figure(
        "not_face_to_face",
        Shape.PERCENT,
        "service_case",
        f"SELECT {_that(f'substr(c.case_no, 10, 1) IN ({_REMOTE})')}, count(*) FROM service_case c "
        f"WHERE {_IN_YEAR} AND {_NO_GUIDANCE}",
        1,
    ),
    Figure(
        "one_trip",
        Shape.PERCENT,
        "guide",
        f"SELECT {_that('g.scene_visits <= 1 AND l.guide_no IS NOT NULL')}, count(*) FROM guide g "
        f"LEFT JOIN guide_list l ON l.guide_no = g.guide_no AND l.list = 'one_trip' AND {_held('l')} "
        f"WHERE {_held('g')} AND {_DISTRICT} AND g.kind = 'permit'",
        1,
    ),
    Figure(
        "promised_of_legal",
        Shape.PERCENT,
        "guide",
        _guides(
            "sum(g.promised_workdays)",
            f"{_DISTRICT} AND g.legal_workdays > 0 AND g.promised_workdays IS NOT NULL",
            "sum(g.legal_workdays)",
        ),
        1,
    ),
    Figure("instant_counter", Shape.PERCENT, "guide", _guides(_that("g.case_type = 'instant_counter'"), _DISTRICT), 1),
    Figure("materials_average", Shape.MEAN, "guide", _guides("sum(g.materials)", _DISTRICT), 2),
    Figure("fully_online", Shape.PERCENT, "guide", _guides(_that("g.online"), _DISTRICT), 1),
    Figure("cross_province", Shape.COUNT, "guide", _list("cross_province")),
    Figure("in_province", Shape.COUNT, "guide", _list("in_province")),
    Figure("neighbour_cities", Shape.COUNT, "guide", _list("neighbour_cities")),
    Figure(
        "refusal_ledger",
        Shape.COUNT,
        "service_case",
        "SELECT count(*), NULL FROM refusal f WHERE f.proposed_at >= :year_from AND f.proposed_at < :day_after",
    ),
    Figure(
        "refused_by_two_persons",
        Shape.PERCENT,
        "service_case",
        f"SELECT {_that('f.reviewed_by <> f.proposed_by')}, count(*) FROM service_case c "
        "LEFT JOIN refusal f ON f.case_no = c.case_no AND f.verdict = 'confirmed' "
        f"WHERE c.state = 'refused' AND {_IN_YEAR}",
        1,
    ),
    Figure(
        "elder_ratings_best",
        Shape.PERCENT,
        "rating",
        f"SELECT {_that('''t.satisfaction = 'very_satisfied' ''')}, count(*) FROM rating t "
        "JOIN service_case c ON c.case_no = t.case_no JOIN guide g ON g.guide_no = c.item_id "
        "WHERE g.elder AND t.received_at >= :year_from AND t.received_at < :day_after",
        1,
    ),
    Figure("walkthroughs", Shape.COUNT, "walkthrough", f"SELECT count(*), NULL {_WALKED}"),
    Figure(
        "walkthrough_items",
        Shape.COUNT,
        "walkthrough",
        "SELECT count(DISTINCT i.guide_no), NULL FROM walkthrough_item i JOIN walkthrough w ON w.no = i.no "
        "WHERE w.day >= :year_from AND w.day <= :on",
    ),
    Figure(
        "walkthrough_departments", Shape.COUNT, "walkthrough", f"SELECT count(DISTINCT w.department), NULL {_WALKED}"
    ),
    Figure(
        "walkthrough_ratings_best",
        Shape.PERCENT,
        "walkthrough",
        f"SELECT {_that('''w.satisfaction = 'very_satisfied' ''')}, count(*) {_WALKED}",
        1,
    ),
    Figure("transferred_items", Shape.COUNT, "responsibility", f"SELECT count(DISTINCT r.guide_no), NULL {_MOVED}"),
    Figure(
        "transferred_departments", Shape.COUNT, "responsibility", f"SELECT count(DISTINCT p.department), NULL {_MOVED}"
    ),
    Figure("packages", Shape.COUNT, "package", _packages("p.ends_in = 'package'")),
    Figure(
        "packages_carried_out",
        Shape.COUNT,
        "bundle",
        f"SELECT count(*), NULL FROM bundle b WHERE {_BOUND_IN_YEAR}",
    ),
    Figure(
        "cases_in_packages",
        Shape.COUNT,
        "bundle",
        f"SELECT count(*), NULL FROM bundle_case k JOIN bundle b ON b.bundle_no = k.bundle_no WHERE {_BOUND_IN_YEAR}",
    ),
    Figure("one_licence_industries", Shape.COUNT, "package", _packages("p.ends_in = 'licence'")),
    Figure(
        "one_licence_own_industries",
        Shape.COUNT,
        "package",
        _packages("p.ends_in = 'licence' AND p.origin = 'district'"),
    ),
    Figure(
        "one_licence_issued",
        Shape.COUNT,
        "bundle",
        "SELECT count(DISTINCT b.licence_no), NULL FROM bundle b JOIN package p ON p.package_no = b.package_no "
        "WHERE p.ends_in = 'licence' AND b.licensed_at >= :year_from AND b.licensed_at < :day_after",
    ),
    Figure("compared_levels", Shape.COUNT, "item_element", _elements("count(DISTINCT e.level)")),
    Figure("compared_elements", Shape.COUNT, "item_element", _elements("count(DISTINCT e.element)")),
    Figure(
        "same_elements_across_levels",
        Shape.PERCENT,
        "item_element",
        f"SELECT {_that('s.levels = 5 AND s.texts = 1')}, count(*) FROM (SELECT e.item_id, e.element, "
        "count(DISTINCT e.level) AS levels, count(DISTINCT e.value) AS texts FROM item_element e "
        f"WHERE {_held('e')} GROUP BY e.item_id, e.element) s",
        1,
    ),
    Figure("supervision_items", Shape.COUNT, "supervision_item", _supervision("item", _held("s"))),
    Figure("supervision_officers", Shape.COUNT, "supervision_officer", _supervision("officer", _held("s"))),
    Figure("supervision_plans", Shape.COUNT, "supervision_plan", _supervision("plan", _DAY_IN_YEAR)),
    Figure("supervision_acts", Shape.COUNT, "supervision_act", _supervision("act", _DAY_IN_YEAR)),
    Figure("supervision_exposed", Shape.COUNT, "supervision_act", _supervision("act", f"s.exposed AND {_DAY_IN_YEAR}")),
)
