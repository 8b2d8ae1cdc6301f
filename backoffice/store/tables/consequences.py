"""The office's own register: what decisions changed. `*_sealed` is encrypted; a person is found by a keyed hash."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table

from backoffice.store.metadata import metadata

register_note = Table(
    "register_note",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), primary_key=True),
    Column("applicant_index", String(64), nullable=False),
    Column("register", String(8), nullable=False),
    Column("values_sealed", LargeBinary, nullable=False),
    Column("creates", Boolean, nullable=False),
    Column("noted_at", String(40), nullable=False),
    Column("until_on", String(10)),
    Column("ended_at", String(40)),
    Index("register_note_applicant", "applicant_index", "register"),
)
"""One a case. `until_on`: the last day it holds. `ended_at`: the approval was taken back, or another one followed."""
