"""Uploaded files and printed documents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.String(32), primary_key=True),
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("material", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.String(40), nullable=False),
    )
    op.create_index("upload_device_digest", "upload", ["device", "digest"])
    op.create_index("upload_expires", "upload", ["expires_at"])
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.String(32), sa.ForeignKey("upload.upload_id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "n"),
    )
    op.create_table(
        "stored_file",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "case_material",
        sa.Column("case_no", sa.String(22), sa.ForeignKey("service_case.case_no"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("stored_file.digest"), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "n"),
    )
    op.create_index("case_material_digest", "case_material", ["digest"])
    _documents()


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("document_id", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("case_no", sa.String(22), sa.ForeignKey("service_case.case_no"), nullable=False),
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("item_id", sa.String(16), nullable=False),
        sa.Column("template", sa.String(32), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("withdrawn_at", sa.String(40)),
        sa.Column("withdrawn_for", sa.String(32)),
    )
    op.create_index("document_code", "document", ["code"], unique=True)
    op.create_index("document_case", "document", ["case_no"])
    op.create_table(
        "document_copy",
        sa.Column("document_id", sa.String(32), sa.ForeignKey("document.document_id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(64), sa.ForeignKey("device.device"), nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("stored_file.digest"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("told_at", sa.String(40)),
        sa.PrimaryKeyConstraint("document_id", "n"),
    )


def downgrade() -> None:
    for table in ("document_copy", "document", "case_material", "stored_file", "upload_piece", "upload"):
        op.drop_table(table)
