"""The first schema of project-svc: copies of other services' data, orders, files, and who waits for what."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "project_0001"
down_revision = None

DDL = """
CREATE TABLE template_version (
    template_id uuid NOT NULL, version int NOT NULL, nodes jsonb NOT NULL, PRIMARY KEY (template_id, version));
CREATE TABLE product (
    product_id uuid PRIMARY KEY, code text NOT NULL, name text NOT NULL, vendor_id uuid NOT NULL,
    template_id uuid NOT NULL, template_version int NOT NULL, offline boolean NOT NULL DEFAULT false);
CREATE INDEX product_code ON product (code);
CREATE TABLE role (role text PRIMARY KEY, name text NOT NULL, side text NOT NULL);
CREATE TABLE demand_form (form text PRIMARY KEY, name text NOT NULL, schema jsonb NOT NULL);
CREATE TABLE party (
    party_id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, account text, customer_number text);
CREATE INDEX party_account ON party (account) WHERE account IS NOT NULL;
CREATE TABLE person (
    user_id uuid PRIMARY KEY, party_id uuid NOT NULL, name text NOT NULL, roles jsonb NOT NULL,
    mobile text, landline text, deleted boolean NOT NULL DEFAULT false);
CREATE TABLE purchase (
    project_id uuid PRIMARY KEY, vendor_id uuid NOT NULL, business_number text NOT NULL,
    order_number text NOT NULL, UNIQUE (vendor_id, business_number));
CREATE INDEX purchase_order_number ON purchase (order_number);
CREATE TABLE file (
    file_id uuid PRIMARY KEY, project_id uuid NOT NULL, name text NOT NULL, size bigint NOT NULL,
    content_type text NOT NULL, sha256 text NOT NULL, storage text NOT NULL,
    uploaded_at timestamptz NOT NULL);
CREATE TABLE waiting (
    project_id uuid PRIMARY KEY, request_id uuid NOT NULL, reason text NOT NULL, queued_at timestamptz NOT NULL);
CREATE TABLE holiday_year (year int PRIMARY KEY, revision int NOT NULL, holidays jsonb NOT NULL);
CREATE TABLE platform_clock (one boolean PRIMARY KEY DEFAULT true CHECK (one), offset_seconds bigint NOT NULL);
CREATE TABLE timer (
    project_id uuid PRIMARY KEY, visit int NOT NULL, timeout int NOT NULL, counted_from timestamptz NOT NULL,
    due_at timestamptz NOT NULL, overdue boolean NOT NULL, generation bigint NOT NULL,
    leased_until timestamptz, attempts int NOT NULL DEFAULT 0);
CREATE INDEX timer_due ON timer (due_at, project_id) WHERE NOT overdue;
CREATE INDEX timer_generation ON timer (generation, project_id);
"""


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("the first schema is never taken back")
