"""What of their parameters projects show and are found by. Of orders from before nothing was declared."""

from alembic import op

revision = "reporting_0009"
down_revision = "reporting_0008"

DDL = """
ALTER TABLE project
    ADD parameters jsonb NOT NULL DEFAULT '[]', ADD found_by text[] NOT NULL DEFAULT '{}';
CREATE INDEX project_found_by ON project USING gin (found_by);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    raise NotImplementedError("a read model is rebuilt, not migrated back")
