"""A delivery remembers the span that caused it."""

from alembic import op

revision = "notify_0002"
down_revision = "notify_0001"


def upgrade() -> None:
    op.execute("ALTER TABLE delivery ADD COLUMN traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE delivery DROP COLUMN traceparent")
