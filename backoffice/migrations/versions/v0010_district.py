"""Divisions by date, sites, and the district's counted guides and lists."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = (
    "division",
    "division_change",
    "place_alias",
    "site",
    "site_state",
    "department",
    "responsibility",
    "guide_account",
    "guide",
    "guide_list",
    "walkthrough",
    "walkthrough_item",
    "synthetic_set",
)


def upgrade() -> None:
    _places()
    _guides()
    _walkthroughs()


def _places() -> None:
    op.create_table(
        "division",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("parent", sa.String(12), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "effective_from"),
    )
    op.create_table(
        "division_change",
        sa.Column("old_code", sa.String(12), nullable=False),
        sa.Column("new_code", sa.String(12), nullable=False),
        sa.Column("changed_on", sa.String(10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("old_code", "new_code", "changed_on"),
    )
    op.create_table(
        "place_alias",
        sa.Column("alias", sa.String(64), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias", "code", "effective_from"),
    )
    op.create_table(
        "site",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("division", sa.String(12), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("hours", sa.String(32), nullable=False),
        sa.Column("latitude_deg", sa.Float(), nullable=False),
        sa.Column("longitude_deg", sa.Float(), nullable=False),
        sa.Column("position", sa.String(16), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "effective_from"),
    )
    op.create_table(
        "site_state",
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(12), nullable=False),
        sa.Column("devices", sa.Text(), nullable=False),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.String(40), nullable=False),
        sa.Column("received_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("device", "n"),
    )
    op.create_index("site_state_site", "site_state", ["site"])


def _guides() -> None:
    op.create_table(
        "department",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("credit_code", sa.String(18), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.PrimaryKeyConstraint("name", "effective_from"),
    )
    op.create_table(
        "responsibility",
        sa.Column("guide_no", sa.String(16), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guide_no", "effective_from"),
    )
    op.create_table(
        "guide_account",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
    )
    op.create_table(
        "guide",
        sa.Column("guide_no", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("account", sa.String(32), sa.ForeignKey("guide_account.account"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("elder", sa.Boolean(), nullable=False),
        sa.Column("case_type", sa.String(16), nullable=False),
        sa.Column("materials", sa.Integer(), nullable=False),
        sa.Column("legal_workdays", sa.Integer()),
        sa.Column("promised_workdays", sa.Integer()),
        sa.Column("scene_visits", sa.Integer(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("directory_code", sa.String(64)),
        sa.Column("unbound_reason", sa.Text()),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
    )
    op.create_table(
        "guide_list",
        sa.Column("list", sa.String(32), nullable=False),
        sa.Column("guide_no", sa.String(16), sa.ForeignKey("guide.guide_no"), nullable=False),
        sa.Column("effective_from", sa.String(10), nullable=False),
        sa.Column("effective_to", sa.String(10)),
        sa.PrimaryKeyConstraint("list", "guide_no", "effective_from"),
    )


def _walkthroughs() -> None:
    op.create_table(
        "walkthrough",
        sa.Column("no", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("leader", sa.String(64), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("satisfaction", sa.String(32), nullable=False),
    )
    op.create_table(
        "walkthrough_item",
        sa.Column("no", sa.Integer(), sa.ForeignKey("walkthrough.no"), nullable=False),
        sa.Column("guide_no", sa.String(16), sa.ForeignKey("guide.guide_no"), nullable=False),
        sa.PrimaryKeyConstraint("no", "guide_no"),
    )
    op.create_table(
        "synthetic_set",
        sa.Column("seed", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("scale", sa.String(16), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("loaded_cases", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("loaded_at", sa.String(40), nullable=False),
    )


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
