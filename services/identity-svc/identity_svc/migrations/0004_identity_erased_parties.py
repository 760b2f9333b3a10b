"""Customers who are persons can be forgotten; numbers are taken in whatever case they are written."""

from alembic import op

revision = "identity_0004"
down_revision = "identity_0003"

DDL = """
ALTER TABLE party ADD erased boolean NOT NULL DEFAULT false;
CREATE INDEX party_number ON party (lower(account));
CREATE INDEX party_customer_number ON party (lower(customer_number));
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("what was erased is not taken back")
