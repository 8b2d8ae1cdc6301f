"""Lists and figures find their rows by an index, however many cases there are."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INDEXES = (
    ("service_case_town", "service_case", ["town", "accepted_at"]),
    ("service_case_accepted", "service_case", ["accepted_at", "case_no"]),
    ("service_case_item", "service_case", ["item_id", "accepted_at"]),
    ("service_case_device", "service_case", ["device", "accepted_at"]),
    ("case_work_town", "case_work", ["town", "order_day", "slot", "case_no"]),
    ("refusal_proposed", "refusal", ["proposed_at", "case_no", "n"]),
    ("delivery_prepared", "delivery", ["way", "prepared_at", "case_no", "n"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
