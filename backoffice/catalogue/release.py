"""The catalogue as files: read a folder, check it, write it back.

`config/catalogue/` is release 1. Once loaded, the published version in the database is the truth;
`backoffice catalogue export DIR` writes the same files from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backoffice.catalogue.booking import read_booking
from backoffice.catalogue.checks import check_release
from backoffice.catalogue.consequences import read_consequences
from backoffice.catalogue.fields import capture_rules_of, fields_of, lists_of
from backoffice.catalogue.items import item_from
from backoffice.catalogue.place import CatalogueError, Place
from backoffice.catalogue.place import toml as _toml
from backoffice.catalogue.place import tsv as _tsv
from backoffice.catalogue.rulings import ruling_of
from backoffice.domain.booking import Booking
from backoffice.domain.consequences import Consequences
from backoffice.domain.days import WorkCalendar, calendar_of
from backoffice.domain.help_desk import Post
from backoffice.domain.items.item import Item, Release
from backoffice.domain.items.ruling import Ruling
from backoffice.domain.rules import RuleError

__all__ = [
    "CatalogueError",
    "Label",
    "RawRelease",
    "Tables",
    "item_of",
    "read_raw",
    "read_release",
    "read_tables",
    "release_of",
]


@dataclass(frozen=True, slots=True)
class Label:
    code: str
    level: int
    text: str
    at_kiosk: bool
    since: int = 1
    """Version of the table that brought it."""
    in_use: bool = True
    """The platform's usingStatus: a retired code is kept for old ratings and taken in no new one."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The district's tables beside the items."""

    calendar: WorkCalendar
    posts: tuple[Post, ...]
    towns: Mapping[str, str]
    labels: Mapping[str, Label]
    booking: Booking
    places: Mapping[str, str] = field(default_factory=dict)
    """Provinces, and the cities of this one: code (GB/T 2260) -> name."""
    consequences: Consequences = field(default_factory=Consequences)


@dataclass(frozen=True, slots=True)
class RawRelease:
    """A release as its files say it: what is stored, exported and turned into a `Release`."""

    head: Mapping[str, Any]
    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    """(category, `[[item]]` table) in published order."""
    forms: Mapping[str, Mapping[str, Any]]
    """Item id -> its `[[form]]` table, of the items that are carried to their end."""
    rulings: Mapping[str, Mapping[str, Any]]
    """Item id -> its own file of rules, of the items that are decided at once."""
    fields: Sequence[Mapping[str, Any]] = ()
    """The dictionary: its `[[field]]` tables."""
    capture_rules: Sequence[Mapping[str, Any]] = ()
    lists: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def fields_asked(self, item_id: str) -> list[Mapping[str, Any]]:
        """What the dictionary says of an item's fields: a part of the item's version."""
        form = self.forms.get(item_id)
        asked = {row.get("key") for row in form["field"]} if form else set()
        return [row for row in self.fields if row.get("key") in asked]


def read_raw(folder: Path) -> RawRelease:
    """:raises CatalogueError: a file is missing or malformed."""
    head = _toml(folder / "release.toml")
    try:
        rows = tuple(
            (category, row)
            for category in head["categories"]
            for row in _toml(folder / "items" / f"{category}.toml")["item"]
        )
        files = [folder / "forms" / f"{category}.toml" for category in head["categories"]]
        forms = [form for path in files if path.is_file() for form in _toml(path)["form"]]
        rulings = {path.stem: _toml(path) for path in sorted((folder / "rules").glob("*.toml"))}
        raw = RawRelease(
            head=head,
            rows=rows,
            forms={form["item"]: form for form in forms},
            rulings=rulings,
            fields=_toml(folder / "fields.toml")["field"],
            capture_rules=_toml(folder / "capture_rules.toml")["rule"],
            lists=_toml(folder / "lists.toml"),
        )
    except (KeyError, TypeError) as cause:
        raise CatalogueError(f"{folder}: {type(cause).__name__} {cause}") from cause
    if len(raw.forms) != len(forms):
        raise CatalogueError(f"{folder}/forms: an item has two forms")
    return raw


def read_release(folder: Path) -> Release:
    """:raises CatalogueError: a file is missing, malformed, or must not be released."""
    return checked(read_raw(folder))


def checked(raw: RawRelease) -> Release:
    """A release that may be published. :raises CatalogueError: it is malformed, or must not be released."""
    release = release_of(raw)
    check_release(release, raw.forms, raw.rulings)
    return release


def release_of(raw: RawRelease) -> Release:
    """A release as it is read; what was published once is served, even if it would not be published today.

    :raises CatalogueError: something is missing or malformed.
    """
    head = Place("release.toml", raw.head)
    head.only("release", "author", "signer", "effective_from", "home", "categories")
    lists = lists_of(raw.lists)
    specs = fields_of(raw.fields, lists)
    items: dict[str, Item] = {}
    for category, row in raw.rows:
        item_id = str(row.get("id"))
        if item_id in items:
            raise CatalogueError(f"items/{category}.toml: {item_id} stands twice")
        items[item_id] = item_from(row, category, raw.forms.get(item_id), _ruling(item_id, raw.rulings), specs)
    return Release(
        release=head.number("release"),
        author=head.text("author"),
        signer=head.text("signer"),
        effective_from=head.day("effective_from"),
        home=head.texts("home"),
        categories=head.texts("categories"),
        items=items,
        fields=specs,
        capture_rules=capture_rules_of(raw.capture_rules),
        lists=lists,
    )


def item_of(
    row: Mapping[str, Any],
    category: str,
    form: Mapping[str, Any] | None,
    ruling: Mapping[str, Any] | None,
    fields: Sequence[Mapping[str, Any]],
) -> Item:
    """One version of one item, by itself.

    :param fields: what the dictionary said of its fields when that version was published.
    :raises CatalogueError: it cannot be read.
    """
    lists = [str(entry["table"]) for entry in fields if "table" in entry]
    rulings = {str(row.get("id")): ruling} if ruling else {}
    return item_from(row, category, form, _ruling(str(row.get("id")), rulings), fields_of(fields, lists))


def _ruling(item_id: str, rulings: Mapping[str, Mapping[str, Any]]) -> Ruling | None:
    if item_id not in rulings:
        return None
    try:
        return ruling_of(rulings[item_id])
    except RuleError as cause:
        raise CatalogueError(str(cause)) from cause
    except (KeyError, ValueError, TypeError) as cause:
        raise CatalogueError(f"rules/{item_id}.toml: {type(cause).__name__} {cause}") from cause


def read_tables(folder: Path) -> Tables:
    """:raises CatalogueError: a table is missing or malformed."""
    try:
        calendar = calendar_of((row["date"], row["kind"]) for row in _tsv(folder / "workdays.tsv"))
        divisions = [row for row in _tsv(folder / "divisions.tsv") if len(row["code"]) == 9]
        towns = {row["code"]: row["name"] for row in divisions if not row["effective_to"]}
        labels = {
            row["code"]: Label(
                row["code"],
                int(row["level"]),
                row["label"],
                row["at_kiosk"] == "yes",
                int(row["since"]),
                {"1": True, "0": False}[row["using_status"]],
            )
            for row in _tsv(folder / "rating_labels.tsv")
        }
        posts = tuple(_post(row) for row in _toml(folder / "service_hours.toml")["post"])
        places = {row["code"]: row["name"] for row in _tsv(folder / "places.tsv")}
    except (KeyError, ValueError, TypeError) as cause:
        raise CatalogueError(f"{folder}: {type(cause).__name__} {cause}") from cause
    consequences = read_consequences(folder / "consequences.toml")
    return Tables(calendar, posts, towns, labels, read_booking(folder / "booking.toml"), places, consequences)


def _post(row: Mapping[str, Any]) -> Post:
    spans = tuple((_minute(span.split("-")[0]), _minute(span.split("-")[1])) for span in row["open"])
    return Post(row["who"], tuple(row["days"]), spans, row["minutes"])


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
