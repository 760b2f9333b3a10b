"""Which parameters orders of a product carry, and which one a parked order lacks."""

from alembic import op

revision = "intake_0003"
down_revision = "intake_0002"


def upgrade() -> None:
    op.execute("ALTER TABLE product ADD parameters jsonb NOT NULL DEFAULT '[]'; ALTER TABLE notice ADD parameter text")


def downgrade() -> None:
    op.execute("ALTER TABLE product DROP parameters; ALTER TABLE notice DROP parameter")
