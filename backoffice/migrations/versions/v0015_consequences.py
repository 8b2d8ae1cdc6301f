"""What approvals change in the office's own register, and the outbox rows that say so, each worked on once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_note",
        sa.Column("case_no", sa.String(22), sa.ForeignKey("service_case.case_no"), primary_key=True),
        sa.Column("applicant_index", sa.String(64), nullable=False),
        sa.Column("register", sa.String(8), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("creates", sa.Boolean(), nullable=False),
        sa.Column("noted_at", sa.String(40), nullable=False),
        sa.Column("until_on", sa.String(10)),
        sa.Column("ended_at", sa.String(40)),
    )
    op.create_index("register_note_applicant", "register_note", ["applicant_index", "register"])
    op.add_column("outbox", sa.Column("lease", sa.String(32)))
    op.add_column("outbox", sa.Column("lease_until", sa.String(40)))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("outbox_waiting", "outbox", ["delivered_at", "topic", "id"])


def downgrade() -> None:
    op.drop_index("outbox_waiting", "outbox")
    with op.batch_alter_table("outbox") as batch:
        for name in ("attempts", "lease_until", "lease"):
            batch.drop_column(name)
    op.drop_index("register_note_applicant", "register_note")
    op.drop_table("register_note")
