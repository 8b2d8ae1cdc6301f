"""Commitments: what was promised, the later check, withdrawal and consequence; the ledger names whom and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lookup_call", sa.Column("about", sa.String(16), nullable=False, server_default="applicant"))
    op.add_column("lookup_call", sa.Column("grounds", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "commitment",
        sa.Column("commitment_id", sa.String(36), primary_key=True),
        sa.Column("case_no", sa.String(22), sa.ForeignKey("service_case.case_no"), nullable=False),
        sa.Column("person_index", sa.String(64), nullable=False),
        sa.Column("text_key", sa.String(64), nullable=False),
        sa.Column("text_version", sa.String(32), nullable=False),
        sa.Column("signed_at", sa.String(40), nullable=False),
        sa.Column("signed_by", sa.String(16), nullable=False),
        sa.Column("authority_sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("check_due_on", sa.String(10), nullable=False),
        sa.Column("check_provisional", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.String(40)),
        sa.Column("ended_by", sa.String(80)),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("case_no"),
    )
    op.create_index("commitment_due", "commitment", ["state", "check_due_on"])
    op.create_table(
        "commitment_bar",
        sa.Column("bar_id", sa.String(36), primary_key=True),
        sa.Column("person_index", sa.String(64), nullable=False),
        sa.Column("commitment_id", sa.String(36), sa.ForeignKey("commitment.commitment_id"), nullable=False),
        sa.Column("entered_at", sa.String(40), nullable=False),
        sa.Column("entered_by", sa.String(80), nullable=False),
        sa.Column("lifted_at", sa.String(40)),
        sa.Column("lifted_by", sa.String(80)),
        sa.Column("lifted_for", sa.String(16)),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("commitment_id"),
    )
    op.create_index("commitment_bar_person", "commitment_bar", ["person_index"])


def downgrade() -> None:
    op.drop_table("commitment_bar")
    op.drop_table("commitment")
    op.drop_column("lookup_call", "grounds")
    op.drop_column("lookup_call", "about")
