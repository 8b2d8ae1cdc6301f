"""Appointments, queues, what could not be done, ratings from the slip."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_day",
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("last_normal", sa.Integer(), nullable=False),
        sa.Column("last_priority", sa.Integer(), nullable=False),
        sa.Column("last_appointment", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "day"),
    )
    op.create_table(
        "slot_use",
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("start", sa.String(length=5), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "service", "day", "start"),
    )
    op.create_table(
        "complaint",
        sa.Column("complaint_no", sa.String(length=16), nullable=False),
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("site", sa.String(length=12), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.Column("window_by", sa.String(length=10), nullable=False),
        sa.Column("department_by", sa.String(length=10), nullable=False),
        sa.Column("panel_by", sa.String(length=10), nullable=False),
        sa.Column("district_by", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("complaint_no"),
    )
    op.create_index("complaint_town", "complaint", ["town", "received_at"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("start", sa.String(length=5), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("elder", sa.Boolean(), nullable=False),
        sa.Column("active_key", sa.String(length=81), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("booked_at", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no"),
        sa.UniqueConstraint("active_key", name="appointment_active"),
    )
    op.create_index("appointment_day", "appointment", ["place", "day"], unique=False)
    op.create_index("appointment_state", "appointment", ["state", "day"], unique=False)
    op.create_table(
        "default_rating",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("noted_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no"),
    )
    op.create_table(
        "queue_ticket",
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("moved_back", sa.Boolean(), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=True),
        sa.Column("window", sa.String(length=16), nullable=True),
        sa.Column("called_by", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.String(length=40), nullable=False),
        sa.Column("called_at", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("place", "day", "number"),
    )
    op.create_index("queue_ticket_state", "queue_ticket", ["place", "day", "state"], unique=False)
    op.create_table(
        "slip_rating",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("satisfaction", sa.String(length=32), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("label_version", sa.Integer(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("rated_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("case_no", "stage"),
    )
    op.create_table(
        "visit_task",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("contact_by", sa.String(length=10), nullable=False),
        sa.Column("fix_by", sa.String(length=10), nullable=True),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("done_at", sa.String(length=40), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.Column("result_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("visit_task_town", "visit_task", ["town", "done_at"], unique=False)


def downgrade() -> None:
    op.drop_table("visit_task")
    op.drop_table("slip_rating")
    op.drop_table("queue_ticket")
    op.drop_table("default_rating")
    op.drop_table("appointment")
    op.drop_table("complaint")
    op.drop_table("slot_use")
    op.drop_table("queue_day")
