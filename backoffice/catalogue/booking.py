"""`booking.toml`: appointments and queues, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.catalogue.place import CatalogueError, toml
from backoffice.domain.booking import Booking, Service
from backoffice.domain.waiting import Lane, Numbers, QueueRules, Series

_MAX_CAPACITY = 999


def read_booking(path: Path) -> Booking:
    """:raises CatalogueError: missing, malformed, an item twice, or numbers that two series share."""
    data = toml(path)
    try:
        services = [_service(row) for row in data["service"]]
        queue = _queue(data["queue"])
        horizon, age = data["booking"]["horizon_days"], data["booking"]["reminder_from_age"]
    except (KeyError, ValueError, TypeError) as cause:
        raise CatalogueError(f"{path}: {type(cause).__name__} {cause}") from cause
    of_item = {item: service for service in services for item in service.items}
    if len(of_item) != sum(len(service.items) for service in services):
        raise CatalogueError(f"{path}: an item has two services")
    _check_numbers(path, queue)
    return Booking(of_item, queue, int(horizon), int(age))


def _service(row: Mapping[str, Any]) -> Service:
    where = {"town": True, "district": False}[row["where"]]
    spans = tuple((_minute(span.split("-")[0]), _minute(span.split("-")[1])) for span in row["open"])
    if not 0 < row["capacity"] <= _MAX_CAPACITY or not 5 <= row["slot_min"] <= 480:
        raise ValueError(f"{row['code']}: capacity or slot_min")
    return Service(row["code"], tuple(row["items"]), where, tuple(row["days"]), spans, row["slot_min"], row["capacity"])


def _queue(row: Mapping[str, Any]) -> QueueRules:
    lanes = tuple(Lane(name) for name in row["round"])
    if set(lanes) != set(Lane):
        raise ValueError("queue.round: each line must have its turn")
    numbers = {
        series: Numbers(row[series]["letter"], int(row[series]["first"]), int(row[series]["last"])) for series in Series
    }
    return QueueRules(
        round=lanes,
        minutes_each=int(row["minutes_each"]),
        recalls=int(row["recalls"]),
        move_back=int(row["move_back"]),
        check_in_from_min=int(row["check_in_from_min"]),
        on_time_min=int(row["on_time_min"]),
        late_min=int(row["late_min"]),
        numbers=numbers,
    )


def _check_numbers(path: Path, queue: QueueRules) -> None:
    taken: set[int] = set()
    for numbers in queue.numbers.values():
        own = set(range(numbers.first, numbers.last + 1))
        if not own or own & taken or max(own) > 999 or min(own) < 1:
            raise CatalogueError(f"{path}: the numbers of {numbers.letter} are empty, not three digits or shared")
        taken |= own


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
