"""How far everybody has read what is said in a project; templates without default messages; when to look at a timer.

Timers that count already look at nothing before they are due."""

from alembic import op

revision = "project_0005"
down_revision = "project_0004"

DDL = """
CREATE TABLE talk_seen (
    project_id uuid NOT NULL, user_id uuid NOT NULL, seen_at timestamptz NOT NULL, PRIMARY KEY (project_id, user_id));
CREATE TABLE default_messages (template_id uuid PRIMARY KEY, offered boolean NOT NULL);
ALTER TABLE timer ADD next_at timestamptz;
CREATE INDEX timer_next ON timer ((coalesce(next_at, due_at)), project_id) WHERE NOT overdue;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP INDEX timer_next; ALTER TABLE timer DROP next_at; DROP TABLE default_messages, talk_seen")
