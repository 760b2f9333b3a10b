"""Lists of hundreds of thousands of projects: sorted without sorting, and searched by texts of which there are few
without reading every row."""

from alembic import op

revision = "reporting_0003"
down_revision = "reporting_0002"

DDL = """
CREATE INDEX project_by_order_number ON project (order_number, project_id);
CREATE INDEX project_by_product_name ON project (product_name, project_id);
CREATE INDEX project_of_vendor_by_product_name ON project (vendor_id, product_name, project_id);
CREATE INDEX project_stage ON project (stage, vendor_id, state) WHERE stage IS NOT NULL;
CREATE INDEX project_edition ON project (edition) WHERE edition IS NOT NULL;
CREATE INDEX project_sales_channel ON project (sales_channel) WHERE sales_channel IS NOT NULL;
CREATE INDEX project_overdue_of_vendor ON project (vendor_id, created_at DESC, project_id DESC)
    WHERE overdue_side IS NOT NULL;
CREATE INDEX project_overdue_of_provider ON project (provider_id, created_at DESC, project_id DESC)
    WHERE overdue_side IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
