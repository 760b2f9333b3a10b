"""Rows of the log keep the names roles had. Who serves which product is known of what was configured before there was a
copy of it, too."""

from alembic import op

revision = "project_0007"
down_revision = "project_0006"

DDL = """
CREATE TABLE role_name (
    role text NOT NULL, until timestamptz NOT NULL, name text NOT NULL, PRIMARY KEY (role, until));
ALTER TABLE role ADD named_at timestamptz;
-- What dispatch has said so far is read again: answers that were heard change nothing, the copies become whole.
UPDATE feed_position SET position = 0, stream_offset = NULL WHERE feed = 'project' AND source = 'dispatch';
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE role_name; ALTER TABLE role DROP named_at")
