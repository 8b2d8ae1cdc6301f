"""What the registers are filled from: people, households, the day, chance, and the planted contradictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from backoffice.simulators.households import Household
from backoffice.simulators.people import Person
from backoffice.simulators.places import Lists

Entry = dict[str, Any]
"""The fields of one register's answer."""


@dataclass(slots=True)
class World:
    people: list[Person]
    households: list[Household]
    lists: Lists
    chance: Random
    as_of: date
    shop_number: Any = None
    relief: dict[int, Entry] = field(default_factory=dict)
    """Household -> the relief it gets: all its members or none."""
    entered: set[str] = field(default_factory=set)
    """Numbers whose marriage is in the register: both of a couple or none."""
    planted: dict[str, list[str]] = field(default_factory=dict)
    """Kind of contradiction -> the numbers that have it."""

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def days_ago(self, at_least: int, below: int) -> date:
        return self.as_of - timedelta(days=self.chance.randrange(at_least, below))

    def days_ahead(self, at_least: int, below: int) -> date:
        return self.as_of + timedelta(days=self.chance.randrange(at_least, below))

    def has(self, kind: str, person: Person) -> bool:
        return person.number in self.planted.get(kind, ())

    def home(self, person: Person) -> Household | None:
        return self.households[person.household] if person.household >= 0 else None


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def years_after(day: date, years: int) -> date:
    """29 February moves to 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
