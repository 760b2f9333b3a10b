"""What an order says of its buyer and product, and its number as it is compared. Orders of before have no such row."""

from alembic import op

revision = "dispatch_0007"
down_revision = "dispatch_0006"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE ordered"
        " (project_id uuid PRIMARY KEY, order_key text NOT NULL, product_name text NOT NULL, customer_name text)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE ordered")
