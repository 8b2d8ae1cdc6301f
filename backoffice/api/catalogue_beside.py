"""What the served catalogue tells besides the release: places and hours of the day, and the labels of a rating."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from backoffice.catalogue.release import CatalogueError
from backoffice.domain.divisions import Level
from backoffice.domain.items.item import Release
from backoffice.geography.stored import in_force
from backoffice.office import Office
from backoffice.publishing.guide import hours_line
from backoffice.store.tables import district

Entries = Mapping[str, str]

_LEVELS = {"towns": (Level.TOWN, Level.FARM), "villages": (Level.VILLAGE, Level.LIVING_AREA)}


@dataclass(frozen=True, slots=True)
class Beside:
    """Lists by name (code -> label), and the labels of ratings that a terminal may show (code -> level)."""

    lists: Mapping[str, Entries] = field(default_factory=dict)
    rating_labels: Mapping[str, int] = field(default_factory=dict)

    def labels_json(self) -> list[dict[str, Any]]:
        return [{"code": code, "level": level} for code, level in self.rating_labels.items()]


def beside(office: Office, release: Release, day: date) -> Beside:
    """:raises DatabaseBusy: divisions could not be read in time."""
    lists = {"hours": dict(_hours(office, release)), "places": office.tables.places, **_divisions(office, day)}
    labels = office.tables.labels.values()
    return Beside(lists, {label.code: label.level for label in labels if label.at_kiosk and label.in_use})


def _divisions(office: Office, day: date) -> dict[str, Entries]:
    table = district.division
    found: dict[str, Entries] = {}
    with office.database.read() as connection:
        for name, levels in _LEVELS.items():
            query = select(table.c.code, table.c.name).where(table.c.level.in_([level.value for level in levels]))
            rows = connection.execute(in_force(query, table, day).order_by(table.c.code))
            found[name] = {row.code: row.name for row in rows}
    return found


def _hours(office: Office, release: Release) -> Iterator[tuple[str, str]]:
    """Each post with its hours as the printed guide says them; a release that has no words for days tells none."""
    for post in office.tables.posts:
        try:
            yield post.who, hours_line(release, post)
        except CatalogueError:
            return
