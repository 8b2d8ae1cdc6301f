"""Who calls: staff and their sessions, the standing of terminals, enrolment codes, what residents agreed to."""

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
    Text,
    UniqueConstraint,
)

from backoffice.store.metadata import metadata

staff = Table(
    "staff",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", LargeBinary, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("town", String(9)),
    Column("department", String(64)),
    Column("state", String(16), nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("locked_until", String(40)),
    Column("first_until", String(40)),
    Column("activated_at", String(40)),
    Column("created_at", String(40), nullable=False),
    Column("row_version", Integer, nullable=False),
)
"""`totp_step`: the newest time step whose code was accepted; a code of it or of an older one is used up.

`first_until`: how long the first password is good. `activated_at`: when its person logged in for the first time.
"""

staff_role = Table(
    "staff_role",
    metadata,
    Column("login", ForeignKey("staff.login"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("granted_by", String(64), nullable=False),
    Column("granted_at", String(40), nullable=False),
    PrimaryKeyConstraint("login", "role"),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("session_id", String(36), primary_key=True),
    Column("login", ForeignKey("staff.login"), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("used_at", String(40), nullable=False),
    Column("ended_at", String(40)),
    Column("ended_by", String(64)),
    UniqueConstraint("token_hash"),
    Index("staff_session_login", "login"),
)

device_standing = Table(
    "device_standing",
    metadata,
    Column("device", ForeignKey("device.device"), primary_key=True),
    Column("site", String(12)),
    Column("state", String(16), nullable=False),
    Column("changed_at", String(40), nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("seen_on", String(10)),
    Column("row_version", Integer, nullable=False),
)
"""A terminal without a row is active and of no site. `seen_on`: the last day it called; the moment is in memory."""

device_site = Table(
    "device_site",
    metadata,
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("site", String(12), nullable=False),
    Column("since", String(40), nullable=False),
    Column("left_at", String(40)),
    PrimaryKeyConstraint("device", "site"),
)
"""`left_at` is empty for where a terminal stands now; it may still send what it noted where it stood before."""

terminal_chain = Table(
    "terminal_chain",
    metadata,
    Column("device", ForeignKey("device.device"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("told_at", String(40), nullable=False),
    Column("alarm", String(16)),
    Column("alarm_at", String(40)),
)
"""How far a terminal's own audit chain is held. `alarm`: what came did not follow, and nobody has looked into it."""

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("code_index", String(64), primary_key=True),
    Column("device", String(64), nullable=False),
    Column("site", String(12), nullable=False),
    Column("site_no", String(3), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("used_at", String(40)),
)

consent = Table(
    "consent",
    metadata,
    Column("consent_id", String(36), primary_key=True),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("case_no", String(22), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("text_version", String(32), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("given_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("withdrawn_at", String(40)),
    Column("withdrawn_on", String(64)),
    Index("consent_case", "case_no"),
)
"""Consent comes before the case it is for, so `case_no` may name one that is never sent. `withdrawn_on`: a terminal."""
