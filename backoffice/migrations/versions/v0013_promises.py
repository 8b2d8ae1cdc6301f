"""How a call for help stands, what is done about a complaint, when a terminal last told its state."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nobody waits for the calls of before any more: they count as never answered.
    with op.batch_alter_table("help_call") as table:
        table.add_column(sa.Column("call_id", sa.String(24)))
        table.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="unanswered"))
        table.add_column(sa.Column("answer_by", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("accepted_by", sa.String(64)))
        table.add_column(sa.Column("accepted_at", sa.String(40)))
        table.add_column(sa.Column("accepted_who", sa.String(64)))
        table.add_column(sa.Column("minutes", sa.Integer()))
        table.add_column(sa.Column("row_version", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("help_call_id", "help_call", ["call_id"], unique=True)
    with op.batch_alter_table("complaint") as table:
        table.add_column(sa.Column("level", sa.String(16), nullable=False, server_default="window"))
        table.add_column(sa.Column("answered_by", sa.String(64)))
        table.add_column(sa.Column("answered_at", sa.String(40)))
        table.add_column(sa.Column("answer_sealed", sa.LargeBinary()))
        table.add_column(sa.Column("closed_at", sa.String(40)))
    with op.batch_alter_table("site_state") as table:
        table.add_column(sa.Column("seen_at", sa.String(40)))
    op.create_table(
        "complaint_act",
        sa.Column("complaint_no", sa.String(16), sa.ForeignKey("complaint.complaint_no"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_no", "n"),
    )


def downgrade() -> None:
    op.drop_table("complaint_act")
    with op.batch_alter_table("site_state") as table:
        table.drop_column("seen_at")
    with op.batch_alter_table("complaint") as table:
        for name in ("level", "answered_by", "answered_at", "answer_sealed", "closed_at"):
            table.drop_column(name)
    op.drop_index("help_call_id", "help_call")
    with op.batch_alter_table("help_call") as table:
        for name in (
            *("call_id", "state", "answer_by", "accepted_by", "accepted_at", "accepted_who", "minutes", "row_version"),
        ):
            table.drop_column(name)
