"""PostgreSQL is away for minutes."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import broker_url

from tests.faults.outage import database_away
from tools.private_servers import private_postgres

from .conftest import SECONDS, Report

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 20 + 600)]

WELL = 3.0
"""Seconds after its return in which every service answers: an attempt a second, and what a start takes."""


def test_all_are_well_at_once_however_long_the_database_was_away(
    tmp_path_factory: pytest.TempPathFactory, seed: int, report: Report
) -> None:
    draw = random.Random(seed)
    broker = Broker(url=broker_url(), namespace=f"soak-{uuid4().hex[:12]}.")
    folder = tmp_path_factory.mktemp("outage")
    try:
        with (
            private_postgres() as postgres,
            System(database_url=postgres.url, broker=broker, folder=folder) as system,
        ):
            system.migrate()
            system.start()
            with PreparedSystem(system) as installation:
                for _ in range(3):
                    seconds = draw.uniform(SECONDS / 2, SECONDS * 3)
                    well = database_away(system, postgres, seconds=seconds)
                    told = ", ".join(f"{name} {after:.1f} s" for name, after in sorted(well.items()))
                    report(f"away for {seconds:.0f} s, well again after: {told}")
                    assert max(well.values()) < WELL, well
                    _complete_some(installation)
    finally:
        broker.delete()


def _complete_some(installation: PreparedSystem) -> None:
    robots = installation.robots()
    projects = robots.order(installation.orders(5))
    robots.run(lambda: all(one in robots.completed for one in projects), timeout=60)
    installation.assert_well()
