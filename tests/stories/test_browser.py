"""The four stories in a real browser: the console behind the gateway's nginx, all services as processes of their own on
PostgreSQL and RabbitMQ. What people do and must see stands in web/e2e/stories/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_center.client import Client
from delivery_center.console import built
from delivery_center.demo import Accounts
from delivery_center.gateway import SEGMENTS
from delivery_center.nginx import Limits
from delivery_center.processes import System

from tests.deploy.gateway import running_gateway

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 300
"""Seconds a story may take."""

pytestmark = [
    pytest.mark.stories,
    pytest.mark.timeout(PATIENCE + 60),
    pytest.mark.skipif(
        "DELIVERY_BROWSER_STORIES" not in os.environ or built() is None or not CHROMIUM.exists(),
        reason="asked for by DELIVERY_BROWSER_STORIES=1; needs `make web` and Debian's chromium",
    ),
]


@pytest.fixture
def gateway(system: System, separate: tuple[Client, Accounts], tmp_path: Path) -> Iterator[tuple[str, Accounts]]:
    """The gateway's address, and the accounts of operator and marketplace."""
    console = built()
    assert console is not None
    upstreams = {target: f"127.0.0.1:{port}" for target, port in system.ports.items() if "-" not in target}
    # The stories do not depend on live changes; lists are read anew.
    segments = {**SEGMENTS, "live": "reporting"}
    limits = Limits(sessions=1_000, sessions_burst=1_000, api=10_000, api_burst=10_000)
    with running_gateway(tmp_path, upstreams, limits=limits, segments=segments) as base:
        shutil.copytree(console, tmp_path / "www", dirs_exist_ok=True)
        yield base, separate[1]


# Marks of requirements come with the first play that passes here (`make requirements` takes them for proofs).
@pytest.mark.parametrize("story", ["1", "2", "3-departments", "3-vendors"])
def test_in_a_browser(story: str, gateway: tuple[str, Accounts]) -> None:
    base, accounts = gateway
    node = shutil.which("node", path=os.pathsep.join([str(ROOT / ".run/node/bin"), os.environ.get("PATH", "")]))
    assert node, "needs Node"
    played = subprocess.run(
        [node, "e2e/stories/run.mjs", base, story],
        cwd=ROOT / "web",
        input=json.dumps(accounts),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert played.returncode == 0, played.stdout + played.stderr
