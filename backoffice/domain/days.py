"""Ages, birthdays, paydays and workdays. Every function is given the day; nobody asks a clock here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class DayKind(StrEnum):
    HOLIDAY = "holiday"
    """A day of a legal holiday, weekends within it included."""
    WORKDAY = "workday"
    """A weekend day that is worked (调休)."""


def full_years(birth: date, on: date) -> int:
    """Completed years of life; the year is complete on the birthday."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def birthday(birth: date, years: int) -> date:
    """The day on which somebody completes `years`; a 29 February moves to 1 March in a common year."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def next_month(day: date, day_of_month: int) -> date:
    """That day of the month after `day`'s month, e.g. the first payday after a claim."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, day_of_month)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`provisional`: a year without a published notice was counted with weekdays and fixed feasts only."""

    day: date
    provisional: bool


_FIXED_FEASTS = frozenset(((1, 1), (5, 1), (10, 1), (10, 2), (10, 3)))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days that differ from Monday to Friday, by year of the notice that says so."""

    exceptions: Mapping[date, DayKind] = field(default_factory=dict)

    @property
    def years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.exceptions)

    def is_workday(self, day: date) -> bool:
        kind = self.exceptions.get(day)
        if kind is not None:
            return kind is DayKind.WORKDAY
        if day.year not in self.years and (day.month, day.day) in _FIXED_FEASTS:
            return False
        return day.isoweekday() <= 5

    def after(self, start: date, workdays: int) -> Deadline:
        """The last of `workdays` workdays counted from the day after `start`. Never fails on an unknown year."""
        day, left, provisional = start, workdays, False
        while left > 0:
            day += timedelta(days=1)
            provisional = provisional or day.year not in self.years
            left -= self.is_workday(day)
        return Deadline(day, provisional)


def calendar_of(rows: Iterable[tuple[str, str]]) -> WorkCalendar:
    """From (ISO date, kind) rows. :raises ValueError: a date or a kind that does not exist."""
    return WorkCalendar({date.fromisoformat(day): DayKind(kind) for day, kind in rows})
