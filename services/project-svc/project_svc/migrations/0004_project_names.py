"""Numbers are compared however they are written; orders keep what they called their buyer; names of people by the time
they had them. Processes of the version before may still write rows without keys while it is replaced."""

from alembic import op
from delivery_shared.migrate import fill_keys

revision = "project_0004"
down_revision = "project_0003"

DDL = """
ALTER TABLE purchase ADD business_key text, ADD order_key text;
ALTER TABLE product ADD code_key text;
ALTER TABLE party ADD number_key text;
CREATE TABLE buyer_key (project_id uuid PRIMARY KEY, customer_id uuid NOT NULL, key bytea NOT NULL);
CREATE INDEX buyer_key_of_customer ON buyer_key (customer_id);
CREATE TABLE person_name (
    user_id uuid NOT NULL, since timestamptz NOT NULL, name text NOT NULL, PRIMARY KEY (user_id, since));
-- What identity has said so far is read again, for the names people had before; the copies it writes stay the same.
UPDATE feed_position SET position = 0, stream_offset = NULL WHERE feed = 'project' AND source = 'identity';
"""

FILLED = """
CREATE INDEX purchase_business_key ON purchase (business_key);
CREATE INDEX purchase_order_key ON purchase (order_key);
CREATE INDEX product_code_key ON product (code_key);
CREATE INDEX party_number_key ON party (number_key) WHERE number_key IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(DDL)
    fill_keys("purchase", "business_number", "business_key")
    fill_keys("purchase", "order_number", "order_key")
    fill_keys("product", "code", "code_key")
    fill_keys("party", "coalesce(customer_number, account)", "number_key")
    op.execute(FILLED)


def downgrade() -> None:
    raise NotImplementedError("the names of buyers are not given up again")
