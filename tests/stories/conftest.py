"""Installations the stories are played on, with the accounts of operator and marketplace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import Center
from delivery_center.running.embedded import serving
from delivery_center.running.ports import free_port
from delivery_center.running.processes import System
from delivery_center.verify import verify
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database
from identity_svc.bootstrap import MARKETPLACE, OPERATOR


def accounts_of(client: Client, database_url: str, folder: Path) -> demo.Accounts:
    """Operator and marketplace; their initial passwords are changed with the first call for an installation."""
    book = demo.notebook(database_url, folder)
    settle(client, book, OPERATOR)
    return {
        "云市场小二": (OPERATOR, book.passwords[OPERATOR]),
        "云市场订单": (MARKETPLACE, book.passwords[MARKETPLACE]),
    }


def holds(system: System) -> bool:
    """Whether every invariant holds. :raises AssertionError: with what ``verify`` finds wrong."""
    center = Center(Settings.read(system.environment))
    try:
        assert verify(center) == []
    finally:
        center.stop()
    return True


@contextmanager
def checked(system: System) -> Iterator[tuple[Client, demo.Accounts]]:
    """A client of ``system`` and its accounts; at the end every invariant holds."""
    with Client(system.address) as client:
        yield client, accounts_of(client, system.environment["DATABASE_URL"], system.folder)
    eventually(lambda: holds(system))


@pytest.fixture
def separate(system: System) -> Iterator[tuple[Client, demo.Accounts]]:
    """All services as processes of their own; at the end every invariant holds."""
    with checked(system) as client_and_accounts:
        yield client_and_accounts


@pytest.fixture(scope="module")
def embedded_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """The whole center in one process, without a broker: address, database and folder."""
    folder = tmp_path_factory.mktemp("embedded")
    with pytest.MonkeyPatch.context() as environment, scratch_database() as database_url:
        environment.delenv("AMQP_URL", raising=False)
        port = free_port()
        with serving(port, folder, database_url, DELIVERY_MIRROR_ENDPOINTS=f"http://127.0.0.1:{port}") as base:
            yield base, database_url, folder


@pytest.fixture
def embedded(embedded_base: tuple[str, str, Path]) -> Iterator[tuple[Client, demo.Accounts]]:
    base, database_url, folder = embedded_base
    with Client(lambda path: base + path) as client:
        yield client, accounts_of(client, database_url, folder)
