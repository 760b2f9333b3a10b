"""Whether somebody can be written to, for those who look whether a buyer can be reached. Of people saved before, nobody
knows: identity is not read again, since a party erased long ago would take new orders' names along."""

from alembic import op

revision = "project_0006"
down_revision = "project_0005"


def upgrade() -> None:
    op.execute("ALTER TABLE person ADD has_email boolean")
    op.execute("CREATE INDEX person_party ON person (party_id)")


def downgrade() -> None:
    raise NotImplementedError("who can be written to is not given up again")
