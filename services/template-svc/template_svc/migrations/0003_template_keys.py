"""Products' codes and ISVs' accounts are compared however they are written. Processes of the version before may still
write rows without keys while it is replaced."""

from alembic import op
from delivery_shared.migrate import fill_keys

revision = "template_0003"
down_revision = "template_0002"

DDL = """
ALTER TABLE product ADD code_key text;
ALTER TABLE historical_product ADD code_key text;
ALTER TABLE party ADD account_key text;
"""

FILLED = """
CREATE INDEX product_code_key ON product (vendor_id, code_key);
CREATE INDEX historical_product_code_key ON historical_product (vendor_id, code_key);
CREATE INDEX party_account_key ON party (account_key);
DO $$ BEGIN EXECUTE format(
    'CREATE UNIQUE INDEX product_one_of_a_code ON product (vendor_id, code_key)'
    ' WHERE offline_at IS NULL AND listed_at > %L', now()); END $$;
"""
# Vendors may have listed products already whose codes differ in writing only: these stay, the later ones are unique.


def upgrade() -> None:
    op.execute(DDL)
    fill_keys("product", "code", "code_key")
    fill_keys("historical_product", "code", "code_key")
    fill_keys("party", "account", "account_key")
    op.execute(FILLED)


def downgrade() -> None:
    op.execute("ALTER TABLE product DROP code_key; ALTER TABLE historical_product DROP code_key")
    op.execute("ALTER TABLE party DROP account_key")
