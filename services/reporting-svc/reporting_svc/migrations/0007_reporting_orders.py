"""What was bought beside the edition, whether it is a trial or a test, whether the marketplace holds it, what it gives
back. Projects from before were bought once, and are neither."""

from alembic import op

revision = "reporting_0007"
down_revision = "reporting_0006"

DDL = """
ALTER TABLE project
    ADD sku text, ADD quantity int NOT NULL DEFAULT 1, ADD trial boolean NOT NULL DEFAULT false,
    ADD test boolean NOT NULL DEFAULT false, ADD hold text, ADD refund boolean;
ALTER TABLE project_history
    ADD trial boolean NOT NULL DEFAULT false, ADD test boolean NOT NULL DEFAULT false;
CREATE INDEX project_sku ON project (sku) WHERE sku IS NOT NULL;
CREATE INDEX project_held ON project (hold) WHERE hold IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
