"""Whoever deletes a user learns how many projects the user still holds."""

from alembic import op

revision = "identity_0003"
down_revision = "identity_0002"


def upgrade() -> None:
    op.execute("ALTER TABLE user_account ADD COLUMN deletion_refused_held int")


def downgrade() -> None:
    op.execute("ALTER TABLE user_account DROP COLUMN deletion_refused_held")
