"""The database itself refuses states and counts of help calls, appointments, tickets, complaints and commitments that
cannot be."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KNOWN: dict[str, dict[str, tuple[str, ...]]] = {
    "help_call": {"state": ("sent", "accepted", "unanswered")},
    "appointment": {"state": ("booked", "checked_in", "cancelled", "missed")},
    "queue_ticket": {
        "state": ("waiting", "called", "serving", "finished", "void"),
        "lane": ("normal", "priority"),
    },
    "complaint": {"state": ("open", "answered", "closed")},
    "commitment": {"state": ("made", "kept", "broken", "withdrawn", "lapsed")},
}
_LEAST: dict[str, dict[str, int]] = {
    "help_call": {"ticket": 1},
    "appointment": {"changes": 0},
    "queue_ticket": {"calls": 0},
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
