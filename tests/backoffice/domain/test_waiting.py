"""Slots and turns: pure, no database."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from backoffice.catalogue.release import CatalogueError, read_release, read_tables
from backoffice.clock import CHINA
from backoffice.domain.booking import DISTRICT_CENTRE
from backoffice.domain.items.item import Mode
from backoffice.domain.waiting import (
    RANK_STEP,
    Lane,
    Series,
    Waiting,
    ahead_of,
    bound,
    in_front,
    line_of,
    moved_back,
    next_turn,
)
from backoffice.paths import catalogue_dir

TABLES = read_tables(catalogue_dir())
BOOKING, RULES = TABLES.booking, TABLES.booking.queue


def test_every_item_that_is_booked_has_a_service_and_no_other() -> None:
    items = read_release(catalogue_dir()).items.values()
    assert {item.item_id for item in items if item.mode is Mode.BOOK} == set(BOOKING.services)


def test_an_appointment_is_at_the_own_towns_centre_or_the_districts() -> None:
    assert BOOKING.services["XA054"].place_for("350213007007") == "350213007000"
    assert BOOKING.services["XA043"].place_for("350213007007") == DISTRICT_CENTRE


def test_slots_keep_to_hours_and_days_and_begin_after_now() -> None:
    service = BOOKING.services["XA043"]
    assert list(service.starts())[:2] == ["08:30", "09:00"] and "11:30" not in service.starts()
    slots = BOOKING.slots(service, datetime(2026, 11, 24, 10, 0, tzinfo=CHINA), TABLES.calendar)
    assert slots[0] == ("2026-11-24", "10:30")
    assert {date.fromisoformat(day).isoweekday() for day, _ in slots} == {1, 2, 3, 4, 5}
    assert slots[-1][0] == "2026-12-08"


@pytest.mark.parametrize(
    ("item_id", "day", "is_open"),
    [
        ("XA043", date(2026, 10, 1), False),
        ("XA043", date(2026, 10, 10), True),
        ("XA043", date(2026, 11, 28), False),
        ("XA054", date(2026, 11, 28), True),
        ("XA045", date(2026, 11, 25), False),
        ("XA054", date(2027, 5, 1), False),
    ],
)
def test_feasts_are_closed_and_shifted_working_days_open(item_id: str, day: date, is_open: bool) -> None:
    assert BOOKING.services[item_id].is_open_on(day, TABLES.calendar) is is_open


def waiting(normal: int, priority: int) -> list[Waiting]:
    lines = [(Lane.NORMAL, 1, normal), (Lane.PRIORITY, 501, priority)]
    return [Waiting(first + n, lane, (n + 1) * RANK_STEP) for lane, first, count in lines for n in range(count)]


def test_one_of_the_priority_line_is_followed_by_two_of_the_other() -> None:
    left, turn, called = waiting(5, 3), 0, []
    while left:
        found = next_turn(left, turn, RULES)
        assert found is not None
        one, turn = found
        called.append(one.number)
        left.remove(one)
    assert called == [501, 1, 2, 502, 3, 4, 503, 5]
    assert next_turn([], turn, RULES) is None


def test_how_many_are_before_a_ticket_is_how_many_are_called_before_it() -> None:
    everybody = waiting(5, 3)
    assert [ahead_of(number, everybody, 0, RULES) for number in (501, 1, 5, 503)] == [0, 1, 7, 6]
    with pytest.raises(LookupError):
        ahead_of(9, everybody, 0, RULES)


def test_who_missed_a_call_goes_three_places_back_and_no_further() -> None:
    everybody = waiting(6, 0)
    first = everybody.pop(0)
    back = Waiting(first.number, first.lane, moved_back(first, everybody, RULES))
    assert [one.number for one in line_of([*everybody, back], Lane.NORMAL)] == [2, 3, 4, 1, 5, 6]
    assert moved_back(first, everybody[:1], RULES) == everybody[0].rank + 1
    assert in_front(Lane.NORMAL, everybody) < everybody[0].rank


@pytest.mark.parametrize("seed", range(40))
def test_every_ticket_is_called_within_its_bound_whatever_arrives(seed: int) -> None:
    """Arrivals and people who do not come, in any order: each moved-back ticket may pass one that waits once."""
    chance = random.Random(seed)
    left: list[Waiting] = []
    due: dict[int, int] = {}
    turn, calls, numbers = chance.randrange(3), 0, {Lane.NORMAL: 1, Lane.PRIORITY: 501}
    moved: set[int] = set()
    for step in range(400):
        if step < 300 and chance.random() < 0.6:
            lane = chance.choice([Lane.NORMAL, Lane.NORMAL, Lane.PRIORITY])
            place = len(line_of(left, lane))
            rank = max((one.rank for one in left if one.lane is lane), default=0) + RANK_STEP
            left.append(Waiting(numbers[lane], lane, rank))
            due[numbers[lane]] = calls + bound(place, RULES, lane)
            numbers[lane] += 1
            continue
        found = next_turn(left, turn, RULES)
        if found is None:
            continue
        (one, turn), calls = found, calls + 1
        left.remove(one)
        assert calls <= due[one.number]
        if one.number not in moved and chance.random() < 0.2:
            rank = moved_back(one, left, RULES)
            behind = [other.number for other in line_of(left, one.lane) if other.rank >= rank]
            for number in behind:
                due[number] += len(RULES.round)
            moved.add(one.number)
            left.append(Waiting(one.number, one.lane, rank))
            place = [other.number for other in line_of(left, one.lane)].index(one.number)
            due[one.number] = calls + bound(place, RULES, one.lane)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"normal", "normal"]', '"priority"]'), "each line must have its turn"),
        (("first = 501", "first = 401"), "shared"),
        (("capacity = 3", "capacity = 0"), "capacity"),
        (('items = ["XA045"]', 'items = ["XA043"]'), "two services"),
        (("horizon_days = 14", ""), "horizon_days"),
    ],
)
def test_a_table_that_cannot_be_kept_is_refused(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    folder = Path(shutil.copytree(catalogue_dir(), tmp_path / "catalogue"))
    file = folder / "booking.toml"
    text = file.read_text("utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change, 1), "utf-8")
    read: Callable[[Path], object] = read_tables
    with pytest.raises(CatalogueError, match=told):
        read(folder)


def test_numbers_are_three_digits_whose_series_never_meet() -> None:
    labels = [RULES.numbers[series].label(RULES.numbers[series].first) for series in Series]
    assert labels == ["A001", "P501", "Y701"]
