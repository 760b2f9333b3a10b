"""Contacts of orders are told, too: who they are, and everybody whom a message can reach in one view."""

from alembic import op

revision = "notify_0005"
down_revision = "notify_0004"

DDL = """
ALTER TABLE project ADD contact_version int;

CREATE TABLE contact (
    contact_id uuid PRIMARY KEY, project_id uuid NOT NULL, version int NOT NULL, party_id uuid NOT NULL,
    name text, mobile text, email text, locale text, deleted boolean NOT NULL);

CREATE VIEW receiver AS
    SELECT user_id, name, mobile, email, deleted, NULL::text AS locale, NULL::uuid AS project_id, NULL::int AS version
    FROM person
    UNION ALL
    SELECT contact_id, coalesce(name, ''), mobile, email, deleted, locale, project_id, version FROM contact;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP VIEW receiver; DROP TABLE contact; ALTER TABLE project DROP contact_version")
