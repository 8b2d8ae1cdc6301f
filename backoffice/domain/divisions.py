"""Provinces to villages by date: which code held when, and what an old or a new code is called on another day.

Codes: 6 digits down to the district (GB/T 2260), 9 for towns and streets, 12 for villages and communities (National
Bureau of Statistics, codes for statistical divisions). Names are never a key: two villages may have the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_LONGEST_PATH = 6


class DivisionError(ValueError):
    """The tables contradict themselves; the message names the row."""


class Level(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    FARM = "farm"
    """Has a code like a town's and is none."""
    VILLAGE = "village"
    LIVING_AREA = "living_area"
    """Codes from 500 on: counted by statisticians like a village, without being one."""


_UNDER: dict[Level, frozenset[Level]] = {
    Level.PROVINCE: frozenset(),
    Level.CITY: frozenset((Level.PROVINCE,)),
    Level.DISTRICT: frozenset((Level.CITY,)),
    Level.TOWN: frozenset((Level.DISTRICT,)),
    Level.FARM: frozenset((Level.DISTRICT,)),
    Level.VILLAGE: frozenset((Level.TOWN, Level.FARM)),
    Level.LIVING_AREA: frozenset((Level.TOWN, Level.FARM)),
}
_DIGITS = {Level.TOWN: 9, Level.FARM: 9, Level.VILLAGE: 12, Level.LIVING_AREA: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From a day on, and until the day before `until`; None: no end is known."""

    since: date
    until: date | None

    def has(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def meets(self, other: Period) -> bool:
        return self.has(other.since) or other.has(self.since)


@dataclass(frozen=True, slots=True)
class Division:
    code: str
    name: str
    level: Level
    parent: str
    period: Period
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """From this day on, what was (a part of) the old code is (a part of) the new one."""

    old: str
    new: str
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Alias:
    """What people call a natural village that lies in a division."""

    alias: str
    code: str
    period: Period
    source: str


class Answer(StrEnum):
    SAME = "same"
    FOLLOWED = "followed"
    """Another code held on that day, and only one."""
    SEVERAL = "several"
    """It was divided: somebody must say which part is meant."""
    NOT_THEN = "not_then"
    """Known, but on that day there was nothing that it grew from."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resolution:
    answer: Answer
    codes: tuple[str, ...] = ()

    @property
    def code(self) -> str | None:
        """The one code of that day; None when there is none or more than one."""
        return self.codes[0] if len(self.codes) == 1 else None


class Divisions:
    """:raises DivisionError: the rows contradict each other."""

    def __init__(
        self, divisions: Iterable[Division], changes: Iterable[Change] = (), aliases: Iterable[Alias] = ()
    ) -> None:
        self._by_code: dict[str, list[Division]] = defaultdict(list)
        for row in divisions:
            self._by_code[row.code].append(row)
        self.changes = tuple(changes)
        self.aliases = tuple(aliases)
        self._later: dict[str, list[Change]] = defaultdict(list)
        self._earlier: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            self._later[change.old].append(change)
            self._earlier[change.new].append(change)
        self.known_from = min((row.period.since for row in self.rows()), default=date.min)
        self._check()

    def rows(self) -> Iterator[Division]:
        for rows in self._by_code.values():
            yield from rows

    def on(self, code: str, day: date) -> Division | None:
        """The division that has this code on that day. Before the first list that is known, that list counts."""
        known = max(day, self.known_from)
        return next((row for row in self._by_code.get(code, ()) if row.period.has(known)), None)

    def of_level(self, level: Level, day: date) -> tuple[Division, ...]:
        known = max(day, self.known_from)
        return tuple(row for row in self.rows() if row.level is level and row.period.has(known))

    def children(self, code: str, day: date) -> tuple[Division, ...]:
        known = max(day, self.known_from)
        return tuple(row for row in self.rows() if row.parent == code and row.period.has(known))

    def path(self, code: str, day: date) -> tuple[Division, ...]:
        """The division and what it lies in, upwards; empty when nothing has the code on that day."""
        found: list[Division] = []
        row = self.on(code, day)
        while row is not None and len(found) < _LONGEST_PATH:
            found.append(row)
            row = self.on(row.parent, day) if row.parent else None
        return tuple(found)

    def resolve(self, code: str, day: date) -> Resolution:
        """What a code of any time is on that day; never fails, whatever text is asked for."""
        if code not in self._by_code:
            return Resolution(Answer.UNKNOWN)
        if self.on(code, day) is not None:
            return Resolution(Answer.SAME, (code,))
        found = tuple(sorted(self._followed(code, max(day, self.known_from))))
        if not found:
            return Resolution(Answer.NOT_THEN)
        return Resolution(Answer.FOLLOWED if len(found) == 1 else Answer.SEVERAL, found)

    def named(self, name: str, day: date) -> tuple[Division, ...]:
        """Every division of that name, or that a natural village of that name lies in: a question, not an answer."""
        known = max(day, self.known_from)
        codes = {alias.code for alias in self.aliases if alias.alias == name and alias.period.has(known)}
        return tuple(
            row for row in self.rows() if row.period.has(known) and name and (row.name == name or row.code in codes)
        )

    def _followed(self, code: str, day: date) -> set[str]:
        reached, found, seen = [code], set[str](), {code}
        while reached:
            here = reached.pop()
            if self.on(here, day) is not None:
                found.add(here)
                continue
            steps = [change.new for change in self._later[here] if change.day <= day]
            steps += [change.old for change in self._earlier[here] if change.day > day]
            reached += [step for step in steps if step not in seen]
            seen.update(steps)
        return found

    def _check(self) -> None:
        for code, rows in self._by_code.items():
            for n, row in enumerate(rows):
                _check_form(row)
                if any(row.period.meets(other.period) for other in rows[:n]):
                    raise DivisionError(f"{code}: two rows hold on the same day")
                self._check_parent(row)
        for change in self.changes:
            if change.old not in self._by_code or change.new not in self._by_code or change.old == change.new:
                raise DivisionError(f"{change.old} -> {change.new}: both must be divisions, and not the same")
        for alias in self.aliases:
            if not alias.alias or alias.code not in self._by_code:
                raise DivisionError(f"{alias.alias or 'an alias'} lies in {alias.code}, which is no division")

    def _check_parent(self, row: Division) -> None:
        allowed = _UNDER[row.level]
        if not allowed and not row.parent:
            return
        parents = [parent for parent in self._by_code.get(row.parent, ()) if parent.period.has(row.period.since)]
        if not parents or parents[0].level not in allowed:
            raise DivisionError(
                f"{row.code}: {row.parent or 'nothing'} cannot hold a {row.level} on {row.period.since}"
            )


def _check_form(row: Division) -> None:
    digits = _DIGITS.get(row.level, 6)
    if len(row.code) != digits or not (row.code.isascii() and row.code.isdigit()):
        raise DivisionError(f"{row.code}: a {row.level} has {digits} digits")
    if not row.name:
        raise DivisionError(f"{row.code} has no name")
    if row.period.until is not None and row.period.until <= row.period.since:
        raise DivisionError(f"{row.code} ends before it begins")
    if row.parent and not row.code.startswith(row.parent.rstrip("0")):
        raise DivisionError(f"{row.code} does not begin like {row.parent}, which holds it")
