"""A refresh whose answer was lost is answered again; places an account is known from; what a user sees of its sessions;
second factors."""

from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"

TABLES = """
ALTER TABLE token ADD COLUMN seed bytea;
CREATE INDEX token_seed ON token (used_at) WHERE seed IS NOT NULL;

CREATE TABLE known_place (
    login bytea NOT NULL, place bytea NOT NULL, until timestamptz NOT NULL, PRIMARY KEY (login, place));
CREATE INDEX known_place_expiry ON known_place (until);

ALTER TABLE session ADD COLUMN used_at timestamptz, ADD COLUMN address text, ADD COLUMN agent text;

CREATE TABLE second_factor (
    user_id uuid PRIMARY KEY, secret bytea NOT NULL, confirmed_at timestamptz, last_step bigint NOT NULL DEFAULT 0);
ALTER TABLE party ADD COLUMN second_factor_demanded boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("stored sessions are not taken back")
