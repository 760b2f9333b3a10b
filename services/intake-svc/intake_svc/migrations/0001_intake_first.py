"""Connections, their SKU maps and health; orders, notices, and the keys that seal what is secret or personal."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "intake_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE connection (
    id uuid PRIMARY KEY, vendor_id uuid NOT NULL, kind text NOT NULL, name text NOT NULL, token text NOT NULL UNIQUE,
    stage text NOT NULL, ready_when text NOT NULL, front_url text, secrets jsonb NOT NULL,
    opened_at timestamptz NOT NULL, version bigint NOT NULL);
CREATE INDEX connection_of_vendor ON connection (vendor_id, opened_at, id);
CREATE INDEX connection_newest ON connection (opened_at, id);

CREATE TABLE connection_key (connection_id uuid PRIMARY KEY, key bytea NOT NULL);

CREATE TABLE connection_health (
    connection_id uuid PRIMARY KEY, answered bigint NOT NULL DEFAULT 0, last_notice_at timestamptz, skew_ms bigint,
    signature_errors bigint NOT NULL DEFAULT 0, last_signature_error_at timestamptz,
    clock_errors bigint NOT NULL DEFAULT 0, last_clock_error_at timestamptz,
    malformed bigint NOT NULL DEFAULT 0, last_malformed_at timestamptz);

CREATE TABLE sku (
    connection_id uuid NOT NULL, product_code text NOT NULL, sku text NOT NULL, product_id uuid NOT NULL,
    edition text, facts jsonb NOT NULL, place int NOT NULL, PRIMARY KEY (connection_id, product_code, sku));

CREATE TABLE marketplace_order (
    id uuid PRIMARY KEY, connection_id uuid NOT NULL, vendor_id uuid NOT NULL, kind text NOT NULL,
    order_key text NOT NULL, order_number text, business_number text, product_id uuid, sku text, edition text,
    quantity int NOT NULL, trial boolean NOT NULL, test boolean NOT NULL, valid_until date, state text NOT NULL,
    frozen boolean NOT NULL, expired boolean NOT NULL, seen_at timestamptz NOT NULL, ready_at timestamptz,
    version bigint NOT NULL);
CREATE INDEX marketplace_order_unready ON marketplace_order (seen_at)
    WHERE ready_at IS NULL AND NOT test AND state <> 'ended';

CREATE TABLE order_key (
    project_id uuid PRIMARY KEY, key bytea NOT NULL, customer_id uuid, customer_number_key text);
CREATE INDEX order_key_of_customer ON order_key (customer_id);
CREATE INDEX order_key_of_number ON order_key (customer_number_key);

CREATE TABLE notice (
    id uuid PRIMARY KEY, connection_id uuid NOT NULL, order_id uuid NOT NULL, order_key text NOT NULL,
    key text NOT NULL, number int NOT NULL, verb text NOT NULL, state text NOT NULL, reason text, effect text,
    received_at timestamptz NOT NULL, UNIQUE (connection_id, key));
CREATE INDEX notice_newest ON notice (connection_id, received_at, id);
CREATE INDEX notice_parked ON notice (connection_id, received_at, id) WHERE state = 'parked';
CREATE INDEX notice_of_order ON notice (order_id);

CREATE TABLE product (
    product_id uuid PRIMARY KEY, vendor_id uuid NOT NULL, code text NOT NULL, name text NOT NULL,
    offline boolean NOT NULL DEFAULT false);
CREATE INDEX product_of_vendor ON product (vendor_id, code);

CREATE TABLE party (party_id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, number_key text);

CREATE TABLE platform_clock (one boolean PRIMARY KEY, offset_seconds bigint NOT NULL);
"""


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the first revision is not taken back")
