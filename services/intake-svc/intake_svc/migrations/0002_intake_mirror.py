"""Mirrors: what the marketplace's own delivery center is to be told of the projects of a connection."""

from alembic import op

revision = "intake_0002"
down_revision = "intake_0001"

DDL = """
ALTER TABLE connection ADD mirror jsonb;

CREATE TABLE report (
    id uuid PRIMARY KEY, project_id uuid NOT NULL, connection_id uuid NOT NULL, number int NOT NULL, act text NOT NULL,
    step int, name text, node_id bigint, state text NOT NULL, reason text, asked_at timestamptz NOT NULL,
    ended_at timestamptz, UNIQUE (project_id, number));
CREATE INDEX report_newest ON report (connection_id, asked_at, id);
CREATE INDEX report_open ON report (project_id, number) WHERE state IN ('waiting', 'parked');

CREATE TABLE report_try (report_id uuid PRIMARY KEY, tries int NOT NULL, next_at timestamptz NOT NULL, reason text);

CREATE TABLE mirror_line (
    connection_id uuid PRIMARY KEY, failures int NOT NULL, next_at timestamptz, error text, failed_at timestamptz,
    answered_at timestamptz);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE mirror_line; DROP TABLE report_try; DROP TABLE report; ALTER TABLE connection DROP mirror")
