"""Which parameters a product's orders carry."""

from alembic import op

revision = "template_0004"
down_revision = "template_0003"


def upgrade() -> None:
    op.execute("ALTER TABLE product ADD parameters jsonb NOT NULL DEFAULT '[]'")


def downgrade() -> None:
    op.execute("ALTER TABLE product DROP parameters")
