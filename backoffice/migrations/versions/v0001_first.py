"""The first schema: devices, catalogue, cases, evidence, audit, ratings, help calls."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("town", "n"),
    )
    op.create_table(
        "audit_head",
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("town"),
    )
    op.create_table(
        "catalogue_release",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("signer", sa.String(length=80), nullable=False),
        sa.Column("effective_from", sa.String(length=10), nullable=False),
        sa.Column("published_at", sa.String(length=40), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("release"),
    )
    op.create_table(
        "device",
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("site_no", sa.String(length=3), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("device"),
    )
    op.create_table(
        "item",
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "version"),
    )
    op.create_table(
        "lookup_call",
        sa.Column("evidence_id", sa.String(length=36), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("evidence_id"),
    )
    op.create_index("lookup_call_case", "lookup_call", ["case_no"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("delivered_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "help_call",
        sa.Column("site", sa.String(length=12), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("called_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("site", "day", "ticket"),
    )
    op.create_table(
        "idempotency",
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("device", "key"),
    )
    op.create_table(
        "nonce",
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("device", "seq"),
        sa.UniqueConstraint("device", "nonce"),
    )
    op.create_table(
        "service_case",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("shown_no", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=12), nullable=False),
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("consent_version", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("monotonic_s", sa.Float(), nullable=False),
        sa.Column("accepted_at", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("applicant_index", sa.String(length=64), nullable=False),
        sa.Column("applicant_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("form_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("access_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("case_no"),
    )
    op.create_index("service_case_applicant", "service_case", ["applicant_index"], unique=False)
    op.create_index("service_case_shown", "service_case", ["shown_no"], unique=False)
    op.create_index("service_case_state", "service_case", ["state"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_table(
        "notice",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.String(length=40), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("reasons_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_table(
        "rating",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("satisfaction", sa.String(length=32), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("rated_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no"),
    )
    op.create_table(
        "rule_result",
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("rule_id", sa.String(length=32), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("facts_masked", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("case_no", "rule_id"),
    )


def downgrade() -> None:
    op.drop_table("rule_result")
    op.drop_table("rating")
    op.drop_table("notice")
    op.drop_table("case_event")
    op.drop_index("service_case_state", table_name="service_case")
    op.drop_index("service_case_shown", table_name="service_case")
    op.drop_index("service_case_applicant", table_name="service_case")
    op.drop_table("service_case")
    op.drop_table("nonce")
    op.drop_table("idempotency")
    op.drop_table("help_call")
    op.drop_table("outbox")
    op.drop_index("lookup_call_case", table_name="lookup_call")
    op.drop_table("lookup_call")
    op.drop_table("item")
    op.drop_table("device")
    op.drop_table("catalogue_release")
    op.drop_table("audit_head")
    op.drop_table("audit")
