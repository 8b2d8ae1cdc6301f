"""The published catalogue in the database: the truth once release 1 is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select

from backoffice.domain.item import Item
from backoffice.release import CatalogueError, RawRelease, item_of, read_raw, release_of
from backoffice.store import tables


def load_first_release(connection: Connection, folder: Path, published_at: str) -> bool:
    """Publish the folder's release if the database has none. :raises CatalogueError: it must not be released."""
    if connection.execute(select(func.count()).select_from(tables.catalogue_release)).scalar_one():
        return False
    raw = read_raw(folder)
    release_of(raw)
    publish(connection, raw, published_at)
    return True


def publish(connection: Connection, raw: RawRelease, published_at: str) -> None:
    """Write a release and the item versions it brings; a version that exists is never written over.

    :raises CatalogueError: an item changed without a new version.
    """
    for category, row in raw.rows:
        _put_item(connection, category, dict(row), raw.forms.get(row["id"]), raw.rulings.get(row["id"]))
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
        )
    )


def _put_item(connection: Connection, category: str, row: dict[str, Any], form: Any, ruling: Any) -> None:
    values = {
        "category": category,
        "document": _json(row),
        "form": _json(form) if form else None,
        "ruling": _json(ruling) if ruling else None,
    }
    table = tables.item
    where = (table.c.item_id == row["id"]) & (table.c.version == row["version"])
    known = connection.execute(select(table).where(where)).one_or_none()
    if known is None:
        connection.execute(insert(table).values(item_id=row["id"], version=row["version"], **values))
    elif {name: known._mapping[name] for name in values} != values:
        raise CatalogueError(f"{row['id']}: changed, but still version {row['version']}")


def newest(connection: Connection) -> RawRelease:
    """:raises CatalogueError: nothing was ever published."""
    table = tables.catalogue_release
    head = connection.execute(select(table).order_by(table.c.release.desc()).limit(1)).one_or_none()
    if head is None:
        raise CatalogueError("no release has been published")
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
    )


def item_version(connection: Connection, item_id: str, version: int) -> Item | None:
    """An item as it was published in that version: a kiosk may have been offline for weeks."""
    table = tables.item
    where = (table.c.item_id == item_id) & (table.c.version == version)
    row = connection.execute(select(table).where(where)).one_or_none()
    if row is None:
        return None
    form = json.loads(row.form) if row.form else None
    ruling = json.loads(row.ruling) if row.ruling else None
    return item_of(json.loads(row.document), row.category, form, ruling)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
