"""A made-up population with what every register knows about each person: consistent, except where it is planted.

`generate(seed, count)` is a function of its arguments: the same bytes every time. A file of it is JSON lines: first
the head (seed, count, day, planted contradictions), then one resident a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from backoffice.simulators import records_family, records_property, records_welfare, records_work
from backoffice.simulators.histories import with_histories
from backoffice.simulators.households import settle
from backoffice.simulators.people import Families, Person
from backoffice.simulators.places import Lists, read_lists
from backoffice.simulators.world import Entry, World

AS_OF = date(2026, 11, 1)
"""The day on which the registers stand. Not today: the same seed must give the same bytes."""
MAX_COUNT = 200_000

_PLANTED: dict[str, tuple[float, Callable[[Person], bool]]] = {
    "death_not_passed_on": (0.01, lambda person: not person.alive),
    "pension_after_death": (0.02, lambda person: person.died_on is not None and person.age(person.died_on) >= 60),
    "paid_after_death": (
        0.02,
        lambda person: person.died_on is not None and not person.elsewhere and person.age(person.died_on) >= 81,
    ),
    "not_in_population": (0.003, lambda person: person.alive),
    "account_of_another_name": (0.02, lambda person: person.alive),
}
"""Contradiction -> its share among those whom it can happen to."""

_ENTRIES: dict[str, Callable[[Person, World], Entry | None]] = {
    "L01": records_family.population,
    "L02": records_family.photo,
    "L03": records_family.household,
    "L04": records_family.residence,
    "L05": records_family.criminal_record,
    "L06": records_family.traffic,
    "L07": records_family.births,
    "L08": records_family.death,
    "L09": records_family.birth_registrations,
    "L10": records_family.marriage,
    "L11": records_welfare.relief,
    "L12": records_welfare.allowance,
    "L13": records_welfare.disability,
    "L14": records_welfare.pension,
    "L15": records_welfare.employment,
    "L16": records_welfare.social_card,
    "L17": records_welfare.medical,
    "L18": records_welfare.away_and_chronic,
    "L20": records_property.business,
    "L22": records_property.homes,
    "L23": records_property.land,
    "L24": records_welfare.veteran,
    "L25": records_family.school,
    "L26": records_property.judgment,
    "L27": records_property.broken_promise,
}


@dataclass(frozen=True, slots=True, repr=False)
class Population:
    seed: int
    count: int
    world: World
    residents: tuple[dict[str, Any], ...]
    """One record a person, the dead included."""

    def lines(self) -> Iterator[str]:
        """The file, line by line."""
        head = {"seed": self.seed, "count": self.count, "as_of": AS_OF.isoformat(), "planted": self.world.planted}
        for line in (head, *self.residents):
            yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def generate(seed: int, count: int, lists: Lists | None = None) -> Population:
    """At least `count` living residents, and the dead of their families.

    :raises ValueError: a count below 1 or above 200 000.
    """
    if not 1 <= count <= MAX_COUNT:
        raise ValueError(f"count {count}: between 1 and {MAX_COUNT} residents")
    known = lists or read_lists()
    # The type of a seed is part of the seed: 1 and "1" would differ.
    chance = Random(int(seed))
    families = Families(chance, known, AS_OF)
    people = families.until(count)
    households = settle(people, known.villages, chance)
    world = World(people, households, known, chance, AS_OF, families.shop_number)
    _plant(world)
    records_family.enter_marriages(world)
    records_welfare.grant_relief(world)
    return Population(seed, count, world, tuple(_record(person, world) for person in people))


def _plant(world: World) -> None:
    for kind, (share, possible) in _PLANTED.items():
        candidates = [person.number for person in world.people if possible(person)]
        count = round(len(candidates) * share)
        world.planted[kind] = sorted(world.chance.sample(candidates, count))


def _record(person: Person, world: World) -> dict[str, Any]:
    entries: dict[str, Entry] = {}
    for code, make in _ENTRIES.items():
        entry = make(person, world)
        if entry is not None:
            entries[code] = entry
    pension = entries.get("L14", {})
    late = {
        "L19": records_property.contributions(person, world, pension.get("state") == "paying"),
        "L21": records_property.housing_fund(person, world, pension.get("scheme") == "employee"),
        "L27": records_property.broken_by_firm(person, entries),
        "L29": records_property.certificates(person, world, entries),
        "L32": records_work.in_the_making(person, world.as_of),
    }
    entries.update({code: entry for code, entry in late.items() if entry})
    return {
        "number": person.number,
        "name": person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": person.birth.isoformat(),
        "address": _address(person, world),
        "registers": with_histories(person.number, entries, world.as_of),
        "meters": records_property.meters(person, world),
        "payments": records_property.payments(person, entries),
        "openings": records_work.openings(person, world, entries.get("L20")),
    }


def _address(person: Person, world: World) -> str:
    home = world.home(person)
    village = person.village
    return f"{village.town}{village.name}{home.door if home else 0}"
