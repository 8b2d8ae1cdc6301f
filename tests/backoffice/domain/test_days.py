"""Ages, paydays and workdays."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.catalogue.release import read_tables
from backoffice.domain.days import WorkCalendar, birthday, full_years, next_month
from backoffice.paths import catalogue_dir

CALENDAR = read_tables(catalogue_dir()).calendar


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1947, 3, 5), date(2027, 3, 4), 79),
        (date(1947, 3, 5), date(2027, 3, 5), 80),
        (date(1944, 3, 15), date(2026, 11, 24), 82),
        (date(1944, 2, 29), date(2023, 2, 28), 78),
        (date(1944, 2, 29), date(2023, 3, 1), 79),
    ],
)
def test_a_year_is_complete_on_the_birthday(born: date, on: date, years: int) -> None:
    assert full_years(born, on) == years


@given(st.dates(date(1890, 1, 1), date(2026, 1, 1)), st.integers(1, 120))
def test_the_birthday_is_the_first_day_of_that_age(born: date, years: int) -> None:
    on = birthday(born, years)
    assert full_years(born, on) == years
    assert full_years(born, on - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("claimed", "starts"),
    [
        (date(2026, 11, 1), date(2026, 12, 15)),
        (date(2026, 11, 30), date(2026, 12, 15)),
        (date(2026, 12, 31), date(2027, 1, 15)),
        (date(2027, 1, 31), date(2027, 2, 15)),
    ],
)
def test_payment_starts_on_the_fifteenth_of_the_next_month(claimed: date, starts: date) -> None:
    assert next_month(claimed, 15) == starts


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_table_agrees_with_the_published_notices(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@given(st.dates(date(2025, 1, 1), date(2026, 10, 1)), st.integers(0, 40))
def test_a_deadline_equals_counting_by_hand(start: date, workdays: int) -> None:
    deadline = CALENDAR.after(start, workdays)
    between = [start + timedelta(days=n) for n in range(1, (deadline.day - start).days + 1)]
    assert sum(chinese_calendar.is_workday(day) for day in between) == workdays
    assert not deadline.provisional
    assert workdays == 0 or chinese_calendar.is_workday(deadline.day)


def test_a_deadline_beyond_the_published_years_is_marked_provisional() -> None:
    deadline = CALENDAR.after(date(2026, 12, 20), 20)
    assert (deadline.day, deadline.provisional) == (date(2027, 1, 18), True)


def test_an_empty_table_never_fails() -> None:
    assert WorkCalendar().after(date(2040, 4, 30), 1).day == date(2040, 5, 2)
