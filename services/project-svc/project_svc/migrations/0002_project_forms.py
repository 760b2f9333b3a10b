"""Demand forms keep the order of their fields, which ``jsonb`` forgets: the console shows them in it."""

from alembic import op

revision = "project_0002"
down_revision = "project_0001"


def upgrade() -> None:
    op.execute("ALTER TABLE demand_form ALTER COLUMN schema TYPE json")


def downgrade() -> None:
    raise NotImplementedError("the order of fields is not taken back")
