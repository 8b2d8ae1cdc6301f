"""Uploaded files, and documents that were made to be printed. What a file holds lies sealed in the data folder."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from backoffice.store.checks import at_least, one_of
from backoffice.store.metadata import metadata

upload = Table(
    "upload",
    metadata,
    Column("upload_id", String(32), primary_key=True),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("material", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    one_of("upload", "state", ("open", "complete", "refused")),
    at_least("upload", "received", 0),
    at_least("upload", "pieces", 0),
    Index("upload_device_digest", "device", "digest"),
    Index("upload_expires", "expires_at"),
)
"""`received`: bytes that are on the disk. `state`: open, complete or refused (not what was declared)."""

upload_piece = Table(
    "upload_piece",
    metadata,
    Column("upload_id", ForeignKey("upload.upload_id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("name", String(32), nullable=False),
    PrimaryKeyConstraint("upload_id", "n"),
)
"""What was acknowledged, in order; a file that no row names was never acknowledged."""

stored_file = Table(
    "stored_file",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("stored_at", String(40), nullable=False),
)
"""One row for each content, however often it was brought."""

case_material = Table(
    "case_material",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("material", String(64), nullable=False),
    Column("digest", ForeignKey("stored_file.digest"), nullable=False),
    PrimaryKeyConstraint("case_no", "n"),
    Index("case_material_digest", "digest"),
)

document = Table(
    "document",
    metadata,
    Column("document_id", String(32), primary_key=True),
    Column("code", String(20), nullable=False),
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("template", String(32), nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("withdrawn_at", String(40)),
    Column("withdrawn_for", String(32)),
    Index("document_code", "code", unique=True),
    Index("document_case", "case_no"),
)
"""`digest` is of the content: each copy is another file, but says the same."""

document_copy = Table(
    "document_copy",
    metadata,
    Column("document_id", ForeignKey("document.document_id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("digest", ForeignKey("stored_file.digest"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("told_at", String(40)),
    PrimaryKeyConstraint("document_id", "n"),
    one_of("document_copy", "state", ("made", "printed", "unknown", "failed")),
    at_least("document_copy", "n", 1),
)
"""One sheet that may have come out. `state`: made, printed, unknown (paper may lie in the tray), failed (none came)."""
