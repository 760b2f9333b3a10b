"""Keys, credentials, sessions and the lists of identity-svc."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "identity_0001"
down_revision = None
branch_labels = ("identity",)
depends_on = None

TABLES = """
CREATE TABLE party (
    party_id uuid PRIMARY KEY, kind text NOT NULL, name text NOT NULL, account text NOT NULL UNIQUE,
    customer_number text UNIQUE, registered_at timestamptz NOT NULL,
    revision bigint NOT NULL DEFAULT 0);
CREATE INDEX party_order ON party (registered_at, party_id);

CREATE TABLE department (
    department_id uuid PRIMARY KEY, party_id uuid NOT NULL, parent_id uuid, name text NOT NULL);
CREATE INDEX department_party ON department (party_id);

CREATE TABLE user_account (
    user_id uuid PRIMARY KEY, party_id uuid NOT NULL, side text NOT NULL, main boolean NOT NULL,
    login_name text NOT NULL UNIQUE, roles text[] NOT NULL, department_id uuid,
    name text NOT NULL, mobile text, landline text, email text,
    state text NOT NULL, revision int NOT NULL, deletion_refused_at timestamptz, created_at timestamptz NOT NULL);
CREATE INDEX user_account_order ON user_account (party_id, side, created_at, user_id);
CREATE INDEX user_account_department ON user_account (department_id);

CREATE TABLE person_key (user_id uuid PRIMARY KEY, key bytea NOT NULL);

CREATE TABLE credential (
    user_id uuid PRIMARY KEY, hash text NOT NULL, initial boolean NOT NULL, initial_expires_at timestamptz,
    generation bigint NOT NULL DEFAULT 0, issued_at timestamptz, revoked_before timestamptz);

CREATE TABLE session (
    session_id uuid PRIMARY KEY, user_id uuid NOT NULL, started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL);
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE token (
    hash bytea PRIMARY KEY, session_id uuid NOT NULL REFERENCES session ON DELETE CASCADE,
    expires_at timestamptz NOT NULL, used_at timestamptz);
CREATE INDEX token_session ON token (session_id);

CREATE TABLE login_throttle (
    key text PRIMARY KEY, attempts int NOT NULL, since timestamptz NOT NULL, blocked_until timestamptz NOT NULL);

CREATE TABLE saved_view (
    view_id uuid PRIMARY KEY, user_id uuid NOT NULL, party_id uuid NOT NULL, page text NOT NULL, name text NOT NULL,
    filters jsonb NOT NULL, shared boolean NOT NULL);
CREATE INDEX saved_view_of_user ON saved_view (user_id);
CREATE INDEX saved_view_shared ON saved_view (party_id) WHERE shared;

CREATE TABLE role (role text PRIMARY KEY, name text NOT NULL, side text NOT NULL, active boolean NOT NULL);
"""


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("stored accounts are not taken back")
