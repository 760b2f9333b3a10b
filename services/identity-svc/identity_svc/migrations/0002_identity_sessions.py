"""A refresh whose answer was lost is answered again."""

from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"

TABLES = """
ALTER TABLE token ADD COLUMN seed bytea;
CREATE INDEX token_seed ON token (used_at) WHERE seed IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("stored sessions are not taken back")
