"""How long something may take: counted from a start, stopped and resumed, told as a day and as a colour.

A limit in days is counted from the day after its start (民法典 201); one in workdays leaves out the days that are
none (行政许可法 82); one in calendar days that would end on such a day ends on the next workday (民法典 203). What
a special procedure takes, or waiting for the resident, is not counted (行政许可法 45): a stop from one day to another
takes out the days after the first, up to and with the last. Hours run by the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backoffice.domain.days import WorkCalendar

_LAST_MOMENT = time(23, 59, 59, 999000)
_ONE_DAY = timedelta(days=1)


class Unit(StrEnum):
    WORKDAY = "workday"
    DAY = "day"
    HOUR = "hour"


class StopReason(StrEnum):
    """Why time is not counted."""

    INSPECTION = "inspection"
    """勘验."""
    HEARING = "hearing"
    """听证."""
    PUBLICITY = "publicity"
    """公示."""
    APPRAISAL = "appraisal"
    """鉴定、检验、检测."""
    EXPERT_REVIEW = "expert_review"
    """专家评审."""
    RESIDENT = "resident"
    """What is missing was asked for and has not come yet."""


class Colour(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Stop:
    """`end`: None while it lasts."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Term:
    """A limit as it is stored; everything else is derived from it."""

    start: datetime
    count: int
    unit: Unit
    stops: tuple[Stop, ...] = ()

    @property
    def stopped(self) -> bool:
        return any(stop.end is None for stop in self.stops)


@dataclass(frozen=True, slots=True)
class Due:
    """The last moment in time. `provisional`: counted with days that no published calendar names yet."""

    at: datetime
    provisional: bool

    @property
    def day(self) -> date:
        return self.at.date()


def due(term: Term, calendar: WorkCalendar, now: datetime) -> Due:
    """When the time is up. A stop that lasts is counted as if it ended now: the day moves on until it does.

    :raises ValueError: less than nothing is counted.
    """
    if term.count < 0:
        raise ValueError(f"{term.count} {term.unit} is no limit")
    stops = _closed(term.stops, now)
    if term.unit is Unit.HOUR:
        return Due(_hours_end(term, stops), False)
    return _days_end(term, stops, calendar, roll=term.unit is Unit.DAY)


def colour(term: Term, calendar: WorkCalendar, now: datetime) -> Colour:
    """Red: a tenth or less is left, or the last unit. Yellow: a third or less."""
    end = due(term, calendar, now)
    if now > end.at:
        return Colour.OVERDUE
    left = _left(term, calendar, now, end)
    if left <= 1 or left * 10 <= term.count:
        return Colour.RED
    return Colour.YELLOW if left * 3 <= term.count else Colour.GREEN


def reminder_at(term: Term, calendar: WorkCalendar, now: datetime) -> datetime:
    """When whoever works on it is reminded: a fifth of the time is left, at least one unit."""
    early = max(1, term.count // 5)
    shorter = Term(term.start, max(0, term.count - early), term.unit, term.stops)
    stops = _closed(term.stops, now)
    if term.unit is Unit.HOUR:
        return _hours_end(shorter, stops)
    # Not rolled over to a workday: a reminder on the last day itself would be none.
    return _days_end(shorter, stops, calendar, roll=False).at


def _left(term: Term, calendar: WorkCalendar, now: datetime, end: Due) -> float:
    """Units of the limit that are still to come, today's not counted."""
    if term.unit is Unit.HOUR:
        return (end.at - now) / timedelta(hours=1)
    days = (end.day - now.date()).days
    if term.unit is Unit.DAY:
        return days
    return sum(calendar.is_workday(now.date() + n * _ONE_DAY) for n in range(1, days + 1))


def _closed(stops: Iterable[Stop], now: datetime) -> list[tuple[datetime, datetime]]:
    """Without overlaps, in order."""
    spans = sorted((stop.start, max(stop.start, stop.end or now)) for stop in stops)
    merged: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _hours_end(term: Term, stops: Sequence[tuple[datetime, datetime]]) -> datetime:
    end = term.start + timedelta(hours=term.count)
    for start, resumed in stops:
        begun = max(start, term.start)
        if begun < end and resumed > begun:
            end += resumed - begun
    return end


def _days_end(term: Term, stops: Sequence[tuple[datetime, datetime]], calendar: WorkCalendar, *, roll: bool) -> Due:
    spans = [(start.date(), end.date()) for start, end in stops]
    day, left, provisional = term.start.date(), term.count, False

    def counts(on: date) -> bool:
        stopped = any(first < on <= last for first, last in spans)
        return not stopped and (term.unit is Unit.DAY or calendar.is_workday(on))

    while left > 0:
        day += _ONE_DAY
        provisional = provisional or day.year not in calendar.years
        left -= counts(day)
    while roll and term.count and not (calendar.is_workday(day) and counts(day)):
        day += _ONE_DAY
        provisional = provisional or day.year not in calendar.years
    return Due(datetime.combine(day, _LAST_MOMENT, term.start.tzinfo), provisional)
