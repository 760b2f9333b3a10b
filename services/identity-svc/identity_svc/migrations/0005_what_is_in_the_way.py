"""Whoever deletes a user learns which orders the user still has to do with."""

from alembic import op

revision = "identity_0005"
down_revision = "identity_0004"

DDL = """
ALTER TABLE user_account ADD deletion_refused_asks int, ADD deletion_refused_orders jsonb NOT NULL DEFAULT '[]';
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("ALTER TABLE user_account DROP deletion_refused_asks, DROP deletion_refused_orders")
