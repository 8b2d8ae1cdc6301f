"""Staff, their sessions and posts; standing and enrolment of terminals; consent records."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _staff()
    _terminals()
    op.create_table(
        "consent",
        sa.Column("consent_id", sa.String(36), primary_key=True),
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("case_no", sa.String(22), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("text_version", sa.String(32), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("given_at", sa.String(40), nullable=False),
        sa.Column("received_at", sa.String(40), nullable=False),
        sa.Column("withdrawn_at", sa.String(40)),
        sa.Column("withdrawn_on", sa.String(64)),
    )
    op.create_index("consent_case", "consent", ["case_no"])


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("login", sa.String(64), primary_key=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary, nullable=False),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("town", sa.String(9)),
        sa.Column("department", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.String(40)),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("row_version", sa.Integer, nullable=False),
    )
    op.create_table(
        "staff_role",
        sa.Column("login", sa.String(64), sa.ForeignKey("staff.login"), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("granted_by", sa.String(64), nullable=False),
        sa.Column("granted_at", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("login", "role"),
    )
    op.create_table(
        "staff_session",
        sa.Column("session_id", sa.String(36), primary_key=True),
        sa.Column("login", sa.String(64), sa.ForeignKey("staff.login"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(40), nullable=False),
        sa.Column("used_at", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.String(40)),
        sa.Column("ended_by", sa.String(64)),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("staff_session_login", "staff_session", ["login"])


def _terminals() -> None:
    op.create_table(
        "device_standing",
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), primary_key=True),
        sa.Column("site", sa.String(12)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", sa.String(40), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("seen_on", sa.String(10)),
        sa.Column("row_version", sa.Integer, nullable=False),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("code_index", sa.String(64), primary_key=True),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("site", sa.String(12), nullable=False),
        sa.Column("site_no", sa.String(3), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
        sa.Column("used_at", sa.String(40)),
    )


def downgrade() -> None:
    for table in ("consent", "enrolment_code", "device_standing", "staff_session", "staff_role", "staff"):
        op.drop_table(table)
