"""The tables, in the subset of SQL that SQLite and PostgreSQL share.

Times are ISO 8601 text with offset, from the injected clock. Columns called `*_sealed` are encrypted.
`case_event` and `audit` are only ever inserted into.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
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

from backoffice.domain.cases.case import CaseState
from backoffice.store.checks import at_least, one_of
from backoffice.store.metadata import metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in an INTEGER primary key."""

device = Table(
    "device",
    metadata,
    Column("device", String(64), primary_key=True),
    Column("key_sealed", LargeBinary, nullable=False),
    Column("site_no", String(3)),
    Column("last_seq", BigInteger, nullable=False),
    Column("added_at", String(40), nullable=False),
)

nonce = Table(
    "nonce",
    metadata,
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("nonce", String(64), nullable=False),
    PrimaryKeyConstraint("device", "seq"),
    UniqueConstraint("device", "nonce"),
)

catalogue_release = Table(
    "catalogue_release",
    metadata,
    Column("release", Integer, primary_key=True),
    Column("author", String(80), nullable=False),
    Column("signer", String(80), nullable=False),
    Column("effective_from", String(10), nullable=False),
    Column("published_at", String(40), nullable=False),
    Column("home", Text, nullable=False),
    Column("categories", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("fields", Text),
    Column("capture_rules", Text),
    Column("lists", Text),
)
"""`items`: JSON list of [item_id, version] in published order; an unchanged item keeps its version. `fields`,
`capture_rules`, `lists`: the files of that name, as JSON."""

item = Table(
    "item",
    metadata,
    Column("item_id", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("category", String(32), nullable=False),
    Column("document", Text, nullable=False),
    Column("form", Text),
    Column("ruling", Text),
    Column("fields", Text),
    PrimaryKeyConstraint("item_id", "version"),
)
"""`fields`: what the dictionary says of the fields that the form asks, so that a version means the same for ever."""

service_case = Table(
    "service_case",
    metadata,
    Column("case_no", String(22), primary_key=True),
    Column("shown_no", String(16), nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("site", String(12), nullable=False),
    Column("town", String(9), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("item_version", Integer, nullable=False),
    Column("consent_version", String(32), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("created_at", String(40), nullable=False),
    Column("boot_id", String(64), nullable=False),
    Column("monotonic_s", Float, nullable=False),
    Column("accepted_at", String(40), nullable=False),
    Column("decided_at", String(40)),
    Column("due_on", String(10)),
    Column("row_version", Integer, nullable=False),
    Column("applicant_index", String(64), nullable=False),
    Column("applicant_sealed", LargeBinary, nullable=False),
    Column("form_sealed", LargeBinary, nullable=False),
    Column("access_sealed", LargeBinary, nullable=False),
    Column("decision_sealed", LargeBinary),
    one_of("service_case", "state", CaseState),
    at_least("service_case", "row_version", 1),
    Index("service_case_shown", "shown_no"),
    Index("service_case_state", "state"),
    Index("service_case_applicant", "applicant_index"),
    Index("service_case_town", "town", "accepted_at"),
    Index("service_case_accepted", "accepted_at", "case_no"),
    Index("service_case_item", "item_id", "accepted_at"),
    Index("service_case_device", "device", "accepted_at"),
)
"""`access_sealed`: the query code of the slip and the visit token."""

case_event = Table(
    "case_event",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("role", String(24), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("event", String(32), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    PrimaryKeyConstraint("case_no", "n"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("key", String(128), nullable=False),
    Column("route", String(32), nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("response_sealed", LargeBinary, nullable=False),
    Column("created_at", String(40), nullable=False),
    PrimaryKeyConstraint("device", "key"),
)

lookup_call = Table(
    "lookup_call",
    metadata,
    Column("evidence_id", String(36), primary_key=True),
    Column("case_no", String(22)),
    Column("purpose", String(16), nullable=False),
    Column("lookup", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("about", String(16), nullable=False, server_default="applicant"),
    Column("grounds", String(80), nullable=False, server_default=""),
    Index("lookup_call_case", "case_no"),
)

rule_result = Table(
    "rule_result",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("rule_id", String(32), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("facts_masked", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    PrimaryKeyConstraint("case_no", "rule_id"),
)

notice = Table(
    "notice",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("issued_at", String(40), nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("reasons_sealed", LargeBinary, nullable=False),
    Column("until_on", String(10)),
    Column("issued_by", String(80)),
    Column("why_sealed", LargeBinary),
    PrimaryKeyConstraint("case_no", "n"),
)
"""`why_sealed`: of a second notice, why its superior allowed it."""

audit = Table(
    "audit",
    metadata,
    Column("town", String(9), nullable=False),
    Column("n", Integer, nullable=False),
    Column("entry", Text, nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("town", "n"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("town", String(9), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("topic", String(32), nullable=False),
    Column("case_no", String(22), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("delivered_at", String(40)),
    Column("lease", String(32)),
    Column("lease_until", String(40)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index("outbox_waiting", "delivered_at", "topic", "id"),
)

rating = Table(
    "rating",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), primary_key=True),
    Column("satisfaction", String(32), nullable=False),
    Column("labels", Text, nullable=False),
    Column("rated_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
)

help_call = Table(
    "help_call",
    metadata,
    Column("site", String(12), nullable=False),
    Column("day", String(10), nullable=False),
    Column("ticket", Integer, nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("case_no", String(22), nullable=False),
    Column("step", String(32), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
    Column("called_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("call_id", String(24)),
    Column("state", String(16), nullable=False),
    Column("answer_by", String(40), nullable=False),
    Column("accepted_by", String(64)),
    Column("accepted_at", String(40)),
    Column("accepted_who", String(64)),
    Column("minutes", Integer),
    Column("row_version", Integer, nullable=False),
    PrimaryKeyConstraint("site", "day", "ticket"),
    one_of("help_call", "state", ("sent", "accepted", "unanswered")),
    at_least("help_call", "ticket", 1),
    Index("help_call_id", "call_id", unique=True),
)
"""`state`: sent, accepted or unanswered (`visits/help_calls.py`); what older servers stored has no `call_id`."""
