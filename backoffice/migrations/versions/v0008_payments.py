"""Bills and payments."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "due_claim",
        sa.Column("due_index", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("due_index"),
    )
    op.create_index("due_claim_reference", "due_claim", ["reference"], unique=False)
    op.create_table(
        "reconciliation",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("unclear", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "run"),
    )
    op.create_table(
        "bill",
        sa.Column("bill_no", sa.String(length=24), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("person_index", sa.String(length=64), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("valid_until", sa.String(length=40), nullable=False),
        sa.Column("paid_at", sa.String(length=40), nullable=True),
        sa.Column("receipt_no", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.PrimaryKeyConstraint("bill_no"),
    )
    op.create_index("bill_person", "bill", ["person_index"], unique=False)
    op.create_table(
        "deduction_authority",
        sa.Column("authority_id", sa.String(length=36), nullable=False),
        sa.Column("person_index", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=16), nullable=False),
        sa.Column("year_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("paper_digest", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=12), nullable=False),
        sa.Column("given_at", sa.String(length=40), nullable=False),
        sa.Column("revoked_at", sa.String(length=40), nullable=True),
        sa.Column("in_force", sa.String(length=81), nullable=True),
        sa.ForeignKeyConstraint(
            ["device"],
            ["device.device"],
        ),
        sa.ForeignKeyConstraint(
            ["paper_digest"],
            ["stored_file.digest"],
        ),
        sa.PrimaryKeyConstraint("authority_id"),
        sa.UniqueConstraint("in_force", name="deduction_authority_in_force"),
    )
    op.create_table(
        "bill_line",
        sa.Column("bill_no", sa.String(length=24), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("as_of", sa.String(length=40), nullable=False),
        sa.Column("due_index", sa.String(length=64), nullable=False),
        sa.Column("payer_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bill_no"],
            ["bill.bill_no"],
        ),
        sa.PrimaryKeyConstraint("bill_no", "n"),
    )
    op.create_index("bill_line_due", "bill_line", ["due_index"], unique=False)
    op.create_table(
        "payment",
        sa.Column("reference", sa.String(length=26), nullable=False),
        sa.Column("case_no", sa.String(length=22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("bill_no", sa.String(length=24), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("authority_id", sa.String(length=36), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("slip_code", sa.String(length=32), nullable=True),
        sa.Column("expires_on", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.String(length=40), nullable=False),
        sa.Column("paid_at", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"],
            ["deduction_authority.authority_id"],
        ),
        sa.ForeignKeyConstraint(
            ["bill_no"],
            ["bill.bill_no"],
        ),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["service_case.case_no"],
        ),
        sa.PrimaryKeyConstraint("reference"),
        sa.UniqueConstraint("case_no", "n", name="payment_attempt"),
    )
    op.create_index("payment_bill", "payment", ["bill_no"], unique=False)
    op.create_index("payment_state", "payment", ["state"], unique=False)
    op.create_table(
        "payment_event",
        sa.Column("reference", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["payment.reference"],
        ),
        sa.PrimaryKeyConstraint("reference", "n"),
    )


def downgrade() -> None:
    op.drop_table("payment_event")
    op.drop_table("payment")
    op.drop_table("bill_line")
    op.drop_table("deduction_authority")
    op.drop_table("bill")
    op.drop_table("reconciliation")
    op.drop_table("due_claim")
