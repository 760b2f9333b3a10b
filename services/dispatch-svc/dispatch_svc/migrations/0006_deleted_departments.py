"""The queue tells that the department an order waits for was deleted."""

from alembic import op

revision = "dispatch_0006"
down_revision = "dispatch_0005"

FILL = """
UPDATE department SET deleted = true FROM dispatch_events
WHERE topic = 'dispatch:ProviderPool.DepartmentRemoved'
    AND department_id = (convert_from(state, 'UTF8')::jsonb -> 'department_id' ->> '_data_')::uuid
"""


def upgrade() -> None:
    op.execute("ALTER TABLE department ADD COLUMN deleted boolean NOT NULL DEFAULT false")
    op.execute(FILL)


def downgrade() -> None:
    op.execute("ALTER TABLE department DROP COLUMN deleted")
