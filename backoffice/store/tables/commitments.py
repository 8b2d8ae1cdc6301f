"""Commitments (告知承诺): what was promised with a case, the later check, and the local ledger of broken ones."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from backoffice.domain.commitment import CommitmentState
from backoffice.store.checks import one_of
from backoffice.store.metadata import metadata

commitment = Table(
    "commitment",
    metadata,
    Column("commitment_id", String(36), primary_key=True),
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("person_index", String(64), nullable=False),
    Column("text_key", String(64), nullable=False),
    Column("text_version", String(32), nullable=False),
    Column("signed_at", String(40), nullable=False),
    Column("signed_by", String(16), nullable=False),
    Column("authority_sealed", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("check_due_on", String(10), nullable=False),
    Column("check_provisional", Boolean, nullable=False),
    Column("ended_at", String(40)),
    Column("ended_by", String(80)),
    Column("note_sealed", LargeBinary),
    Column("row_version", Integer, nullable=False),
    UniqueConstraint("case_no"),
    one_of("commitment", "state", CommitmentState),
    Index("commitment_due", "state", "check_due_on"),
)
"""`person_index`: of the applicant, or of the firm that promised. `authority_sealed`: what a deputy showed.
`ended_*`: when and by whom it was checked or withdrawn."""

commitment_bar = Table(
    "commitment_bar",
    metadata,
    Column("bar_id", String(36), primary_key=True),
    Column("person_index", String(64), nullable=False),
    Column("commitment_id", ForeignKey("commitment.commitment_id"), nullable=False),
    Column("entered_at", String(40), nullable=False),
    Column("entered_by", String(80), nullable=False),
    Column("lifted_at", String(40)),
    Column("lifted_by", String(80)),
    Column("lifted_for", String(16)),
    Column("row_version", Integer, nullable=False),
    UniqueConstraint("commitment_id"),
    Index("commitment_bar_person", "person_index"),
)
"""Until it is lifted this person makes no commitment here. `lifted_for`: repair (信用修复) or appeal (申诉)."""
