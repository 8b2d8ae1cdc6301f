"""发布: a new release of the catalogue, written by one post, signed by another, in force from a day told before.

A release is a folder like `config/catalogue`; its number, author, signer and day are given here and not read from it.
What changed has a new version; what did not keeps its own, and every version stays readable for cases made with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from backoffice.catalogue.release import CatalogueError, RawRelease, checked, read_raw
from backoffice.catalogue.stored import newest, publish, releases, versions_of
from backoffice.clock import iso
from backoffice.domain.changes import changed_paths
from backoffice.domain.items.item import Release
from backoffice.office import Office


class PublishError(CatalogueError):
    """This release must not be published; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Who publishes what from when."""

    raw: RawRelease
    author: str
    signer: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Change:
    """One version of an item, as its history tells it."""

    version: int
    release: int
    """The first one that has it."""
    author: str
    signer: str
    effective_from: str
    published_at: str
    changed: tuple[str, ...]
    """Paths of what differs from the version before, e.g. `fee.amount_fen`; of the first version nothing."""

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "release": self.release,
            "author": self.author,
            "signer": self.signer,
            "effective_from": self.effective_from,
            "published_at": self.published_at,
            "changed": list(self.changed),
        }


def publish_folder(office: Office, folder: Path, author: str, signer: str, effective_from: date) -> Release:
    """`publish_release` of a folder. :raises CatalogueError: a file is malformed."""
    return publish_release(office, Publication(read_raw(folder), author, signer, effective_from))


def publish_release(office: Office, publication: Publication) -> Release:
    """Publish, and serve it from its day on. :raises PublishError, CatalogueError: nothing was published."""
    _check_people_and_day(publication, office.clock.now().date())

    # Two who publish at once do it one after the other: the second one is measured by what the first one changed.
    with office.database.write_alone() as connection:
        before = newest(connection)
        raw = _numbered(publication, before.head["release"] + 1)
        release = checked(raw)
        _check_against(raw, before)
        publish(connection, raw, iso(office.clock.now()))
    office.releases.refresh()
    return release


def history(office: Office, item_id: str) -> list[Change]:
    """Every version that was published, the oldest first. :raises CatalogueError: there never was such an item."""
    with office.database.read() as connection:
        published = releases(connection)
        documents = versions_of(connection, item_id)
    if not documents:
        raise CatalogueError(f"{item_id} was never published")
    changes: list[Change] = []
    before: Mapping[str, Any] | None = None
    for version, document in documents.items():
        first = next(entry for entry in published if entry.versions.get(item_id) == version)
        changed = changed_paths(before, document) if before else ()
        changes.append(
            Change(
                version=version,
                release=first.release,
                author=first.author,
                signer=first.signer,
                effective_from=first.effective_from,
                published_at=first.published_at,
                changed=tuple(path for path in changed if path != "version"),
            )
        )
        before = document
    return changes


def _check_people_and_day(publication: Publication, today: date) -> None:
    for role, name in (("author", publication.author), ("signer", publication.signer)):
        if not name.strip() or len(name) > 80:
            raise PublishError(f"a release needs its {role}: 1 to 80 characters")
    if publication.author.strip() == publication.signer.strip():
        raise PublishError("who writes a release does not sign it: let another post sign")
    if publication.effective_from < today:
        raise PublishError(f"{publication.effective_from} is past: take {today} or a later day")


def _numbered(publication: Publication, number: int) -> RawRelease:
    head = {
        **publication.raw.head,
        "release": number,
        "author": publication.author.strip(),
        "signer": publication.signer.strip(),
        "effective_from": publication.effective_from.isoformat(),
    }
    return replace(publication.raw, head=head)


def _check_against(raw: RawRelease, before: RawRelease) -> None:
    """:raises PublishError: it says nothing new, or goes back in time or in a version."""
    if raw.head["effective_from"] < before.head["effective_from"]:
        day = before.head["effective_from"]
        raise PublishError(f"release {before.head['release']} is in force from {day}: take that day or a later one")
    versions = {row["id"]: row["version"] for _, row in before.rows}
    for _, row in raw.rows:
        if row["version"] < versions.get(row["id"], 1):
            raise PublishError(f"{row['id']}: version {row['version']} is older than {versions[row['id']]}")
    if _content(raw) == _content(before):
        raise PublishError(f"nothing differs from release {before.head['release']}")


def _content(raw: RawRelease) -> Mapping[str, Any]:
    told = {name: raw.head[name] for name in ("home", "categories")}
    return {
        **told,
        "rows": [(category, dict(row)) for category, row in raw.rows],
        "forms": raw.forms,
        "rulings": raw.rulings,
        "fields": raw.fields,
        "capture_rules": raw.capture_rules,
        "lists": raw.lists,
    }
