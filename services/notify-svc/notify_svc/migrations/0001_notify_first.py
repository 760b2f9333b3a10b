"""Copies, reminder occurrences, the in-site box and deliveries on other channels."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "notify_0001"
down_revision = None

DDL = """
CREATE TABLE message_template (
    message_template text PRIMARY KEY, title text NOT NULL, body text NOT NULL, channels text[] NOT NULL,
    problem text);

CREATE TABLE party (party_id uuid PRIMARY KEY, name text NOT NULL);

CREATE TABLE person (
    user_id uuid PRIMARY KEY, party_id uuid NOT NULL, main boolean NOT NULL, name text NOT NULL,
    roles text[] NOT NULL, mobile text, email text, deleted boolean NOT NULL);
CREATE INDEX person_of_party ON person (party_id) WHERE NOT deleted;

CREATE TABLE project (
    project_id uuid PRIMARY KEY, order_number text NOT NULL, business_number text NOT NULL,
    product_name text NOT NULL, vendor_id uuid NOT NULL, customer_id uuid NOT NULL, provider_id uuid,
    run int NOT NULL, ended boolean NOT NULL, node_type text, side text, role text,
    assignee_id uuid);

CREATE TABLE holder (
    project_id uuid, role text, run int NOT NULL, person_id uuid NOT NULL, PRIMARY KEY (project_id, role));

CREATE TABLE occurrence (
    project_id uuid, run int, visit int, trigger text, rule int, receiver text NOT NULL,
    message_template text NOT NULL, provider_id uuid, receivers int NOT NULL, channels text[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (project_id, run, visit, trigger, rule));

CREATE TABLE message (
    message_id uuid PRIMARY KEY, project_id uuid NOT NULL, run int NOT NULL, visit int NOT NULL,
    trigger text NOT NULL, rule int NOT NULL, person_id uuid NOT NULL, party_id uuid NOT NULL,
    order_number text NOT NULL, node_name text NOT NULL, title text NOT NULL, body text NOT NULL,
    created_at timestamptz NOT NULL, read_at timestamptz,
    FOREIGN KEY (project_id, run, visit, trigger, rule) REFERENCES occurrence,
    UNIQUE (project_id, run, visit, trigger, rule, person_id));
CREATE INDEX message_box ON message (person_id, created_at DESC, message_id DESC);
CREATE INDEX message_unread ON message (person_id, created_at DESC, message_id DESC) WHERE read_at IS NULL;

CREATE INDEX message_of_order ON message (order_number);

CREATE TABLE delivery (
    delivery_id uuid PRIMARY KEY, message_id uuid NOT NULL REFERENCES message,
    channel text NOT NULL CHECK (channel IN ('sms', 'email')),
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'skipped', 'not_configured', 'parked')),
    attempts int NOT NULL DEFAULT 0, next_try timestamptz NOT NULL DEFAULT now(), hinted_at timestamptz,
    result text, sent_at timestamptz, created_at timestamptz NOT NULL,
    UNIQUE (message_id, channel), CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (state NOT IN ('sent', 'parked') OR attempts > 0));
CREATE INDEX delivery_due ON delivery (next_try) WHERE state = 'waiting';
CREATE INDEX delivery_newest ON delivery (created_at DESC, delivery_id DESC);
CREATE INDEX delivery_in_state ON delivery (state, created_at DESC, delivery_id DESC);

CREATE TABLE omission (
    omission_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, project_id uuid NOT NULL, run int NOT NULL,
    visit int NOT NULL, trigger text NOT NULL, rule int NOT NULL, person_id uuid, reason text NOT NULL,
    FOREIGN KEY (project_id, run, visit, trigger, rule) REFERENCES occurrence);
CREATE UNIQUE INDEX omission_once ON omission (project_id, run, visit, trigger, rule, person_id);
"""


def upgrade() -> None:
    create_mechanism(event_sourced=False)
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("messages already sent cannot be unsent")
