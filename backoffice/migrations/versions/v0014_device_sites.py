"""At which sites a terminal stands and stood."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_site",
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("site", sa.String(12), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.Column("left_at", sa.String(40)),
        sa.PrimaryKeyConstraint("device", "site"),
    )
    op.execute(
        "INSERT INTO device_site (device, site, since)"
        " SELECT device, site, changed_at FROM device_standing WHERE site IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("device_site")
