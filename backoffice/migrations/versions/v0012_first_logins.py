"""When the first password of an account ends, and when its person used it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("first_until", sa.String(40)))
    op.add_column("staff", sa.Column("activated_at", sa.String(40)))
    # Who works today goes on. Of a stopped account nobody knows whether its person ever came: it asks for a renewal.
    op.execute("UPDATE staff SET activated_at = created_at WHERE state = 'active'")


def downgrade() -> None:
    op.drop_column("staff", "activated_at")
    op.drop_column("staff", "first_until")
