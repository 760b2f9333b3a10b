"""What analysts ask for beyond visits and waits: pauses, messages, the capacity of staff in time, departments, roles of
people, who rejected why, and the working time of visits, reckoned once.

The tables fill from now on; ``dc projection rebuild`` and ``switch`` give them the past as well, without a pause.
Processes of the version before may still write while it is replaced: what they leave out is empty, and views reckon it.
"""

from alembic import op

revision = "reporting_0006"
down_revision = "reporting_0005"

DDL = """
ALTER TABLE party ADD account text;
ALTER TABLE person
    ADD main boolean, ADD roles text[], ADD department_id uuid, ADD deleted boolean NOT NULL DEFAULT false;
ALTER TABLE project ADD paused_at timestamptz, ADD evaluated_at timestamptz;
ALTER TABLE node_visit
    ADD by_party_id uuid, ADD by_role text, ADD reason text, ADD worked_seconds numeric, ADD overdue_seconds numeric;
CREATE INDEX node_visit_left ON node_visit (left_at);
CREATE INDEX project_since ON project (since);
-- both ends in one: which of many intervals hold a midnight is told without their rows
CREATE INDEX project_history_interval ON project_history (until, since);
DROP INDEX project_history_until;

CREATE TABLE department (
    department_id uuid PRIMARY KEY, party_id uuid NOT NULL, name text NOT NULL, parent_id uuid,
    deleted boolean NOT NULL);

CREATE TABLE member (
    provider_id uuid, person_id uuid, maximum int NOT NULL, receiving boolean NOT NULL, since timestamptz NOT NULL,
    PRIMARY KEY (provider_id, person_id));

CREATE TABLE member_history (
    provider_id uuid, person_id uuid, since timestamptz, until timestamptz NOT NULL, maximum int NOT NULL,
    receiving boolean NOT NULL, PRIMARY KEY (provider_id, person_id, since));

CREATE TABLE pause (
    project_id uuid, paused_at timestamptz, run int NOT NULL, vendor_id uuid NOT NULL, product_id uuid NOT NULL,
    provider_id uuid, by_kind text NOT NULL, by_id uuid, ended_at timestamptz,
    outcome text CHECK (outcome IN ('resumed', 'restarted', 'completed', 'cancelled')),
    PRIMARY KEY (project_id, paused_at));

CREATE TABLE occurrence (
    project_id uuid, run int, visit int, trigger text, rule int, vendor_id uuid NOT NULL, product_id uuid NOT NULL,
    provider_id uuid, receiver text NOT NULL, message_template text NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (project_id, run, visit, trigger, rule));

-- Its name is known to the service alone: who could guess it could listen, and tell streams what never happened.
CREATE TABLE channel (name text PRIMARY KEY);
INSERT INTO channel SELECT 'live.' || replace(gen_random_uuid()::text, '-', '');
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
