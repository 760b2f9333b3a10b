"""What an order said of its buyer; order numbers as they are compared."""

from alembic import op
from delivery_shared.migrate import fill_keys

revision = "notify_0003"
down_revision = "notify_0002"


def upgrade() -> None:
    op.execute("ALTER TABLE project ADD customer_name text, ADD order_key text")
    fill_keys("project", "order_number", "order_key")
    op.execute(
        "CREATE INDEX project_order_key ON project (order_key); CREATE INDEX message_of_project ON message (project_id)"
    )


def downgrade() -> None:
    raise NotImplementedError("copies are not taken back")
