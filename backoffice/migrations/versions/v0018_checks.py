"""The database itself refuses amounts, counts and states that cannot be."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_CASE_STATES = (
    "accepted",
    "handed_over",
    "admitted",
    "under_review",
    "technical_review",
    "to_decide",
    "approved",
    "issued",
    "noticed",
    "supplemented",
    "expired",
    "refusal_proposed",
    "refused",
    "withdrawn",
    "transferred",
    "waiting",
    "completed",
    "repeated",
)
_PAYMENT_STATES = ("created", "sent", "unknown", "paid", "reversing", "booked", "refused", "reversed")
_KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "service_case": {"state": _CASE_STATES},
    "bill": {"state": ("open", "locked", "paid", "replaced")},
    "payment": {"state": _PAYMENT_STATES, "way": ("slip", "code", "authority")},
    "upload": {"state": ("open", "complete", "refused")},
    "document_copy": {"state": ("made", "printed", "unknown", "failed")},
}
_LEAST: dict[str, dict[str, int]] = {
    "service_case": {"row_version": 1},
    "bill": {"total_fen": 0},
    "bill_line": {"amount_fen": 0},
    "deduction_authority": {"year_limit_fen": 1},
    "payment": {"amount_fen": 1, "n": 1},
    "upload": {"received": 0, "pieces": 0},
    "document_copy": {"n": 1},
}
_TABLES = tuple(dict.fromkeys((*_KNOWN, *_LEAST)))


def _checks(table: str) -> dict[str, str]:
    known = {
        f"{table}_{column}_known": f"{column} IN ({', '.join(repr(value) for value in values)})"
        for column, values in _KNOWN.get(table, {}).items()
    }
    return known | {
        f"{table}_{column}_least": f"{column} >= {least}" for column, least in _LEAST.get(table, {}).items()
    }


def upgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as changed:
            for name, condition in _checks(table).items():
                changed.create_check_constraint(name, sa.text(condition))


def downgrade() -> None:
    for table in reversed(_TABLES):
        with op.batch_alter_table(table) as changed:
            for name in _checks(table):
                changed.drop_constraint(name, type_="check")
