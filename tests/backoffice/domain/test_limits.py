"""Limits against a calendar counted by brute force, and the colours they are shown in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from office_support.limits_by_hand import FIRST, by_hand, calendars, terms

from backoffice.catalogue.release import read_tables
from backoffice.domain.cases.limits import Colour, Due, Stop, Term, Unit, colour, due, reminder_at
from backoffice.domain.days import WorkCalendar
from backoffice.paths import catalogue_dir

CALENDAR = read_tables(catalogue_dir()).calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@settings(max_examples=40)
@given(terms(), calendars())
def test_a_limit_ends_when_counting_by_hand_says_so(drawn: tuple[Term, datetime], calendar: WorkCalendar) -> None:
    term, now = drawn
    assert due(term, calendar, now).at == by_hand(term, calendar, now)


def test_an_emergency_of_24_hours_runs_over_the_night_and_the_weekend() -> None:
    """XA039 is limited in hours: Friday evening counts."""
    term = Term(at("2026-11-27T17:30"), 24, Unit.HOUR)
    assert due(term, CALENDAR, term.start) == Due(at("2026-11-28T17:30"), False)


@pytest.mark.parametrize(
    ("unit", "count", "day"),
    [(Unit.WORKDAY, 5, "2026-10-13"), (Unit.DAY, 5, "2026-10-08"), (Unit.DAY, 14, "2026-10-14")],
)
def test_the_long_holiday_of_october_is_left_out_or_rolled_over(unit: Unit, count: int, day: str) -> None:
    """From 30 September 2026: 1 to 7 October are free, Saturday 10 October is worked."""
    term = Term(at("2026-09-30T10:00"), count, unit)
    assert due(term, CALENDAR, term.start).day == date.fromisoformat(day)


def test_a_stop_within_one_day_takes_nothing_and_one_of_a_week_takes_its_workdays() -> None:
    start = at("2026-11-23T09:00")
    for stop, day in (
        ((), "2026-11-27"),
        ((Stop(at("2026-11-24T09:00"), at("2026-11-24T17:00")),), "2026-11-27"),
        ((Stop(at("2026-11-24T09:00"), at("2026-12-01T09:00")),), "2026-12-04"),
    ):
        assert due(Term(start, 4, Unit.WORKDAY, stop), CALENDAR, start).day == date.fromisoformat(day)


def test_a_stop_that_lasts_moves_the_day_on_with_the_clock() -> None:
    term = Term(at("2026-11-23T09:00"), 4, Unit.WORKDAY, (Stop(at("2026-11-24T09:00"), None),))
    days = [due(term, CALENDAR, at(f"2026-11-{day}T12:00")).day for day in (24, 25, 26)]
    assert days == [date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
    assert colour(term, CALENDAR, at("2027-06-01T09:00")) is not Colour.OVERDUE


def test_the_colour_goes_from_green_to_overdue_and_never_back() -> None:
    term = Term(at("2026-11-02T09:00"), 15, Unit.WORKDAY)
    order = list(Colour)
    seen = [colour(term, CALENDAR, term.start + timedelta(hours=n)) for n in range(24 * 30)]
    assert [order.index(one) for one in seen] == sorted(order.index(one) for one in seen)
    assert set(seen) == set(Colour)
    end = due(term, CALENDAR, term.start).at
    assert colour(term, CALENDAR, end) is Colour.RED
    assert colour(term, CALENDAR, end + timedelta(milliseconds=1)) is Colour.OVERDUE


@settings(max_examples=40)
@given(terms())
def test_the_reminder_comes_before_the_end(drawn: tuple[Term, datetime]) -> None:
    term, now = drawn
    assert reminder_at(term, CALENDAR, now) < due(term, CALENDAR, now).at


def test_less_than_nothing_is_no_limit() -> None:
    with pytest.raises(ValueError, match="no limit"):
        due(Term(FIRST, -1, Unit.DAY), CALENDAR, FIRST)


def test_days_that_nobody_has_published_are_marked() -> None:
    term = Term(at("2026-12-28T09:00"), 10, Unit.WORKDAY)
    assert due(term, CALENDAR, term.start).provisional
    assert not due(Term(at("2026-11-02T09:00"), 10, Unit.WORKDAY), CALENDAR, term.start).provisional
