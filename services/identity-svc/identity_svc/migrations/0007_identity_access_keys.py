"""Access keys, and the nonces of what they signed."""

from alembic import op

revision = "identity_0007"
down_revision = "identity_0006"

DDL = """
CREATE TABLE access_key (
    key_id uuid PRIMARY KEY, party_id uuid NOT NULL, user_id uuid NOT NULL, access_key_id text NOT NULL UNIQUE,
    name text NOT NULL, scopes text[] NOT NULL, networks text[] NOT NULL, created_at timestamptz NOT NULL,
    expires_at timestamptz, enabled boolean NOT NULL, secret bytea NOT NULL, used_at timestamptz);
CREATE INDEX access_key_party ON access_key (party_id);
CREATE TABLE access_nonce (
    key_id uuid NOT NULL REFERENCES access_key ON DELETE CASCADE, hash bytea NOT NULL, until timestamptz NOT NULL,
    PRIMARY KEY (key_id, hash));
CREATE INDEX access_nonce_until ON access_nonce (until);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE access_nonce, access_key")
