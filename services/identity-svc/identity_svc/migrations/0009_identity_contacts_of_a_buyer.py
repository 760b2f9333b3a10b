"""Whoever claims an account is held against all contacts of the buyer."""

from alembic import op

revision = "identity_0009"
down_revision = "identity_0008"


def upgrade() -> None:
    op.execute("CREATE INDEX contact_of_customer ON contact (customer_id) WHERE NOT gone")


def downgrade() -> None:
    op.execute("DROP INDEX contact_of_customer")
