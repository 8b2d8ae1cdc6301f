"""The catalogue as files: read a folder, check it, write it back.

`config/catalogue/` is release 1. Once loaded, the published version in the database is the truth;
`backoffice catalogue export DIR` writes the same files from it.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backoffice.domain.days import WorkCalendar, calendar_of
from backoffice.domain.help_desk import Post
from backoffice.domain.item import (
    Form,
    FormField,
    Item,
    Limit,
    Material,
    MaterialKind,
    Mode,
    Release,
    SelfService,
)
from backoffice.domain.rules import RuleError
from backoffice.release_rulings import ruling_of


class CatalogueError(Exception):
    """A file of the catalogue cannot be released; the message names file and place."""


@dataclass(frozen=True, slots=True)
class Label:
    code: str
    level: int
    text: str
    at_kiosk: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """The district's tables beside the items."""

    calendar: WorkCalendar
    posts: tuple[Post, ...]
    towns: Mapping[str, str]
    labels: Mapping[str, Label]


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
        forms = {form["item"]: form for path in files if path.is_file() for form in _toml(path)["form"]}
        rulings = {path.stem: _toml(path) for path in sorted((folder / "rules").glob("*.toml"))}
    except (KeyError, TypeError) as cause:
        raise CatalogueError(f"{folder}: {type(cause).__name__} {cause}") from cause
    return RawRelease(head, rows, forms, rulings)


def read_release(folder: Path) -> Release:
    """:raises CatalogueError: a file is missing, malformed, or must not be released."""
    return release_of(read_raw(folder))


def release_of(raw: RawRelease) -> Release:
    """:raises CatalogueError: a field is missing, or something in it must not be released."""
    head = raw.head
    items: dict[str, Item] = {}
    try:
        for category, row in raw.rows:
            if row["id"] in items:
                raise CatalogueError(f"{row['id']} stands twice")
            items[row["id"]] = item_of(row, category, raw.forms.get(row["id"]), raw.rulings.get(row["id"]))
        release = Release(
            head["release"],
            head["author"],
            head["signer"],
            head["effective_from"],
            tuple(head["home"]),
            tuple(head["categories"]),
            items,
        )
    except RuleError as cause:
        raise CatalogueError(str(cause)) from cause
    except (KeyError, ValueError, TypeError) as cause:
        raise CatalogueError(f"release {head.get('release')}: {type(cause).__name__} {cause}") from cause
    _check_release(release, raw)
    return release


def _check_release(release: Release, raw: RawRelease) -> None:
    if release.author == release.signer:
        raise CatalogueError("release.toml: who writes a release does not sign it")
    if len(release.home) > 6 or not set(release.home) <= set(release.items):
        raise CatalogueError("release.toml: home must be at most six known items")
    for item_id in raw.forms:
        if item_id not in release.items:
            raise CatalogueError(f"forms: {item_id} is no item of this release")
    for item_id, data in raw.rulings.items():
        if data.get("item") != item_id or item_id not in release.items:
            raise CatalogueError(f"rules/{item_id}.toml is about {data.get('item')}")
        if data.get("version") != release.items[item_id].version:
            raise CatalogueError(f"rules/{item_id}.toml is about version {data.get('version')}")


def read_tables(folder: Path) -> Tables:
    """:raises CatalogueError: a table is missing or malformed."""
    try:
        calendar = calendar_of((row["date"], row["kind"]) for row in _tsv(folder / "workdays.tsv"))
        divisions = [row for row in _tsv(folder / "divisions.tsv") if len(row["code"]) == 9]
        towns = {row["code"]: row["name"] for row in divisions if not row["effective_to"]}
        labels = {
            row["code"]: Label(row["code"], int(row["level"]), row["label"], row["at_kiosk"] == "yes")
            for row in _tsv(folder / "rating_labels.tsv")
        }
        posts = tuple(_post(row) for row in _toml(folder / "service_hours.toml")["post"])
    except (KeyError, ValueError, TypeError) as cause:
        raise CatalogueError(f"{folder}: {type(cause).__name__} {cause}") from cause
    return Tables(calendar, posts, towns, labels)


def item_of(
    row: Mapping[str, Any], category: str, form: Mapping[str, Any] | None, ruling: Mapping[str, Any] | None
) -> Item:
    """One `[[item]]` table with its form and its rules.

    :raises KeyError, ValueError: a field is missing or out of its list.
    :raises CatalogueError: a rule must not be released.
    """
    return Item(
        item_id=row["id"],
        version=row["version"],
        category=category,
        official=row["official"],
        village=row["village"],
        plain=row["plain"],
        department=row["department"],
        level=row["level"],
        subject=row["subject"],
        elder=row["elder"],
        type_code=row["type_code"],
        mode=Mode(row["mode"]),
        case_type=row["case_type"],
        materials=tuple(_material(text) for text in row["materials"]),
        asks=tuple(row["asks"]),
        fee=row["fee"],
        legal_limit=_limit(row, "legal"),
        promised_limit=_limit(row, "promised"),
        result=row["result"],
        self_service=SelfService(row["self_service"]),
        instant=row["instant"],
        intelligent=row["intelligent"],
        commitment=row["commitment"],
        lookups=tuple(row["lookups"]),
        reach=row["reach"],
        deputy=row["deputy"],
        fallback=row["fallback"],
        code=row["code"],
        form=form_of(form) if form else None,
        ruling=ruling_of(ruling) if ruling else None,
    )


def form_of(data: Mapping[str, Any]) -> Form:
    """One `[[form]]` table. :raises KeyError: a field is missing."""
    return Form(
        consent_version=data["consent_version"],
        commitment=data["commitment"],
        fields=tuple(
            FormField(row["key"], row["source"], tuple(row["options"]), row["confirm"]) for row in data["field"]
        ),
    )


def _material(text: str) -> Material:
    kind, _, name = text.partition(":")
    return Material(MaterialKind(kind), name)


def _limit(row: Mapping[str, Any], which: str) -> Limit:
    count = row[f"{which}_count"]
    return Limit(row[f"{which}_limit"], None if count < 0 else count, row[f"{which}_unit"])


def _post(row: Mapping[str, Any]) -> Post:
    spans = tuple((_minute(span.split("-")[0]), _minute(span.split("-")[1])) for span in row["open"])
    return Post(row["who"], tuple(row["days"]), spans, row["minutes"])


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause
    except tomllib.TOMLDecodeError as cause:
        raise CatalogueError(f"{path}: {cause}") from cause


def _tsv(path: Path) -> Iterable[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as cause:
        raise CatalogueError(f"{path}: {cause.strerror}") from cause
