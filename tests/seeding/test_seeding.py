"""The bulk seeder on real servers: what it stores passes every invariant, and is as much as was asked for."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from delivery_center.composition import Center
from delivery_center.installing.keys import environment_of
from delivery_center.seeding import Amounts, Seeded, seed
from delivery_center.verify import verify
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import scratch_database

pytestmark = pytest.mark.integration

AMOUNTS = Amounts(
    projects=400, staff=40, waiting=30, isvs=6, customers=50, products_of_large=4, products_of_others=2
)  # fmt: skip


@pytest.mark.parametrize(("projects", "waiting"), [(30, 30), (29, 30)])
def test_more_is_seeded_than_waits(projects: int, waiting: int) -> None:
    """What waits are the last of the projects; the first has the long log."""
    with pytest.raises(ValueError, match="not more than the 30 orders that wait"):
        Amounts(projects=projects, waiting=waiting)


def number(connection: psycopg.Connection, sql: str, *values: object) -> int:
    row = connection.execute(sql, values).fetchone()  # type: ignore[call-overload]
    return int(row[0])


def test_what_is_seeded_keeps_every_invariant_and_has_every_kind_of_project(broker: Broker, tmp_path: Path) -> None:
    with scratch_database() as database_url:
        settings = Settings.read(
            {
                **environment_of(tmp_path),
                "DATABASE_URL": database_url,
                "AMQP_URL": broker.url,
                "DELIVERY_NAMESPACE": broker.namespace,
            }
        )
        center = Center(settings)
        try:
            center.migrate()
            seeded = seed(settings, AMOUNTS)
            assert verify(center) == []
        finally:
            center.stop()
        with psycopg.connect(database_url) as connection:
            assert number(connection, "SELECT count(*) FROM reporting.project") == 400
            assert number(connection, "SELECT count(DISTINCT state) FROM reporting.project") == 4
            assert number(connection, "SELECT count(*) FROM reporting.waiting") == 30
            assert number(connection, "SELECT count(*) FROM dispatch.pool_inbox WHERE kind = 'ask'") == 30
            assert number(connection, "SELECT count(*) FROM dispatch.wake") == 0
            assert number(connection, "SELECT count(*) FROM reporting.project WHERE overdue_side IS NOT NULL") > 0
            assert number(connection, "SELECT count(*) FROM notify.message") > 0
            staff = "SELECT count(*) FROM identity.user_account WHERE side = 'provider'"
            assert number(connection, staff) == 40
            check_subjects(connection, seeded)


def check_subjects(connection: psycopg.Connection, seeded: Seeded) -> None:
    """The project with a long log has one, the ordinary one runs."""

    def rows(project_id: UUID) -> int:
        logged = ["project:Project.NodeEntered", "project:Project.NodeCompleted", "project:Project.NodeRejected"]
        where = "originator_id = %s AND topic = ANY(%s)"
        return number(connection, f"SELECT count(*) FROM project.project_events WHERE {where}", project_id, logged)

    assert rows(seeded.long) >= 500
    assert rows(seeded.ordinary) < 30
    running = "SELECT count(*) FROM reporting.project WHERE project_id = %s AND state = 'running'"
    assert number(connection, running, seeded.ordinary) == 1
