"""Broker and database die and come back, or refuse, in the middle of running projects."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import eventually
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.outage import database_away
from tools.private_rabbit import PrivateRabbit, private_rabbitmq
from tools.private_servers import PrivatePostgres, private_postgres

pytestmark = pytest.mark.faults

PROJECTS = 200
BACK = 5.0
"""Seconds after the return of a server: one until it is noticed, and what a busy machine takes."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PrivatePostgres, PrivateRabbit]]:
    """Servers of this module's own, which it may kill."""
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        yield postgres, rabbit


@pytest.fixture(scope="module")
def installation(
    servers: tuple[PrivatePostgres, PrivateRabbit], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PreparedSystem]:
    postgres, rabbit = servers
    broker = Broker(url=rabbit.url, namespace=f"{uuid4().hex[:6]}.")
    folder = tmp_path_factory.mktemp("servers")
    with System(database_url=postgres.url, broker=broker, folder=folder) as system:
        system.migrate()
        rabbit.restart()  # what was declared just now survives a kill only once it is on disk
        system.start()
        with PreparedSystem(system) as installation:
            yield installation


@pytest.mark.parametrize("server", ["broker", "database"])
@pytest.mark.parametrize("end", ["restart", "kill9"])
def test_a_server_dies_while_200_projects_run(
    installation: PreparedSystem, servers: tuple[PrivatePostgres, PrivateRabbit], server: str, end: str
) -> None:
    """Given 200 running projects, when the server dies and comes back, then all are completed, nothing is lost or
    double, and every invariant holds."""
    robots = installation.robots()
    orders = installation.orders(PROJECTS)
    projects = robots.order(orders[: PROJECTS // 2])
    robots.run(lambda: len(robots.completed) >= 10, timeout=60)
    victim = servers[1] if server == "broker" else servers[0]
    if end == "kill9":
        victim.kill9()
        if server == "broker":
            projects += robots.order(orders[PROJECTS // 2 :])
        victim.start()
    else:
        victim.restart()
    if len(projects) < PROJECTS:
        projects += robots.order(orders[PROJECTS // 2 :])
    assert len(set(projects)) == PROJECTS
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=120)
    installation.assert_well()


def test_all_are_well_soon_after_the_database_was_away(
    installation: PreparedSystem, servers: tuple[PrivatePostgres, PrivateRabbit]
) -> None:
    """Given a database that was away for 20 s, when it returns, then each service answers within seconds, and events
    flow through all of a project: whoever doubled his pause each time would look again after 11 s more."""
    well = database_away(installation.system, servers[0], seconds=20)
    assert max(well.values()) < BACK, well
    robots = installation.robots()
    projects = robots.order(installation.orders(1))
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=2 * BACK)
    installation.assert_well()


def test_the_broker_is_out_of_memory_for_a_while(
    installation: PreparedSystem, servers: tuple[PrivatePostgres, PrivateRabbit]
) -> None:
    """While an alarm stops every publisher, orders are accepted and wait; afterwards all of them are completed."""
    rabbit = servers[1]
    robots = installation.robots()
    relay = installation.system.metrics
    projects = robots.order(installation.orders(PROJECTS // 4))
    rabbit.control("set_vm_memory_high_watermark", "absolute", "1000000")
    try:
        projects += robots.order(installation.orders(PROJECTS // 4))
        assert len(set(projects)) == PROJECTS // 2
        eventually(lambda: waiting(relay("project-worker")) > 0)
    finally:
        rabbit.control("set_vm_memory_high_watermark", "0.4")
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=120)
    installation.assert_well()
    eventually(lambda: waiting(relay("project-worker")) == 0)


def waiting(metrics: str) -> float:
    """Events the broker has not confirmed, as the worker tells."""
    (found,) = [
        sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == "delivery_outbox_waiting"
    ]
    return float(found)
