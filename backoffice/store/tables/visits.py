"""Appointments, queues, what could not be done, ratings from the slip, and the calls that follow."""

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
    UniqueConstraint,
)

from backoffice.domain.waiting import Lane, TicketState
from backoffice.store.checks import at_least, one_of
from backoffice.store.metadata import metadata

slot_use = Table(
    "slot_use",
    metadata,
    Column("place", String(12), nullable=False),
    Column("service", String(32), nullable=False),
    Column("day", String(10), nullable=False),
    Column("start", String(5), nullable=False),
    Column("taken", Integer, nullable=False),
    PrimaryKeyConstraint("place", "service", "day", "start"),
)
"""Held to the end by whoever takes or frees a place in the slot."""

queue_day = Table(
    "queue_day",
    metadata,
    Column("place", String(12), nullable=False),
    Column("day", String(10), nullable=False),
    Column("last_normal", Integer, nullable=False),
    Column("last_priority", Integer, nullable=False),
    Column("last_appointment", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("windows", Integer, nullable=False),
    PrimaryKeyConstraint("place", "day"),
)
"""Held to the end by whoever moves anything in this hall on this day."""

appointment = Table(
    "appointment",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), primary_key=True),
    Column("item_id", String(16), nullable=False),
    Column("service", String(32), nullable=False),
    Column("place", String(12), nullable=False),
    Column("day", String(10), nullable=False),
    Column("start", String(5), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("elder", Boolean, nullable=False),
    Column("active_key", String(81)),
    Column("changes", Integer, nullable=False),
    Column("booked_at", String(40), nullable=False),
    Column("ended_at", String(40)),
    UniqueConstraint("active_key", name="appointment_active"),
    one_of("appointment", "state", ("booked", "checked_in", "cancelled", "missed")),
    at_least("appointment", "changes", 0),
    Index("appointment_day", "place", "day"),
    Index("appointment_state", "state", "day"),
)
"""`state`: booked, checked_in, cancelled, missed. `active_key`: person and item while it stands: one at a time."""

queue_ticket = Table(
    "queue_ticket",
    metadata,
    Column("place", String(12), nullable=False),
    Column("day", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    Column("series", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("moved_back", Boolean, nullable=False),
    Column("case_no", ForeignKey("service_case.case_no")),
    Column("window", String(16)),
    Column("called_by", String(64)),
    Column("issued_at", String(40), nullable=False),
    Column("called_at", String(40)),
    Column("ended_at", String(40)),
    Column("row_version", Integer, nullable=False),
    PrimaryKeyConstraint("place", "day", "number"),
    one_of("queue_ticket", "state", TicketState),
    one_of("queue_ticket", "lane", Lane),
    at_least("queue_ticket", "calls", 0),
    Index("queue_ticket_state", "place", "day", "state"),
)

visit_task = Table(
    "visit_task",
    metadata,
    Column("task_id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("town", String(9), nullable=False),
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("contact_by", String(10), nullable=False),
    Column("fix_by", String(10)),
    Column("created_at", String(40), nullable=False),
    Column("done_at", String(40)),
    Column("done_by", String(64)),
    Column("result_sealed", LargeBinary),
    Column("row_version", Integer, nullable=False),
    Index("visit_task_town", "town", "done_at"),
)
"""`kind`: reminder (a call after a missed appointment) or return_visit (after a bad rating)."""

complaint = Table(
    "complaint",
    metadata,
    Column("complaint_no", String(16), primary_key=True),
    Column("town", String(9), nullable=False),
    Column("site", String(12), nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("case_no", String(22), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("step", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("window_by", String(10), nullable=False),
    Column("department_by", String(10), nullable=False),
    Column("panel_by", String(10), nullable=False),
    Column("district_by", String(10), nullable=False),
    Column("state", String(16), nullable=False),
    Column("row_version", Integer, nullable=False),
    Column("level", String(16), nullable=False),
    Column("answered_by", String(64)),
    Column("answered_at", String(40)),
    Column("answer_sealed", LargeBinary),
    Column("closed_at", String(40)),
    one_of("complaint", "state", ("open", "answered", "closed")),
    Index("complaint_town", "town", "received_at"),
)
"""办不成事. `*_by`: last day of each of the four levels. `case_no` may be empty, and `item_id` too.

`state`: open, answered or closed. `level`: who has to answer it now.
"""

complaint_act = Table(
    "complaint_act",
    metadata,
    Column("complaint_no", ForeignKey("complaint.complaint_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("complaint_no", "n"),
)
"""What was done about a complaint: answered, raised, closed, or overdue by its timer; `level` is the one after it."""

slip_rating = Table(
    "slip_rating",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("stage", Integer, nullable=False),
    Column("satisfaction", String(32), nullable=False),
    Column("labels", Text, nullable=False),
    Column("label_version", Integer, nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("rated_at", String(40), nullable=False),
    Column("received_at", String(40), nullable=False),
    PrimaryKeyConstraint("case_no", "stage"),
)
"""Given later with the slip's code. `stage`: 1 to be done, 2 under way, 3 done: once in each."""

default_rating = Table(
    "default_rating",
    metadata,
    Column("case_no", ForeignKey("service_case.case_no"), primary_key=True),
    Column("noted_at", String(40), nullable=False),
)
"""Nobody answered within the days of the rule. It is kept apart from what people said and counts as nothing."""
