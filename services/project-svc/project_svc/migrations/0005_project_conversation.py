"""How far everybody has read what is said in a project."""

from alembic import op

revision = "project_0005"
down_revision = "project_0004"

DDL = """
CREATE TABLE talk_seen (
    project_id uuid NOT NULL, user_id uuid NOT NULL, seen_at timestamptz NOT NULL, PRIMARY KEY (project_id, user_id));
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE talk_seen")
