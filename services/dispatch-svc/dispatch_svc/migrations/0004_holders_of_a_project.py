"""An ask that waits knows who holds its project: they can take it whatever their load (D-28). Those that wait already,
and those that a dispatcher of the version before tells to wait meanwhile, learn it when their pool is looked at next.
"""

from alembic import op

revision = "dispatch_0004"
down_revision = "dispatch_0003"


def upgrade() -> None:
    op.execute("ALTER TABLE pool_inbox ADD COLUMN holders uuid[]")
    op.execute(
        "CREATE INDEX pool_inbox_holders ON pool_inbox USING gin (holders)"
        " WITH (fastupdate = off) WHERE holders <> '{}'"
    )
    op.execute(
        "CREATE INDEX pool_inbox_unlearnt ON pool_inbox (pool, class, arrival)"
        " WHERE kind = 'ask' AND reason <> '' AND holders IS NULL"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE pool_inbox DROP COLUMN holders")
