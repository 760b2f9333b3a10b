"""The mechanism's tables and one of the toy's own."""

from alembic import op
from delivery_shared.migrate import create_mechanism

revision = "toy_0001"
down_revision = None


def upgrade() -> None:
    create_mechanism(event_sourced=True)
    op.execute("CREATE TABLE seen (source_id bigint PRIMARY KEY)")
