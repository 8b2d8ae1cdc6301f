"""A release carries its dictionary of fields; items are typed; channels are dated.

What was published before is rewritten into the new form, with nothing made up: a fee, a deputy rule and a fallback that
were words stay words, and nobody is allowed what was not said in a way that a program can read.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ITEM = sa.table(
    "item",
    sa.column("item_id", sa.String),
    sa.column("version", sa.Integer),
    sa.column("document", sa.Text),
    sa.column("form", sa.Text),
    sa.column("fields", sa.Text),
)
_RELEASE = ("fields", "capture_rules", "lists")


def upgrade() -> None:
    op.create_table(
        "item_channel",
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "channel", "since"),
    )
    for name in _RELEASE:
        op.add_column("catalogue_release", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("item", sa.Column("fields", sa.Text(), nullable=True))
    connection = op.get_bind()
    dictionary: dict[str, Any] = {}
    for row in connection.execute(sa.select(_ITEM)).all():
        form, fields = _form(json.loads(row.form)) if row.form else (None, None)
        dictionary.update({field["key"]: field for field in fields or ()})
        connection.execute(
            sa.update(_ITEM)
            .where(_ITEM.c.item_id == row.item_id, _ITEM.c.version == row.version)
            .values(
                document=_json(_document(json.loads(row.document))),
                form=_json(form) if form else None,
                fields=_json(fields) if fields else None,
            )
        )
    release = sa.table("catalogue_release", *(sa.column(name, sa.Text) for name in _RELEASE))
    connection.execute(
        sa.update(release).values(fields=_json(list(dictionary.values())), capture_rules="[]", lists="{}")
    )


def _document(old: dict[str, Any]) -> dict[str, Any]:
    new = {name: value for name, value in old.items() if name not in ("materials", "fee", "deputy", "fallback")}
    new["fee"] = {"kind": "stated", "text": old["fee"]}
    new["fallback"] = {"where": "department_window", "text": old["fallback"]}
    new["deputy"] = {"who": [], "promise": "never", "text": old["deputy"]}
    parts = [text.partition(":") for text in old["materials"]]
    new["material"] = [{"kind": kind, "name": name} for kind, _, name in parts]
    return new


def _form(old: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The form without the options, and the dictionary's entries that now hold them."""
    fields, asked = [], []
    for field in old["field"]:
        key, options = field["key"], field["options"]
        asked.append({name: value for name, value in field.items() if name != "options"})
        kind = "account" if key == "account" else "choice"
        fields.append(
            {
                "key": key,
                "label": key,
                "type": kind,
                "check": "account" if kind == "account" else "one_of",
                "options": options,
                "option_labels": options,
                "filled_by": ["L16"] if kind == "account" else [],
            }
        )
    return {**old, "field": asked}, fields


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def downgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ITEM)).all():
        form = json.loads(row.form) if row.form else None
        options = {field["key"]: field.get("options", []) for field in json.loads(row.fields or "[]")}
        for field in form["field"] if form else ():
            field["options"] = options[field["key"]]
        connection.execute(
            sa.update(_ITEM)
            .where(_ITEM.c.item_id == row.item_id, _ITEM.c.version == row.version)
            .values(document=_json(_undone(json.loads(row.document))), form=_json(form) if form else None)
        )
    with op.batch_alter_table("item") as item:
        item.drop_column("fields")
    with op.batch_alter_table("catalogue_release") as release:
        for name in _RELEASE:
            release.drop_column(name)
    op.drop_table("item_channel")


def _undone(new: dict[str, Any]) -> dict[str, Any]:
    old = {name: value for name, value in new.items() if name not in ("material", "guide")}
    old["materials"] = [f"{material['kind']}:{material['name']}" for material in new["material"]]
    return {**old, **{name: new[name]["text"] for name in ("fee", "deputy", "fallback")}}
