"""Bills, payments and what reconciliation found. `payment_event` is only ever inserted into."""

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

from backoffice.domain.payment import PayState, Way
from backoffice.store.checks import at_least, one_of
from backoffice.store.metadata import metadata

bill = Table(
    "bill",
    metadata,
    Column("bill_no", String(24), primary_key=True),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("site", String(12), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("person_index", String(64), nullable=False),
    Column("total_fen", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("valid_until", String(40), nullable=False),
    Column("paid_at", String(40)),
    Column("receipt_no", String(32)),
    at_least("bill", "total_fen", 0),
    one_of("bill", "state", ("open", "locked", "paid", "replaced")),
    Index("bill_person", "person_index"),
)
"""`state`: open, locked (a payment is under way or nobody knows), paid, replaced (by a choice of its lines)."""

bill_line = Table(
    "bill_line",
    metadata,
    Column("bill_no", ForeignKey("bill.bill_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("what", String(40), nullable=False),
    Column("standing", String(24), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("period", String(16), nullable=False),
    Column("source", String(8), nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("due_index", String(64), nullable=False),
    Column("payer_sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("bill_no", "n"),
    at_least("bill_line", "amount_fen", 0),
    Index("bill_line_due", "due_index"),
)
"""`due_index` names one debt: two bills about the same debt carry the same."""

due_claim = Table(
    "due_claim",
    metadata,
    Column("due_index", String(64), primary_key=True),
    Column("reference", String(26), nullable=False),
    Index("due_claim_reference", "reference"),
)
"""A debt that a payment is under way for; the key makes a second one impossible, whichever bill it is on."""

deduction_authority = Table(
    "deduction_authority",
    metadata,
    Column("authority_id", String(36), primary_key=True),
    Column("person_index", String(64), nullable=False),
    Column("item_id", String(16), nullable=False),
    Column("year_limit_fen", BigInteger, nullable=False),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("paper_digest", ForeignKey("stored_file.digest"), nullable=False),
    Column("device", ForeignKey("device.device"), nullable=False),
    Column("site", String(12), nullable=False),
    Column("given_at", String(40), nullable=False),
    Column("revoked_at", String(40)),
    Column("in_force", String(81)),
    UniqueConstraint("in_force", name="deduction_authority_in_force"),
    at_least("deduction_authority", "year_limit_fen", 1),
)
"""`paper_digest`: the scan of what was signed. `in_force`: person and item, empty once revoked: one at a time."""

payment = Table(
    "payment",
    metadata,
    Column("reference", String(26), primary_key=True),
    Column("case_no", ForeignKey("service_case.case_no"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("bill_no", ForeignKey("bill.bill_no"), nullable=False),
    Column("way", String(16), nullable=False),
    Column("authority_id", ForeignKey("deduction_authority.authority_id")),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("slip_code", String(32)),
    Column("expires_on", String(10), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("paid_at", String(40)),
    Column("ended_at", String(40)),
    UniqueConstraint("case_no", "n", name="payment_attempt"),
    at_least("payment", "amount_fen", 1),
    at_least("payment", "n", 1),
    one_of("payment", "state", PayState),
    one_of("payment", "way", Way),
    Index("payment_state", "state"),
    Index("payment_bill", "bill_no"),
)

payment_event = Table(
    "payment_event",
    metadata,
    Column("reference", ForeignKey("payment.reference"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("move", String(16), nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    PrimaryKeyConstraint("reference", "n"),
)

reconciliation = Table(
    "reconciliation",
    metadata,
    Column("day", String(10), nullable=False),
    Column("run", Integer, nullable=False),
    Column("at", String(40), nullable=False),
    Column("matched", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("unclear", Integer, nullable=False),
    Column("differences", Text, nullable=False),
    PrimaryKeyConstraint("day", "run"),
)
"""`differences`: JSON list of {kind, reference, txn}, for a human."""
