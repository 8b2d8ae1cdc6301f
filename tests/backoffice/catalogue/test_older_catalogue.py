"""A database of an older program: its release is rewritten, still served, and followed by the next one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from backoffice.catalogue.release import CatalogueError, read_raw
from backoffice.catalogue.stored import item_version
from backoffice.domain.items.form import Source
from backoffice.domain.items.material import MaterialKind
from backoffice.domain.items.terms import FeeKind
from backoffice.office import DATABASE_FILE, Office, open_office
from backoffice.paths import catalogue_dir
from backoffice.publishing.publishing import publish_folder
from backoffice.store.database import Database
from backoffice.store.schema import alembic_config

OLD_FORM = {
    "item": "XA032",
    "consent_version": "2026-1",
    "commitment": "",
    "field": [{"key": "account", "source": "look_up", "options": ["yes", "other", "none"], "confirm": True}],
}


def old_document(item_id: str) -> dict[str, Any]:
    """An item as the program of schema 0002 wrote it."""
    row = next(dict(row) for _, row in read_raw(catalogue_dir()).rows if row["id"] == item_id)
    materials = [f"{material['kind']}:{material['name']}" for material in row.pop("material")]
    texts = {name: row.pop(name)["text"] for name in ("fee", "deputy", "fallback")}
    return {**row, **texts, "materials": materials}


@pytest.fixture
def older(data: Path) -> Iterator[Database]:
    (data / DATABASE_FILE).unlink()
    database = Database(f"sqlite:///{data / DATABASE_FILE}")
    with database.write_alone() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for item_id, form in (("XA032", json.dumps(OLD_FORM)), ("XA033", None)):
            connection.execute(
                text(
                    "INSERT INTO item (item_id, version, category, document, form, ruling)"
                    " VALUES (:item_id, 1, 'welfare', :document, :form, NULL)"
                ),
                {"item_id": item_id, "document": json.dumps(old_document(item_id)), "form": form},
            )
        connection.execute(
            text(
                "INSERT INTO catalogue_release VALUES (1, 'post:a', 'post:b', '2026-01-01',"
                " '2026-01-01T00:00:00+08:00', '[\"XA032\"]', '[\"welfare\"]', '[[\"XA032\", 1], [\"XA033\", 1]]')"
            )
        )
    yield database
    database.close()


@pytest.fixture
def opened(older: Database, data: Path, clock: Any) -> Iterator[Office]:
    office = open_office(data, clock)
    yield office
    office.close()


def test_its_release_is_served_with_nothing_made_up(opened: Office) -> None:
    release = opened.release
    allowance, asked = release.items["XA032"], release.items["XA033"]
    assert (release.release, allowance.transact, asked.transact) == (1, True, False)
    assert allowance.form is not None
    field = allowance.form.fields[0]
    assert (field.key, field.source, field.options, field.confirm) == (
        "account",
        Source.LOOK_UP,
        ("yes", "other", "none"),
        True,
    )
    assert allowance.fee.kind is FeeKind.STATED and allowance.fee.text.startswith("0(")
    assert not allowance.deputy.allowed and allowance.deputy.text
    assert [material.kind for material in allowance.materials] == [
        MaterialKind.PRESENT,
        MaterialKind.SHARED,
        MaterialKind.PRESENT,
    ]


def test_the_next_release_needs_new_versions_of_what_it_says_otherwise(opened: Office, tmp_path: Path) -> None:
    day = date(2026, 12, 1)
    with pytest.raises(CatalogueError, match=r"XA03[23]: changed"):
        publish_folder(opened, catalogue_dir(), "post:a", "post:b", day)
    with opened.database.read() as connection:
        assert item_version(connection, "XA032", 1) == opened.release.items["XA032"]


def test_the_way_back_gives_the_older_program_what_it_wrote(older: Database) -> None:
    with older.write_alone() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        command.downgrade(config, "0002")
        rows = connection.execute(text("SELECT item_id, document, form FROM item ORDER BY item_id")).all()
    assert [(row.item_id, json.loads(row.document)) for row in rows] == [
        (item_id, old_document(item_id)) for item_id in ("XA032", "XA033")
    ]
    assert json.loads(rows[0].form) == OLD_FORM and rows[1].form is None
