"""What analysts ask for: visits, assignments, waits, templates and the messages about projects.

The tables are filled from the first message on, so the whole read model is read anew: lists are incomplete until then.
"""

from alembic import op

revision = "reporting_0002"
down_revision = "reporting_0001"

DDL = """
ALTER TABLE project
    ADD template_id uuid, ADD template_version int, ADD type text, ADD step int,
    ADD left_visit int NOT NULL DEFAULT 0, ADD stars int CHECK (stars BETWEEN 1 AND 5);

ALTER TABLE project_history ADD vendor_id uuid, ADD product_id uuid, ADD created_at timestamptz;
CREATE INDEX project_history_of_vendor ON project_history (vendor_id);

CREATE TABLE node_visit (
    project_id uuid, visit int, run int NOT NULL, vendor_id uuid NOT NULL, product_id uuid NOT NULL, provider_id uuid,
    node text NOT NULL, name text NOT NULL, type text NOT NULL, step int NOT NULL, operator text NOT NULL, role text,
    assignee_id uuid, timeout int NOT NULL, entered_at timestamptz NOT NULL, clock_from timestamptz NOT NULL,
    left_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('completed', 'rejected', 'restarted', 'cancelled')),
    by_kind text, by_id uuid, PRIMARY KEY (project_id, visit));

CREATE TABLE project_event (
    position bigint PRIMARY KEY, at timestamptz NOT NULL, type text NOT NULL, project_id uuid NOT NULL,
    run int NOT NULL, data json NOT NULL);
CREATE INDEX project_restarted ON project_event (project_id, run) WHERE type = 'project.project_restarted';

CREATE TABLE dispatch_event (
    position bigint PRIMARY KEY, at timestamptz NOT NULL, type text NOT NULL, project_id uuid NOT NULL,
    run int NOT NULL, data json NOT NULL);

CREATE TABLE assignment (
    request_id uuid, role text, project_id uuid NOT NULL, run int NOT NULL, provider_id uuid NOT NULL,
    person_id uuid, department_id uuid, assigned_at timestamptz NOT NULL, PRIMARY KEY (request_id, role));

CREATE TABLE decision (
    request_id uuid, role text, project_id uuid NOT NULL, run int NOT NULL, provider_id uuid, how text NOT NULL,
    candidates jsonb NOT NULL, excluded jsonb NOT NULL, PRIMARY KEY (request_id, role));

CREATE TABLE queue_wait (
    request_id uuid, role text, project_id uuid NOT NULL, run int NOT NULL, provider_id uuid, reason text NOT NULL,
    queued_at timestamptz NOT NULL, PRIMARY KEY (request_id, role));

CREATE TABLE template (
    template_id uuid, version int, serial int NOT NULL, name text NOT NULL, owner_id uuid, nodes jsonb NOT NULL,
    PRIMARY KEY (template_id, version));

CREATE TABLE freshness (source text PRIMARY KEY, at timestamptz NOT NULL);

-- A read model holds nothing that the messages do not say: those read so far are read again for the new tables.
TRUNCATE role, product, party, person, calendar, clock, provider_configuration, configuration_history, waiting,
    project, project_history, handled, touched_day, figure;
UPDATE feed_position SET position = 0, stream_offset = NULL WHERE feed = 'reporting';
DELETE FROM parked WHERE feed = 'reporting';

ALTER TABLE project ALTER template_id SET NOT NULL, ALTER template_version SET NOT NULL,
    ALTER left_visit DROP DEFAULT;
ALTER TABLE project_history ALTER vendor_id SET NOT NULL, ALTER product_id SET NOT NULL, ALTER created_at SET NOT NULL;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
