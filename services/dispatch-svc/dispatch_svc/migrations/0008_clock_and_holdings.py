"""How far the clock was moved is known of what was moved before there was a copy of it, too. What somebody was given is
found by the person."""

from alembic import op

revision = "dispatch_0008"
down_revision = "dispatch_0007"

DDL = """
CREATE INDEX decision_person ON decision (person_id) WHERE person_id IS NOT NULL;
-- What template-svc has said so far is read again; the copies it writes stay the same.
UPDATE feed_position SET position = 0, stream_offset = NULL WHERE feed = 'dispatch' AND source = 'template';
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP INDEX decision_person")
