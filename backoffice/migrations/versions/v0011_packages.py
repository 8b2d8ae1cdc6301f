"""Packages with their cases, elements of items by level, supervision."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = (
    *("package", "package_item", "bundle", "bundle_case", "item_element"),
    *("supervision_item", "supervision_plan", "supervision_officer", "supervision_act"),
)


def _period() -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column("effective_from", sa.String(10), nullable=False), sa.Column("effective_to", sa.String(10))


def upgrade() -> None:
    _packages()
    _elements()
    _supervision()


def _packages() -> None:
    op.create_table(
        "package",
        sa.Column("package_no", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("ends_in", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("shared_form", sa.Text(), nullable=False),
        sa.Column("total_workdays", sa.Integer()),
        sa.Column("elder", sa.String(8), nullable=False),
        *_period(),
        sa.Column("source", sa.Text(), nullable=False),
    )
    op.create_table(
        "package_item",
        sa.Column("package_no", sa.String(16), sa.ForeignKey("package.package_no"), nullable=False),
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("package_no", "item_id"),
    )
    op.create_table(
        "bundle",
        sa.Column("bundle_no", sa.String(40), primary_key=True),
        sa.Column("package_no", sa.String(16), sa.ForeignKey("package.package_no"), nullable=False),
        sa.Column("town", sa.String(9), nullable=False),
        sa.Column("opened_at", sa.String(40), nullable=False),
        sa.Column("licence_no", sa.String(64), unique=True),
        sa.Column("licensed_at", sa.String(40)),
    )
    op.create_table(
        "bundle_case",
        sa.Column("case_no", sa.String(22), sa.ForeignKey("service_case.case_no"), primary_key=True),
        sa.Column("bundle_no", sa.String(40), sa.ForeignKey("bundle.bundle_no"), nullable=False),
    )
    op.create_index("bundle_case_bundle", "bundle_case", ["bundle_no"])


def _elements() -> None:
    op.create_table(
        "item_element",
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *_period(),
        sa.PrimaryKeyConstraint("item_id", "level", "element", "effective_from"),
    )


def _supervision() -> None:
    op.create_table(
        "supervision_item",
        sa.Column("item_no", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        *_period(),
    )
    op.create_table(
        "supervision_plan",
        sa.Column("plan_no", sa.String(16), primary_key=True),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
    )
    op.create_table(
        "supervision_officer",
        sa.Column("officer_no", sa.String(16), primary_key=True),
        sa.Column("department", sa.String(64), nullable=False),
        *_period(),
    )
    op.create_table(
        "supervision_act",
        sa.Column("act_no", sa.String(16), primary_key=True),
        sa.Column("item_no", sa.String(16), sa.ForeignKey("supervision_item.item_no"), nullable=False),
        sa.Column("plan_no", sa.String(16), sa.ForeignKey("supervision_plan.plan_no")),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("exposed", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
