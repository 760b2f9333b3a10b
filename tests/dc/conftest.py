"""``dc`` on a running installation of separate processes; the commands run here as the console script runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from delivery_center import demo
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.dc.main import run
from delivery_center.installation import Installation
from delivery_center.processes import System
from delivery_center.robots import Robots


@dataclass
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        assert self.status == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


Dc = Callable[..., Said]


@pytest.fixture(scope="session")
def installation(system: System) -> Iterator[Installation]:
    """A product with a ten-step template, a provider and its designers."""
    with Installation(system) as installation:
        yield installation


@pytest.fixture
def dc(installation: Installation, capsys: pytest.CaptureFixture[str]) -> Dc:
    def call(*arguments: object, environment: dict[str, str] | None = None) -> Said:
        capsys.readouterr()
        given = {**installation.system.environment, **(environment or {})}
        status = run([str(argument) for argument in arguments], given)
        return Said(status, *capsys.readouterr())

    return call


def through(robots: Robots, projects: list[UUID], *, timeout: float = 60) -> None:
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=timeout)


@pytest.fixture(scope="session")
def projects(installation: Installation) -> list[UUID]:
    """Three projects that ran through."""
    robots = installation.robots()
    projects = robots.order(installation.orders(3))
    through(robots, projects)
    installation.settle()
    return projects


@pytest.fixture(scope="session")
def admin(installation: Installation) -> Iterator[Client]:
    """The admin of vendor and provider."""
    system = installation.system
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    (login,) = (name for name in book.passwords if name.startswith("admin@"))
    with Client(system.address) as client:
        yield settle(client, book, login)
