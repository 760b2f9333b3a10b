"""Customers come by links: contacts of orders, sessions, devices and codes of theirs, and links asked for anew."""

from alembic import op

revision = "identity_0006"
down_revision = "identity_0005"

DDL = """
ALTER TABLE party ADD link_hours int NOT NULL DEFAULT 72;

CREATE TABLE contact (
    project_id uuid PRIMARY KEY, customer_id uuid NOT NULL, vendor_id uuid NOT NULL, product_name text NOT NULL,
    version int NOT NULL, gone boolean NOT NULL);
CREATE TABLE link_session (
    session_id uuid PRIMARY KEY, project_id uuid NOT NULL, version int NOT NULL, hash bytea NOT NULL,
    device bytea NOT NULL, expires_at timestamptz NOT NULL);
CREATE INDEX link_session_project ON link_session (project_id);
CREATE INDEX link_session_expiry ON link_session (expires_at);
CREATE TABLE link_device (
    project_id uuid NOT NULL, version int NOT NULL, device bytea NOT NULL, until timestamptz NOT NULL,
    PRIMARY KEY (project_id, version, device));
CREATE INDEX link_device_expiry ON link_device (until);
CREATE TABLE link_code (
    project_id uuid NOT NULL, number int NOT NULL, version int NOT NULL, device bytea NOT NULL,
    expires_at timestamptz NOT NULL, attempts int NOT NULL DEFAULT 0, PRIMARY KEY (project_id, number));
CREATE INDEX link_code_expiry ON link_code (expires_at);
CREATE TABLE link_wish (
    key bytea PRIMARY KEY, project_id uuid, version int, wished_at timestamptz NOT NULL);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("what lets customers in is not taken back")
