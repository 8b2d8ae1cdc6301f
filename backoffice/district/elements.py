"""The elements of an item as each level publishes them (五级十五同), and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from backoffice.geography.stored import in_force
from backoffice.store.tables.packages import item_element

LEVELS = ("province", "city", "district", "town", "village")


@dataclass(frozen=True, slots=True)
class Difference:
    """One element of one item that is not the same everywhere."""

    item_id: str
    element: str
    values: tuple[tuple[str, str], ...]
    """(level, what it publishes), from the province down."""
    missing: tuple[str, ...]
    """Levels that publish nothing."""


def differences(connection: Connection, day: date) -> Iterator[Difference]:
    """The list to be put right, by item and element."""
    query = in_force(select(item_element), item_element, day)
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.item_id, row.element][row.level] = row.value
    for (item_id, element), by_level in sorted(found.items()):
        missing = tuple(level for level in LEVELS if level not in by_level)
        if missing or len(set(by_level.values())) > 1:
            values = tuple((level, by_level[level]) for level in LEVELS if level in by_level)
            yield Difference(item_id, element, values, missing)
