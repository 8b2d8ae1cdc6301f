"""The guides of a made-up district: as many, bound, listed and transferred as the district of 2021 counted.

The catalogue's own items are among them, as they are published; the rest is made up and says so in its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from random import Random
from typing import Any

from backoffice.district.demo_words import Words
from backoffice.domain.items.item import Item, Limit, Release, SelfService

DISTRICT_GUIDES, GRASSROOTS_GUIDES = 1250, 2141
BOUND, PERMITS, INSTANT_COUNTER, MATERIALS = 1178, 803, 974, 4613
"""Of the district's 1 250."""
HANDHELD, CROSS_PROVINCE, IN_PROVINCE, NEIGHBOUR_CITIES = 276, 68, 16, 12
TRANSFERRED, WALKTHROUGHS, WALKED_ITEMS, WALKED_DEPARTMENTS = 283, 103, 147, 32
SINCE = "2020-06-30"
PERMIT_TYPE = "01"
"""Type code of an administrative permit (行政许可)."""

Row = dict[str, Any]


@dataclass(slots=True)
class Guides:
    """Rows, ready to be written."""

    departments: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    guides: list[Row] = field(default_factory=list)
    responsibilities: list[Row] = field(default_factory=list)
    lists: list[Row] = field(default_factory=list)
    walkthroughs: list[Row] = field(default_factory=list)
    walked: list[Row] = field(default_factory=list)
    transferred: dict[str, list[str]] = field(default_factory=dict)
    """Department -> the guides that leave it on the day of the transfer."""


def make_guides(release: Release, towns: Sequence[str], words: Words, chance: Random) -> Guides:
    """:param towns: names of the towns that keep guides of their own."""
    made = Guides()
    items = tuple(release.items.values())
    _departments(made, items)
    units = [row["name"] for row in made.departments if row["name"] not in words.without_account]
    _accounts(made, [*units, *towns])
    account_of = {row["unit"]: row["account"] for row in made.accounts}
    for item in items:
        made.guides.append(_of_item(item, account_of.get(item.department, account_of[towns[0]])))
        _answers_for(made, item.item_id, item.department)
    _made_up(made, words, units, towns, account_of, chance)
    _lists(made, items)
    _transfer(made, words)
    _walk(made, words, [*units, *towns], chance)
    return made


def _departments(made: Guides, items: Sequence[Item]) -> None:
    codes = {item.department: item.code[:18] for item in items}
    made.departments = [
        {"name": name, "credit_code": code, "effective_from": SINCE, "effective_to": None}
        for name, code in codes.items()
    ]


def _accounts(made: Guides, units: Sequence[str]) -> None:
    made.accounts = [
        {"account": f"guides-{n:02d}", "unit": unit, "effective_from": SINCE, "effective_to": None}
        for n, unit in enumerate(units, 1)
    ]


def _of_item(item: Item, account: str) -> Row:
    return {
        "guide_no": item.item_id,
        "name": item.official,
        "tier": "district" if item.level in ("district", "city") else "grassroots",
        "account": account,
        "kind": "permit" if item.type_code == PERMIT_TYPE else "service",
        "elder": item.elder == "yes",
        "case_type": item.case_type,
        "materials": len(item.materials),
        "legal_workdays": _workdays(item.legal_limit),
        "promised_workdays": _workdays(item.promised_limit),
        "scene_visits": 0 if item.self_service is not SelfService.NO else 1,
        "online": True,
        "directory_code": item.code,
        "unbound_reason": None,
        "effective_from": SINCE,
        "effective_to": None,
    }


def _workdays(limit: Limit) -> int | None:
    return limit.count if limit.unit == "workday" else None


def _made_up(
    made: Guides,
    words: Words,
    units: Sequence[str],
    towns: Sequence[str],
    account_of: dict[str, str],
    chance: Random,
) -> None:
    there = [row for row in made.guides if row["tier"] == "district"]
    count = DISTRICT_GUIDES - len(there)
    instant = _shuffled(count, INSTANT_COUNTER - sum(row["case_type"] == "instant_counter" for row in there), chance)
    permits = _shuffled(count, PERMITS - sum(row["kind"] == "permit" for row in there), chance)
    bound = _shuffled(count, BOUND - len(there), chance)
    materials = iter(_spread(MATERIALS - sum(row["materials"] for row in there), count))
    leaving = cycle(words.transfer_from)
    for n in range(count):
        unit = next(leaving) if permits[n] and n % 2 else units[n % len(units)]
        row = _blank(f"D{n + 1:04d}", "district", account_of[unit], _name(words, n))
        limit = _limits(chance, at_once=instant[n])
        row |= {"kind": "permit" if permits[n] else "service", "materials": next(materials), **limit}
        row |= _binding(n, words, bound=bound[n])
        made.guides.append(row)
        _answers_for(made, row["guide_no"], unit)
    for n in range(GRASSROOTS_GUIDES - (len(made.guides) - DISTRICT_GUIDES)):
        unit = towns[n % len(towns)]
        row = _blank(f"G{n + 1:04d}", "grassroots", account_of[unit], _name(words, n))
        row |= {"materials": n % 4, **_limits(chance, at_once=True), **_binding(n, words, bound=True)}
        made.guides.append(row)
        _answers_for(made, row["guide_no"], unit)


def _blank(guide_no: str, tier: str, account: str, name: str) -> Row:
    return {
        "guide_no": guide_no,
        "name": name,
        "tier": tier,
        "account": account,
        "kind": "service",
        "elder": False,
        "scene_visits": 0,
        "online": True,
        "effective_from": SINCE,
        "effective_to": None,
    }


def _name(words: Words, n: int) -> str:
    what = words.objects[n % len(words.objects)] + words.actions[n // len(words.objects) % len(words.actions)]
    return f"{words.label}:{what}{n + 1}"


def _limits(chance: Random, *, at_once: bool) -> Row:
    legal = chance.randint(10, 20)
    promised = 0 if at_once else chance.randint(1, 4)
    case_type = "instant_counter" if at_once else "promised"
    return {"case_type": case_type, "legal_workdays": legal, "promised_workdays": promised}


def _binding(n: int, words: Words, *, bound: bool) -> Row:
    if bound:
        return {"directory_code": f"demo-{n + 1:05d}", "unbound_reason": None}
    return {"directory_code": None, "unbound_reason": words.unbound_reasons[n % len(words.unbound_reasons)]}


def _shuffled(count: int, right: int, chance: Random) -> list[bool]:
    marks = [n < right for n in range(count)]
    chance.shuffle(marks)
    return marks


def _spread(total: int, count: int) -> Iterator[int]:
    """Whole numbers that differ by at most one and add up to the total."""
    return (total // count + (n < total % count) for n in range(count))


def _answers_for(made: Guides, guide_no: str, department: str) -> None:
    made.responsibilities.append(
        {"guide_no": guide_no, "department": department, "effective_from": SINCE, "effective_to": None, "basis": SINCE}
    )


def _lists(made: Guides, items: Sequence[Item]) -> None:
    own = [row["guide_no"] for row in made.guides if row["guide_no"].startswith("D")]
    self_service = [item.item_id for item in items if item.self_service is SelfService.YES]
    nation = [item.item_id for item in items if item.reach == "nation"]
    province = [item.item_id for item in items if item.reach == "province"]
    more, after = own[: CROSS_PROVINCE - len(nation)], own[CROSS_PROVINCE - len(nation) :]
    lists = {
        "self_service": self_service,
        "instant": [item.item_id for item in items if item.instant],
        "intelligent": [item.item_id for item in items if item.intelligent],
        "commitment": [item.item_id for item in items if item.commitment],
        "handheld": self_service + own[: HANDHELD - len(self_service)],
        "one_trip": [row["guide_no"] for row in made.guides if row["kind"] == "permit" and row["tier"] == "district"],
        "cross_province": nation + more,
        "in_province": province + after[: IN_PROVINCE - len(province)],
        "neighbour_cities": own[-NEIGHBOUR_CITIES:],
    }
    made.lists = [
        {"list": name, "guide_no": guide_no, "effective_from": SINCE, "effective_to": None}
        for name, members in lists.items()
        for guide_no in members
    ]


def _transfer(made: Guides, words: Words) -> None:
    """In turn from each department, until all have been counted."""
    permits = {row["guide_no"] for row in made.guides if row["kind"] == "permit" and row["guide_no"].startswith("D")}
    stock = {name: list[str]() for name in words.transfer_from}
    for row in made.responsibilities:
        if row["department"] in stock and row["guide_no"] in permits:
            stock[row["department"]].append(row["guide_no"])
    made.transferred = {name: [] for name in words.transfer_from}
    for n in range(TRANSFERRED):
        name = words.transfer_from[n % len(words.transfer_from)]
        made.transferred[name].append(stock[name].pop())


def _walk(made: Guides, words: Words, units: Sequence[str], chance: Random) -> None:
    days = (words.last_day - words.first_day).days
    for n in range(WALKTHROUGHS):
        day = date.fromordinal(words.first_day.toordinal() + chance.randint(0, days))
        unit = units[n % WALKED_DEPARTMENTS]
        made.walkthroughs.append(
            {
                "no": n + 1,
                "day": day.isoformat(),
                "leader": f"{words.leader}{n % WALKED_DEPARTMENTS + 1}",
                "department": unit,
                "satisfaction": "very_satisfied",
            }
        )
    walked = chance.sample([row["guide_no"] for row in made.guides], WALKED_ITEMS)
    made.walked = [{"no": n % WALKTHROUGHS + 1, "guide_no": guide_no} for n, guide_no in enumerate(walked)]
