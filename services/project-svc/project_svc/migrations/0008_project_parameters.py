"""Which parameters orders of a product carry."""

from alembic import op

revision = "project_0008"
down_revision = "project_0007"


def upgrade() -> None:
    op.execute("ALTER TABLE product ADD parameters jsonb NOT NULL DEFAULT '[]'")


def downgrade() -> None:
    op.execute("ALTER TABLE product DROP parameters")
