"""The read model's tables, with the indexes of the lists: 200,000 projects are paged by key, never by offset."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "reporting_0001"
down_revision = None

DDL = """
CREATE TABLE role (role text PRIMARY KEY, name text NOT NULL, side text NOT NULL, active boolean NOT NULL);

CREATE TABLE product (
    product_id uuid PRIMARY KEY, code text NOT NULL, name text NOT NULL, vendor_id uuid NOT NULL,
    template_id uuid NOT NULL, template_version int NOT NULL, template_name text NOT NULL,
    listed_at timestamptz NOT NULL, taken_offline_at timestamptz);
CREATE INDEX product_of_vendor ON product (vendor_id, listed_at DESC, product_id DESC);
CREATE INDEX product_listed ON product (listed_at DESC, product_id DESC);

CREATE TABLE party (
    party_id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, customer_number text);
CREATE INDEX party_customer_number ON party (customer_number) WHERE customer_number IS NOT NULL;

CREATE TABLE person (user_id uuid PRIMARY KEY, party_id uuid NOT NULL, name text NOT NULL);

CREATE TABLE calendar (
    year int, revision int, holidays jsonb NOT NULL, changed_at timestamptz NOT NULL, PRIMARY KEY (year, revision));

CREATE TABLE clock (clock text PRIMARY KEY, offset_seconds int NOT NULL);

CREATE TABLE provider_configuration (
    product_id uuid PRIMARY KEY, providers jsonb NOT NULL, since timestamptz NOT NULL);

CREATE TABLE configuration_history (
    product_id uuid, since timestamptz, until timestamptz NOT NULL, providers jsonb NOT NULL,
    PRIMARY KEY (product_id, since));
CREATE INDEX configuration_until ON configuration_history (until);

CREATE TABLE waiting (
    request_id uuid, role text, project_id uuid NOT NULL, run int NOT NULL, provider_id uuid,
    reason text NOT NULL, queued_at timestamptz NOT NULL, PRIMARY KEY (request_id, role));
CREATE INDEX waiting_of_project ON waiting (project_id, run);

CREATE TABLE project (
    project_id uuid PRIMARY KEY, order_number text NOT NULL, business_number text NOT NULL,
    vendor_id uuid NOT NULL, customer_id uuid NOT NULL, product_id uuid NOT NULL, product_name text NOT NULL,
    edition text, sales_channel text, valid_until date, created_at timestamptz NOT NULL, run int NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'completed', 'paused', 'cancelled')),
    provider_id uuid, visit int NOT NULL, node text, stage text,
    operator text CHECK (operator IN ('system', 'customer', 'staff')),
    role text, assignee_id uuid, entered_at timestamptz,
    timeout int NOT NULL, clock_from timestamptz, since timestamptz NOT NULL, ended_at timestamptz,
    overdue_side text CHECK (overdue_side IN ('server', 'customer')), overdue jsonb);
CREATE INDEX project_of_vendor ON project (vendor_id, state, created_at DESC, project_id DESC);
CREATE INDEX project_of_provider ON project (provider_id, state, created_at DESC, project_id DESC);
CREATE INDEX project_in_state ON project (state, created_at DESC, project_id DESC);
CREATE INDEX project_of_customer ON project (customer_id, created_at DESC, project_id DESC);
CREATE INDEX project_pending ON project (assignee_id, created_at DESC, project_id DESC) WHERE state = 'running';
CREATE INDEX project_order_number ON project (order_number text_pattern_ops);
CREATE INDEX project_created_of_vendor ON project (vendor_id, created_at);
CREATE INDEX project_created_of_provider ON project (provider_id, created_at);
CREATE INDEX project_finished_of_vendor ON project (vendor_id, ended_at) WHERE state = 'completed';
CREATE INDEX project_finished_of_provider ON project (provider_id, ended_at) WHERE state = 'completed';

CREATE TABLE project_history (
    project_id uuid, since timestamptz, until timestamptz NOT NULL, state text NOT NULL, provider_id uuid,
    timeout int NOT NULL, clock_from timestamptz, PRIMARY KEY (project_id, since));
CREATE INDEX project_history_until ON project_history (until);

CREATE TABLE handled (
    project_id uuid, person_id uuid, handled_at timestamptz NOT NULL, PRIMARY KEY (project_id, person_id));
CREATE INDEX handled_by ON handled (person_id);

CREATE TABLE touched_day (source text, day date, position bigint NOT NULL, PRIMARY KEY (source, day));

CREATE TABLE figure (day date, name text, seen jsonb NOT NULL, value jsonb NOT NULL, PRIMARY KEY (day, name));
"""


def upgrade() -> None:
    create_mechanism(event_sourced=False)
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
