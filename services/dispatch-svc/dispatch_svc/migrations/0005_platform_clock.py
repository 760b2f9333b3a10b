"""How far the platform's clock was moved."""

from alembic import op

revision = "dispatch_0005"
down_revision = "dispatch_0004"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE platform_clock (one boolean PRIMARY KEY DEFAULT true CHECK (one), offset_seconds bigint NOT NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE platform_clock")
