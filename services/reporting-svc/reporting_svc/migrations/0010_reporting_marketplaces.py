"""Whose number an order's buyer has; of orders from before the home marketplace's."""

from alembic import op

revision = "reporting_0010"
down_revision = "reporting_0009"


def upgrade() -> None:
    op.execute("ALTER TABLE buyer ADD marketplace text NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE buyer DROP marketplace")
