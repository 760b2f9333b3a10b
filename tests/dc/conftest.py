"""``dc`` on a running installation of separate processes; the commands run here as the console script runs them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.dc.main import run
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System

from tests.dc.calling import Dc, Said, through


@pytest.fixture(scope="session")
def installation(system: System) -> Iterator[PreparedSystem]:
    """A product with a ten-step template, a provider and its designers."""
    with PreparedSystem(system) as installation:
        yield installation


@pytest.fixture
def dc(installation: PreparedSystem, capsys: pytest.CaptureFixture[str]) -> Dc:
    def call(*arguments: object, environment: dict[str, str] | None = None) -> Said:
        capsys.readouterr()
        given = {**installation.system.environment, **(environment or {})}
        status = run([str(argument) for argument in arguments], given)
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def projects(installation: PreparedSystem) -> list[UUID]:
    """Three projects that ran through."""
    robots = installation.robots()
    projects = robots.order(installation.orders(3))
    through(robots, projects)
    installation.settle()
    return projects


@pytest.fixture(scope="session")
def admin(installation: PreparedSystem) -> Iterator[Client]:
    """The admin of vendor and provider."""
    system = installation.system
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    (login,) = (name for name in book.passwords if name.startswith("admin@"))
    with Client(system.address) as client:
        yield settle(client, book, login)
