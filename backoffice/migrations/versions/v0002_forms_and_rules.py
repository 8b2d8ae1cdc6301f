"""What is asked and how it is decided, apart: an item may have a form and no rules."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ITEM = sa.table(
    "item",
    sa.column("item_id", sa.String),
    sa.column("version", sa.Integer),
    sa.column("service", sa.Text),
    sa.column("form", sa.Text),
    sa.column("ruling", sa.Text),
)


def upgrade() -> None:
    op.add_column("item", sa.Column("form", sa.Text()))
    op.add_column("item", sa.Column("ruling", sa.Text()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ITEM).where(_ITEM.c.service.is_not(None))).all():
        whole = json.loads(row.service)
        form = {"item": whole["item"], **{key: whole.pop(key) for key in ("consent_version", "commitment")}}
        form["field"] = whole.pop("form")
        connection.execute(
            sa.update(_ITEM)
            .where(_ITEM.c.item_id == row.item_id, _ITEM.c.version == row.version)
            .values(form=_json(form), ruling=_json(whole))
        )
    with op.batch_alter_table("item") as item:
        item.drop_column("service")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def downgrade() -> None:
    op.add_column("item", sa.Column("service", sa.Text()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ITEM).where(_ITEM.c.ruling.is_not(None))).all():
        form = json.loads(row.form)
        form["form"] = form.pop("field")
        connection.execute(
            sa.update(_ITEM)
            .where(_ITEM.c.item_id == row.item_id, _ITEM.c.version == row.version)
            .values(service=_json({**json.loads(row.ruling), **form}))
        )
    with op.batch_alter_table("item") as item:
        item.drop_column("form")
        item.drop_column("ruling")
