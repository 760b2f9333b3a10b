"""A running installation for stories and faults: separate processes on a real database and broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import broker_url, scratch_database


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """All processes, started once for the session, on a database of their own: unit tests leave feed positions in
    theirs. Tests that kill some start them again."""
    broker = Broker(url=broker_url(), namespace=f"test-{uuid4().hex[:12]}.")
    folder: Path = tmp_path_factory.mktemp("system")
    with (
        scratch_database() as database_url,
        System(database_url=database_url, broker=broker, folder=folder) as system,
    ):
        system.migrate()
        system.start()
        yield system
        statuses = system.stop()
    broker.delete()
    assert set(statuses.values()) == {0}, statuses


@pytest.fixture(scope="session")
def installation(system: System) -> Iterator[PreparedSystem]:
    """A product with a ten-step template, one provider and its designers, on running processes."""
    with PreparedSystem(system) as installation:
        yield installation
