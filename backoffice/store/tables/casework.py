"""The life of a case after it was taken in. Times are ISO text from the injected clock; `*_sealed` is encrypted."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from backoffice.store.metadata import metadata

_CASE = "service_case.case_no"

workday_import = Table(
    "workday_import",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("source", String(80), nullable=False),
    Column("imported_at", String(40), nullable=False),
)

workday = Table(
    "workday",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("import_n", ForeignKey("workday_import.n"), nullable=False),
)
"""Days that differ from Monday to Friday. A year that is imported again is replaced as a whole."""

case_work = Table(
    "case_work",
    metadata,
    Column("case_no", ForeignKey(_CASE), primary_key=True),
    Column("town", String(9), nullable=False),
    Column("arrived_at", String(40), nullable=False),
    Column("priority", Boolean, nullable=False),
    Column("reach", String(16), nullable=False),
    Column("place", String(12), nullable=False),
    Column("order_day", String(10), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("admitted_at", String(40)),
    Column("claimed_by", String(80)),
    Column("claimed_until", String(40)),
    Index("case_work_order", "order_day", "slot", "case_no"),
    Index("case_work_town", "town", "order_day", "slot", "case_no"),
)
"""A case that people work on. `place`: the other place that it is for, or empty. `slot`: its turn within the day."""

case_limit = Table(
    "case_limit",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("units", Integer, nullable=False),
    Column("unit", String(8), nullable=False),
    Column("due_at", String(40), nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("import_n", Integer, nullable=False),
    Column("running", Boolean, nullable=False),
    PrimaryKeyConstraint("case_no", "kind"),
    Index("case_limit_import", "running", "import_n"),
)
"""`kind`: statutory or promised. `due_at` is derived from the rest, the stops and the calendar `import_n`."""

clock_stop = Table(
    "clock_stop",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("n", Integer, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("ended_at", String(40)),
    Column("actor", String(80), nullable=False),
    PrimaryKeyConstraint("case_no", "n"),
)

timer = Table(
    "timer",
    metadata,
    Column("subject", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("n", Integer, nullable=False),
    Column("due_at", String(40), nullable=False),
    Column("lease", String(32)),
    Column("lease_until", String(40)),
    Column("attempts", Integer, nullable=False),
    Column("done_at", String(40)),
    PrimaryKeyConstraint("subject", "kind", "n"),
    Index("timer_due", "done_at", "due_at"),
)
"""`subject`: what it is about, e.g. a case number."""

refusal = Table(
    "refusal",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("n", Integer, nullable=False),
    Column("town", String(9), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason_code", String(32), nullable=False),
    Column("basis", Text, nullable=False),
    Column("helping_authority", Text, nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("proposed_by", String(80), nullable=False),
    Column("proposed_at", String(40), nullable=False),
    Column("verdict", String(16)),
    Column("reviewed_by", String(80)),
    Column("reviewed_at", String(40)),
    Column("review_sealed", LargeBinary),
    Column("review_days", Integer, nullable=False),
    Column("lawsuit_months", Integer, nullable=False),
    PrimaryKeyConstraint("case_no", "n"),
    Index("refusal_proposed", "proposed_at", "case_no", "n"),
)
"""否决台账: each proposal to refuse and what the second review made of it. 复议 in days, 诉讼 in months."""

delivery = Table(
    "delivery",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("n", Integer, nullable=False),
    Column("way", String(16), nullable=False),
    Column("address_sealed", LargeBinary),
    Column("tracking_no", String(40)),
    Column("collector_sealed", LargeBinary),
    Column("document_shown", String(16)),
    Column("signed", Boolean, nullable=False),
    Column("prepared_by", String(80), nullable=False),
    Column("prepared_at", String(40), nullable=False),
    Column("delivered_at", String(40)),
    PrimaryKeyConstraint("case_no", "n"),
    Index("delivery_way", "way", "delivered_at"),
    Index("delivery_prepared", "way", "prepared_at", "case_no", "n"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("n", Integer, nullable=False),
    Column("place", String(12), nullable=False),
    Column("authority", String(80), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("sent_by", String(80), nullable=False),
    Column("sent_at", String(40), nullable=False),
    Column("answered_at", String(40)),
    Column("answer", String(16)),
    PrimaryKeyConstraint("case_no", "n"),
    Index("transfer_answer", "answered_at"),
)
"""`answer`: received or returned; until then it is asked after."""

case_words = Table(
    "case_words",
    metadata,
    Column("case_no", ForeignKey(_CASE), nullable=False),
    Column("event_n", Integer, nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("case_no", "event_n"),
)
"""What somebody wrote beside an event: opinion, what was brought, why a second notice."""
