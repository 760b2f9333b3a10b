"""A customer's number is one of its marketplace: several marketplaces may have the same."""

from alembic import op

revision = "identity_0008"
down_revision = "identity_0007"

DDL = """
ALTER TABLE party ADD marketplace text NOT NULL DEFAULT '';
ALTER TABLE party DROP CONSTRAINT party_customer_number_key;
CREATE UNIQUE INDEX party_number_in_marketplace ON party (marketplace, customer_number);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("two customers of one number are not made one again")
