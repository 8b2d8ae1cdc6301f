"""How far the audit chain of each terminal is held here."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "terminal_chain",
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("told_at", sa.String(40), nullable=False),
        sa.Column("alarm", sa.String(16)),
        sa.Column("alarm_at", sa.String(40)),
    )


def downgrade() -> None:
    op.drop_table("terminal_chain")
