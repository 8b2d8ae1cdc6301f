"""The published catalogue in the database: the truth once release 1 is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from backoffice.catalogue.channels import follow_channels
from backoffice.catalogue.release import CatalogueError, RawRelease, checked, item_of, read_raw
from backoffice.catalogue.rulings import check_versions
from backoffice.domain.items.item import Item
from backoffice.domain.rules import RuleError
from backoffice.store.prepared import Prepared
from backoffice.store.tables import tables


@dataclass(frozen=True, slots=True)
class Published:
    """One release as the list of releases names it."""

    release: int
    author: str
    signer: str
    effective_from: str
    published_at: str
    versions: Mapping[str, int]
    """Item id -> version, in published order."""


def load_first_release(connection: Connection, folder: Path, published_at: str) -> bool:
    """Publish the folder's release if the database has none. :raises CatalogueError: it must not be released."""
    if connection.execute(select(func.count()).select_from(tables.catalogue_release)).scalar_one():
        return False
    raw = read_raw(folder)
    checked(raw)
    publish(connection, raw, published_at)
    return True


def publish(connection: Connection, raw: RawRelease, published_at: str) -> None:
    """Write a release and the item versions it brings; a version that exists is never written over.

    :raises CatalogueError: an item changed without a new version.
    """
    for category, row in raw.rows:
        _put_item(connection, category, dict(row), raw)
    connection.execute(
        insert(tables.catalogue_release).values(
            release=raw.head["release"],
            author=raw.head["author"],
            signer=raw.head["signer"],
            effective_from=raw.head["effective_from"],
            published_at=published_at,
            home=_json(raw.head["home"]),
            categories=_json(raw.head["categories"]),
            items=_json([[row["id"], row["version"]] for _, row in raw.rows]),
            fields=_json(raw.fields),
            capture_rules=_json(raw.capture_rules),
            lists=_json(raw.lists),
        )
    )
    follow_channels(connection, raw)


def _put_item(connection: Connection, category: str, row: dict[str, Any], raw: RawRelease) -> None:
    form, ruling, fields = raw.forms.get(row["id"]), raw.rulings.get(row["id"]), raw.fields_asked(row["id"])
    values = {
        "category": category,
        "document": _json(row),
        "form": _json(form) if form else None,
        "ruling": _json(ruling) if ruling else None,
        "fields": _json(fields) if fields else None,
    }
    table = tables.item
    where = (table.c.item_id == row["id"]) & (table.c.version == row["version"])
    known = connection.execute(select(table).where(where)).one_or_none()
    if known is None:
        _check_rules(connection, row["id"], ruling)
        connection.execute(insert(table).values(item_id=row["id"], version=row["version"], **values))
        return
    changed = [name for name in values if _meaning(known._mapping[name]) != _meaning(values[name])]
    if changed:
        parts = ", ".join(changed)
        raise CatalogueError(f"{row['id']}: changed ({parts}), but still version {row['version']}")


def _check_rules(connection: Connection, item_id: str, ruling: Any) -> None:
    """:raises CatalogueError: a rule changed and kept its version."""
    table = tables.item
    newest = select(table.c.ruling).where(table.c.item_id == item_id).order_by(table.c.version.desc()).limit(1)
    published = connection.execute(newest).scalar_one_or_none()
    try:
        check_versions(item_id, json.loads(published) if published else None, ruling)
    except RuleError as cause:
        raise CatalogueError(str(cause)) from cause


def _meaning(stored: str | None) -> Any:
    """Two texts that say the same in another order are no change."""
    try:
        return json.loads(stored) if stored else None
    except ValueError:
        return stored


def releases(connection: Connection) -> list[Published]:
    """Every release, the oldest first."""
    table = tables.catalogue_release
    columns = (table.c.release, table.c.author, table.c.signer, table.c.effective_from, table.c.published_at)
    query = select(*columns, table.c["items"]).order_by(table.c.release)
    return [
        Published(row[0], row[1], row[2], row[3], row[4], dict(json.loads(row[5]))) for row in connection.execute(query)
    ]


def newest(connection: Connection) -> RawRelease:
    """The release with the highest number, in force or not yet. :raises CatalogueError: nothing was ever published."""
    table = tables.catalogue_release
    number = connection.execute(select(func.max(table.c.release))).scalar_one_or_none()
    if number is None:
        raise CatalogueError("no release has been published")
    return stored_release(connection, number)


def stored_release(connection: Connection, number: int) -> RawRelease:
    """:raises CatalogueError: there is no release of this number."""
    table = tables.catalogue_release
    head = connection.execute(select(table).where(table.c.release == number)).one_or_none()
    if head is None:
        raise CatalogueError(f"release {number} was never published")
    versions: list[list[Any]] = json.loads(head._mapping["items"])
    stored = {(row.item_id, row.version): row for row in connection.execute(select(tables.item))}
    rows = [stored[(item_id, version)] for item_id, version in versions]
    return RawRelease(
        head={
            "release": head.release,
            "author": head.author,
            "signer": head.signer,
            "effective_from": head.effective_from,
            "home": json.loads(head.home),
            "categories": json.loads(head.categories),
        },
        rows=tuple((row.category, json.loads(row.document)) for row in rows),
        forms={row.item_id: json.loads(row.form) for row in rows if row.form},
        rulings={row.item_id: json.loads(row.ruling) for row in rows if row.ruling},
        fields=json.loads(head.fields or "[]"),
        capture_rules=json.loads(head.capture_rules or "[]"),
        lists=json.loads(head.lists or "{}"),
    )


_OF = tables.item.c
_VERSION = Prepared(
    select(_OF.document, _OF.category, _OF.form, _OF.ruling, _OF.fields).where(
        _OF.item_id == bindparam("item_id"), _OF.version == bindparam("version")
    )
)
"""Prepared, for it is asked among statements whose answers are not waited for."""


def item_version(connection: Connection, item_id: str, version: int) -> Item | None:
    """An item as it was published in that version: a kiosk may have been offline for weeks."""
    row = _VERSION.first(connection, {"item_id": item_id, "version": version})
    if row is None:
        return None
    document, category, form, ruling, fields = row
    return item_of(
        json.loads(document),
        category,
        json.loads(form) if form else None,
        json.loads(ruling) if ruling else None,
        json.loads(fields or "[]"),
    )


def versions_of(connection: Connection, item_id: str) -> dict[int, dict[str, Any]]:
    """Version -> everything that was published of it, as one document."""
    table = tables.item
    query = select(table).where(table.c.item_id == item_id).order_by(table.c.version)
    return {
        row.version: {
            "category": row.category,
            **json.loads(row.document),
            **{part: json.loads(text) for part in ("form", "ruling", "fields") if (text := row._mapping[part])},
        }
        for row in connection.execute(query)
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
