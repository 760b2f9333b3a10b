"""What an order said of its buyer; numbers and names as they are compared.

Processes of the version before may still write rows without keys while it is replaced.
"""

from alembic import op
from delivery_shared.migrate import fill_keys
from delivery_shared.pinyin import sort_key
from sqlalchemy import text

revision = "reporting_0005"
down_revision = "reporting_0004"

DDL = """
CREATE TABLE buyer (project_id uuid PRIMARY KEY, name text, number text, number_key text);
ALTER TABLE party ADD number_key text;
ALTER TABLE project
    ADD order_key text, ADD business_key text, ADD name_key text COLLATE "C" NOT NULL DEFAULT '';
"""

INDEXES = """
CREATE INDEX buyer_number_key ON buyer (number_key);
CREATE INDEX party_number_key ON party (number_key) WHERE number_key IS NOT NULL;
CREATE INDEX project_order_key ON project (order_key text_pattern_ops);
CREATE INDEX project_business_key ON project (business_key text_pattern_ops);
CREATE INDEX project_by_name_key ON project (name_key, project_id);
CREATE INDEX project_of_vendor_by_name_key ON project (vendor_id, name_key, project_id);
DROP INDEX project_of_vendor_by_product_name;
"""


def upgrade() -> None:
    op.execute(DDL)
    fill_keys("party", "customer_number", "number_key")
    fill_keys("project", "order_number", "order_key")
    fill_keys("project", "business_number", "business_key")
    bind = op.get_bind()
    for name in bind.exec_driver_sql("SELECT DISTINCT product_name FROM project").scalars().all():
        setting = text("UPDATE project SET name_key = :key WHERE product_name = :name")
        bind.execute(setting, {"key": sort_key(name), "name": name})
    op.execute(INDEXES)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
