"""Scenario 2 of the manual, over HTTP: against separate processes on RabbitMQ, and in embedded mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.stories import play
from delivery_center.stories.scenario2 import LOG
from delivery_shared.testing.fixtures import scratch_database

pytestmark = pytest.mark.stories

STORY = pytest.mark.requirement(*(f"X-{n}" for n in range(201, 214)))


@STORY
def test_against_separate_processes(separate: tuple[Client, Accounts]) -> None:
    client, accounts = separate
    said: list[str] = []
    assert play.main(client, accounts, said.append) == 0, "\n".join(said)
    assert sum("\t" in line for line in said) == len(LOG)


@STORY
def test_in_embedded_mode(tmp_path: Path) -> None:
    with scratch_database() as database_url:
        environment = {**os.environ, "DATABASE_URL": database_url}
        environment.pop("AMQP_URL", None)
        module = "delivery_center.running.embedded"
        command = [sys.executable, "-m", module, "--play", "--port", "0", "--folder", str(tmp_path)]
        played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
        log = (tmp_path / "server.log").read_text()
    assert played.returncode == 0, played.stdout + played.stderr + log
    assert sum("\t" in line for line in played.stdout.splitlines()) == len(LOG)
