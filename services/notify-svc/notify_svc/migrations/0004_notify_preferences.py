"""How everybody wants to be told."""

from alembic import op

revision = "notify_0004"
down_revision = "notify_0003"

DDL = """
CREATE TABLE preference (
    person_id uuid PRIMARY KEY, muted text[] NOT NULL, quiet_from int, quiet_to int,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)));
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE preference")
