"""Scenario 2 of the manual, over HTTP: against separate processes on RabbitMQ, and in embedded mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from delivery_center import demo, play
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import Center
from delivery_center.processes import System
from delivery_center.verify import verify
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually, scratch_database
from identity_svc.bootstrap import MARKETPLACE, OPERATOR

pytestmark = pytest.mark.stories

STORY = pytest.mark.requirement(*(f"X-{n}" for n in range(201, 214)))


def violations(system: System) -> list[str]:
    """What ``verify`` finds wrong."""
    center = Center(Settings.read(system.environment))
    try:
        return verify(center)
    finally:
        center.stop()


@STORY
def test_against_separate_processes(system: System) -> None:
    book = demo.notebook(system.environment["DATABASE_URL"], system.folder)
    said: list[str] = []
    with Client(system.address) as client:
        settle(client, book, OPERATOR)
        accounts = {
            "云市场小二": (OPERATOR, book.passwords[OPERATOR]),
            "云市场订单": (MARKETPLACE, book.passwords[MARKETPLACE]),
        }
        assert play.main(client, accounts, said.append) == 0, "\n".join(said)
    assert sum("\t" in line for line in said) == len(play.LOG)
    eventually(lambda: violations(system) == [])


@STORY
def test_in_embedded_mode(tmp_path: Path) -> None:
    with scratch_database() as database_url:
        environment = {**os.environ, "DATABASE_URL": database_url}
        environment.pop("AMQP_URL", None)
        command = [sys.executable, "-m", "delivery_center.embedded", "--play", "--port", "0", "--folder", str(tmp_path)]
        played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
        log = (tmp_path / "server.log").read_text()
    assert played.returncode == 0, played.stdout + played.stderr + log
    assert sum("\t" in line for line in played.stdout.splitlines()) == len(play.LOG)
