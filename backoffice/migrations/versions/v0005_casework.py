"""Work on cases: timers, clock stops, deadlines, notices, second reviews, delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MADE = (
    "timer",
    "workday_import",
    "workday",
    "case_limit",
    "case_words",
    "case_work",
    "clock_stop",
    "delivery",
    "refusal",
    "transfer",
)
"""In the order in which they refer to each other."""


def upgrade() -> None:
    _tables()
    for column in (
        sa.Column("until_on", sa.String(10)),
        sa.Column("issued_by", sa.String(80)),
        sa.Column("why_sealed", sa.LargeBinary()),
    ):
        op.add_column("notice", column)
    with op.batch_alter_table("case_event") as event:
        event.alter_column("role", existing_type=sa.String(16), type_=sa.String(24), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("case_event") as event:
        event.alter_column("role", existing_type=sa.String(24), type_=sa.String(16), existing_nullable=False)
    with op.batch_alter_table("notice") as notice:
        for column in ("until_on", "issued_by", "why_sealed"):
            notice.drop_column(column)
    for name in reversed(_MADE):
        op.drop_table(name)


def _tables() -> None:
    op.create_table(
        "timer",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.String(40), nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.String(40)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.String(40)),
        sa.PrimaryKeyConstraint("subject", "kind", "n"),
    )
    op.create_index("timer_due", "timer", ["done_at", "due_at"])
    op.create_table(
        "workday_import",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("imported_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "workday",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("import_n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_n"], ["workday_import.n"]),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "case_limit",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("started_at", sa.String(40), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("due_at", sa.String(40), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("import_n", sa.Integer(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "kind"),
    )
    op.create_index("case_limit_import", "case_limit", ["running", "import_n"])
    op.create_table(
        "case_words",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("event_n", sa.Integer(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "event_n"),
    )
    op.create_table(
        "case_work",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("town", sa.String(9), nullable=False),
        sa.Column("arrived_at", sa.String(40), nullable=False),
        sa.Column("priority", sa.Boolean(), nullable=False),
        sa.Column("reach", sa.String(16), nullable=False),
        sa.Column("place", sa.String(12), nullable=False),
        sa.Column("order_day", sa.String(10), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("admitted_at", sa.String(40)),
        sa.Column("claimed_by", sa.String(80)),
        sa.Column("claimed_until", sa.String(40)),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no"),
    )
    op.create_index("case_work_order", "case_work", ["order_day", "slot", "case_no"])
    op.create_table(
        "clock_stop",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("started_at", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.String(40)),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_table(
        "delivery",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary()),
        sa.Column("tracking_no", sa.String(40)),
        sa.Column("collector_sealed", sa.LargeBinary()),
        sa.Column("document_shown", sa.String(16)),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("prepared_by", sa.String(80), nullable=False),
        sa.Column("prepared_at", sa.String(40), nullable=False),
        sa.Column("delivered_at", sa.String(40)),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_index("delivery_way", "delivery", ["way", "delivered_at"])
    op.create_table(
        "refusal",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("town", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason_code", sa.String(32), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("helping_authority", sa.Text(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.String(80), nullable=False),
        sa.Column("proposed_at", sa.String(40), nullable=False),
        sa.Column("verdict", sa.String(16)),
        sa.Column("reviewed_by", sa.String(80)),
        sa.Column("reviewed_at", sa.String(40)),
        sa.Column("review_sealed", sa.LargeBinary()),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("lawsuit_months", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_table(
        "transfer",
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(12), nullable=False),
        sa.Column("authority", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("sent_by", sa.String(80), nullable=False),
        sa.Column("sent_at", sa.String(40), nullable=False),
        sa.Column("answered_at", sa.String(40)),
        sa.Column("answer", sa.String(16)),
        sa.ForeignKeyConstraint(["case_no"], ["service_case.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_index("transfer_answer", "transfer", ["answered_at"])
