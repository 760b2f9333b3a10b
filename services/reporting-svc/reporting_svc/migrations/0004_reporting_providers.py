"""Whether a provider holds or held a project of a vendor, without reading all it holds: the filter 全部服务商."""

from alembic import op

revision = "reporting_0004"
down_revision = "reporting_0003"


def upgrade() -> None:
    op.execute("CREATE INDEX project_provider_of_vendor ON project (provider_id, vendor_id)")


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
