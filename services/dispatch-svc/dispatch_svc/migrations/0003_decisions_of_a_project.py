"""The decisions of a project are found by its id."""

from alembic import op

revision = "dispatch_0003"
down_revision = "dispatch_0002"


def upgrade() -> None:
    op.execute("CREATE INDEX decision_project ON decision (project_id)")


def downgrade() -> None:
    op.execute("DROP INDEX decision_project")
