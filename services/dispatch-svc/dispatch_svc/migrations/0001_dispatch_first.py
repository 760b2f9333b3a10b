"""Inbox and wakes of the pools, decisions by request, and copies of other services' names."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "dispatch_0001"
down_revision = None

TABLES = """
CREATE SEQUENCE wake_seq;
CREATE TABLE wake (pool text PRIMARY KEY, seq bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());

CREATE SEQUENCE arrival_seq;
CREATE TABLE pool_inbox (
    arrival bigint PRIMARY KEY DEFAULT nextval('arrival_seq'),
    pool text NOT NULL, kind text NOT NULL, class text NOT NULL, ask text, request_id uuid,
    project_id uuid NOT NULL, run int NOT NULL,
    vendor_id uuid, customer_id uuid, product_id uuid, order_number text,
    provider_id uuid, role text, department_id uuid, person_id uuid,
    suspended boolean NOT NULL DEFAULT false, queued_at timestamptz NOT NULL, reason text NOT NULL DEFAULT '',
    attempts int NOT NULL DEFAULT 0, next_try timestamptz, parked_at timestamptz, error text,
    correlation_id text NOT NULL, causation_id text NOT NULL,
    CONSTRAINT kinds CHECK (kind IN ('ask', 'wanted', 'claim', 'release')));
CREATE UNIQUE INDEX pool_inbox_ask ON pool_inbox (ask);
CREATE INDEX pool_inbox_request ON pool_inbox (request_id);
CREATE INDEX pool_inbox_project ON pool_inbox (project_id);
CREATE INDEX pool_inbox_asks ON pool_inbox (pool, class, arrival)
    WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL;
CREATE INDEX pool_inbox_reasons ON pool_inbox (pool, class, reason)
    WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL;
CREATE INDEX pool_inbox_urgent ON pool_inbox (pool, arrival) WHERE kind <> 'ask' AND parked_at IS NULL;
CREATE INDEX pool_inbox_vendor ON pool_inbox (vendor_id, arrival) WHERE kind = 'ask';
CREATE INDEX pool_inbox_provider ON pool_inbox (provider_id, arrival) WHERE kind = 'ask';
CREATE INDEX pool_inbox_retry ON pool_inbox (next_try) WHERE next_try IS NOT NULL AND parked_at IS NULL;
CREATE INDEX pool_inbox_parked ON pool_inbox (parked_at) WHERE parked_at IS NOT NULL;

CREATE TABLE pool_class (
    pool text NOT NULL, class text NOT NULL, reason text NOT NULL, last_attempt timestamptz NOT NULL,
    seq bigint NOT NULL, PRIMARY KEY (pool, class));

CREATE TABLE decision (
    ask text PRIMARY KEY, request_id uuid NOT NULL, level text NOT NULL, outcome text NOT NULL,
    pool text NOT NULL, stream uuid NOT NULL, version bigint NOT NULL, class text NOT NULL,
    project_id uuid NOT NULL, vendor_id uuid NOT NULL, provider_id uuid, person_id uuid, role text,
    reason text, decided_at timestamptz NOT NULL);
CREATE INDEX decision_request ON decision (request_id);

CREATE TABLE party (party_id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL);
CREATE TABLE department (department_id uuid PRIMARY KEY, party_id uuid NOT NULL, name text NOT NULL);
CREATE TABLE person (
    user_id uuid PRIMARY KEY, party_id uuid NOT NULL, name text NOT NULL, login_name text NOT NULL);
CREATE TABLE product (
    product_id uuid PRIMARY KEY, code text NOT NULL, name text NOT NULL, vendor_id uuid NOT NULL);
CREATE TABLE role (role text PRIMARY KEY, name text NOT NULL);
"""


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the first revision is the beginning")
