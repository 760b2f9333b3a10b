"""An ask that waits knows who holds its project: they can take it whatever their load (D-28)."""

from alembic import op

revision = "dispatch_0004"
down_revision = "dispatch_0003"

FILL = """
UPDATE pool_inbox SET holders = found.people FROM (
    SELECT project_id, array_agg(DISTINCT person_id ORDER BY person_id) AS people FROM (
        SELECT DISTINCT ON (e.originator_id, fact ->> 'role') e.originator_id AS project_id,
            (fact -> 'person_id' ->> '_data_')::uuid AS person_id
        FROM dispatch_events e CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb) AS told (fact)
        WHERE e.topic = 'dispatch:Assignment.StaffAssigned'
            AND e.originator_id IN (SELECT project_id FROM pool_inbox WHERE kind = 'ask' AND role IS NOT NULL)
            AND e.originator_version > (
                SELECT coalesce(max(r.originator_version), 0) FROM dispatch_events r
                WHERE r.originator_id = e.originator_id AND r.topic = 'dispatch:Assignment.Restarted')
        ORDER BY e.originator_id, fact ->> 'role', e.originator_version DESC) AS holding
    GROUP BY project_id) AS found
WHERE pool_inbox.project_id = found.project_id AND pool_inbox.kind = 'ask'
"""


def upgrade() -> None:
    op.execute("ALTER TABLE pool_inbox ADD COLUMN holders uuid[] NOT NULL DEFAULT '{}'")
    op.execute(FILL)
    op.execute(
        "CREATE INDEX pool_inbox_holders ON pool_inbox USING gin (holders)"
        " WITH (fastupdate = off) WHERE holders <> '{}'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE pool_inbox DROP COLUMN holders")
