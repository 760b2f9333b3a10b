"""The four stories in a real browser: the console behind the gateway's nginx, all services as processes of their own on
PostgreSQL and RabbitMQ. What people do and must see stands in web/e2e/stories/."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from delivery_center.gateway.console import built
from delivery_center.gateway.nginx import Limits
from delivery_center.gateway.routing import SEGMENTS
from delivery_center.running.processes import System

from tests.deploy.gateway import running_gateway

from .browser import WEB, needs_browser, node
from .conftest import checked

PATIENCE = 1_200
"""Seconds the stories may take together."""

pytestmark = [pytest.mark.stories, pytest.mark.timeout(PATIENCE + 60), needs_browser]


@pytest.fixture(scope="module")
def played(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """The stories, played side by side: what went wrong in each."""
    console = built()
    assert console is not None
    folder = tmp_path_factory.mktemp("gateway")
    upstreams = {target: f"127.0.0.1:{system.ports[target]}" for target in SEGMENTS.values()}
    limits = Limits(sessions=1_000, sessions_burst=1_000, api=10_000, api_burst=10_000)
    with checked(system) as (_, accounts), running_gateway(folder, upstreams, limits=limits) as base:
        shutil.copytree(console, folder / "www", dirs_exist_ok=True)
        done = subprocess.run(
            [node(), "e2e/stories/run.mjs", base],
            cwd=WEB,
            input=json.dumps(accounts),
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
        found: dict[str, list[str]] = json.loads(done.stdout)
        yield found


def story(name: str, *requirements: str) -> object:
    return pytest.param(name, id=name, marks=pytest.mark.requirement(*requirements))


@pytest.mark.parametrize(
    "name",
    [
        story("1", *(f"X-{n}" for n in range(101, 113))),
        story("2", *(f"X-{n}" for n in range(201, 214))),
        story("3-departments", *(f"X-{n}" for n in range(301, 314))),
        story("3-vendors", *(f"X-{n}" for n in range(321, 329)), "R-33"),
    ],
)
def test_in_a_browser(name: str, played: dict[str, list[str]]) -> None:
    assert played[name] == []
