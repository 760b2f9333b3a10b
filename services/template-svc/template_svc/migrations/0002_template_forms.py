"""Demand forms keep the order of their fields, which ``jsonb`` forgets: a form is shown in it."""

from alembic import op

revision = "template_0002"
down_revision = "template_0001"


def upgrade() -> None:
    op.execute("ALTER TABLE demand_form ALTER COLUMN schema TYPE json")


def downgrade() -> None:
    raise NotImplementedError("the order of fields is not taken back")
