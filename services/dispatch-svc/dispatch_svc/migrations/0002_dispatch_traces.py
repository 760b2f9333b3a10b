"""What waits in the inbox remembers the span that asked."""

from alembic import op

revision = "dispatch_0002"
down_revision = "dispatch_0001"


def upgrade() -> None:
    op.execute("ALTER TABLE pool_inbox ADD COLUMN traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE pool_inbox DROP COLUMN traceparent")
