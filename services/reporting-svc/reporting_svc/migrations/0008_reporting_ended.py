"""What ended since a day, and how projects stood at a midnight, of a vendor or provider, without what was before."""

from alembic import op

revision = "reporting_0008"
down_revision = "reporting_0007"

DDL = """
CREATE INDEX project_ended_of_vendor ON project (vendor_id, since) INCLUDE (created_at, state, trial, test)
    WHERE ended_at IS NOT NULL;
CREATE INDEX project_ended_of_provider ON project (provider_id, since) INCLUDE (created_at, state, trial, test)
    WHERE ended_at IS NOT NULL;
CREATE INDEX project_history_of_vendor_until ON project_history (vendor_id, until);
CREATE INDEX project_history_of_provider_until ON project_history (provider_id, until);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
