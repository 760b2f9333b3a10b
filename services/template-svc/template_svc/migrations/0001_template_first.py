"""The lists of template-svc: templates, products, reference data."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "template_0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE template_serial;
CREATE TABLE template (
    id uuid PRIMARY KEY, serial bigint NOT NULL UNIQUE, name text NOT NULL, description text NOT NULL,
    owner_id uuid, state text NOT NULL, revision text,
    bindings bigint NOT NULL DEFAULT 0, version bigint NOT NULL, created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL, published_at timestamptz);
CREATE UNIQUE INDEX template_name ON template (coalesce(owner_id, '00000000-0000-0000-0000-000000000000'), name);
CREATE TABLE product (
    id uuid PRIMARY KEY, vendor_id uuid NOT NULL, code text NOT NULL, name text NOT NULL,
    template_id uuid NOT NULL, historical boolean NOT NULL, version bigint NOT NULL, listed_at timestamptz NOT NULL,
    offline_at timestamptz);
CREATE UNIQUE INDEX product_code ON product (vendor_id, code);
CREATE INDEX product_newest ON product (listed_at, id);
CREATE INDEX product_of_vendor ON product (vendor_id, listed_at, id);
CREATE INDEX product_template ON product (template_id);
CREATE TABLE historical_product (
    id uuid PRIMARY KEY, vendor_id uuid NOT NULL, code text NOT NULL, name text NOT NULL, product_id uuid,
    recorded_at timestamptz NOT NULL, offline_at timestamptz, version bigint NOT NULL);
CREATE UNIQUE INDEX historical_product_code ON historical_product (vendor_id, code);
CREATE INDEX historical_product_newest ON historical_product (recorded_at, id);
CREATE TABLE party (party_id uuid PRIMARY KEY, name text NOT NULL, kind text NOT NULL, account text);
CREATE INDEX party_account ON party (account);
CREATE TABLE role (
    code text PRIMARY KEY, name text NOT NULL, side text NOT NULL,
    active boolean NOT NULL, version bigint NOT NULL);
CREATE TABLE demand_form (
    code text PRIMARY KEY, name text NOT NULL, schema jsonb NOT NULL,
    active boolean NOT NULL, version bigint NOT NULL);
CREATE TABLE message_template (
    code text PRIMARY KEY, name text NOT NULL, title text NOT NULL,
    body text NOT NULL, channels text[] NOT NULL, remark text NOT NULL, active boolean NOT NULL,
    version bigint NOT NULL);
CREATE TABLE holiday_year (
    year int PRIMARY KEY, holidays jsonb NOT NULL, provisional boolean NOT NULL, version bigint NOT NULL);
"""
# The name of a template is unique among those of its owner (T-10), the code of a product among its vendor's.


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("the first revision is not taken back")
