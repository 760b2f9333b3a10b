"""Who serves whose products, and the open test orders of each account (S-07)."""

from alembic import op

revision = "project_0003"
down_revision = "project_0002"

DDL = """
CREATE TABLE configured (product_id uuid PRIMARY KEY, providers uuid[] NOT NULL);
CREATE TABLE test_order (
    project_id uuid PRIMARY KEY, account_id uuid NOT NULL, slot int NOT NULL, UNIQUE (account_id, slot));
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("DROP TABLE configured, test_order")
