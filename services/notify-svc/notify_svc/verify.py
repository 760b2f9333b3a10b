"""What must always hold here (architecture 9, invariants 6 and 8), checked without changing anything."""

from __future__ import annotations

from collections.abc import Iterator

from delivery_shared.projection import connect
from sqlalchemy import Connection, text

from notify_svc.deliveries import LEASE, LONGEST

CHECKS = {
    "a reminder has not exactly one message or omission per receiver": """
        SELECT o.project_id, o.run, o.visit, o.trigger, o.rule FROM occurrence o
        WHERE greatest(o.receivers, 1) <>
            (SELECT count(*) FROM message m WHERE (m.project_id, m.run, m.visit, m.trigger, m.rule) =
                (o.project_id, o.run, o.visit, o.trigger, o.rule))
            + (SELECT count(*) FROM omission n WHERE (n.project_id, n.run, n.visit, n.trigger, n.rule) =
                (o.project_id, o.run, o.visit, o.trigger, o.rule))""",
    "a person both got a message and did not": """
        SELECT m.message_id FROM message m JOIN omission n
            USING (project_id, run, visit, trigger, rule, person_id)""",
    "a message has not exactly one delivery per channel of its template": """
        SELECT m.message_id FROM message m JOIN occurrence o USING (project_id, run, visit, trigger, rule)
        WHERE ARRAY(SELECT d.channel FROM delivery d WHERE d.message_id = m.message_id ORDER BY d.channel)
            <> ARRAY(SELECT unnest(o.channels) ORDER BY 1)
        AND NOT (EXISTS (SELECT FROM contact c WHERE c.contact_id = m.person_id)
            AND o.channels <@ ARRAY(SELECT d.channel FROM delivery d WHERE d.message_id = m.message_id)
            AND (SELECT count(*) FROM delivery d WHERE d.message_id = m.message_id) = cardinality(o.channels) + 1)""",
    "a delivery is due and nobody sends it": """
        SELECT delivery_id, channel, next_try FROM delivery
        WHERE state = 'waiting' AND next_try < now() - interval '10 minutes'""",
    "a delivery is not tried when it should be": f"""
        SELECT d.delivery_id, d.channel, d.next_try FROM delivery d JOIN message m USING (message_id)
        LEFT JOIN preference p USING (person_id)
        WHERE d.state = 'waiting' AND d.next_try > now() + CASE WHEN p.quiet_from IS NULL
            THEN interval '{LONGEST + LEASE + 60} seconds' ELSE interval '1 day' END""",  # noqa: S608
    "a delivery counts as sent or given up without ever being tried": """
        SELECT delivery_id FROM delivery WHERE state IN ('sent', 'parked') AND attempts = 0""",
    "a message carries a party other than its project's": """
        SELECT m.message_id FROM message m
        JOIN occurrence o USING (project_id, run, visit, trigger, rule)
        JOIN project p USING (project_id)
        WHERE m.party_id NOT IN (p.vendor_id, p.customer_id)
            AND m.party_id IS DISTINCT FROM o.provider_id AND m.person_id <> p.customer_id""",
    "a reminder of a run the project has not reached": """
        SELECT o.project_id, o.run FROM occurrence o JOIN project p USING (project_id) WHERE o.run > p.run""",
}
"""Each statement returns the rows that break the rule it is named for."""


def verify(database_url: str, *, schema: str = "notify") -> list[str]:
    """Every violation in words; an empty list when all is well. A reminder that waits for a copy to arrive is none:
    it is parked, which the check of the feeds reports. Neither is a delivery that waits for its next attempt or was
    given up: its row says so."""
    engine = connect(database_url, schema)
    try:
        with engine.connect() as connection:
            return list(violations(connection))
    finally:
        engine.dispose()


def violations(connection: Connection) -> Iterator[str]:
    """The same, as ``connection`` sees the tables."""
    for rule, sql in CHECKS.items():
        for row in connection.execute(text(sql)).mappings():
            yield f"notify: {rule}: {dict(row)}"
