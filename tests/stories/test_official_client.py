"""The official client of the marketplace's public API drives a project from its start to its completion: against the
center in one process, and against separate processes behind the real gateway."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from delivery_center.client import Client
from delivery_center.demo import Accounts
from delivery_center.running.processes import System

from tests.deploy.gateway import running_gateway

from .official_client import ByScript

pytestmark = pytest.mark.stories


def play(base: str, client: Client, accounts: Accounts) -> None:
    story = ByScript(
        base, client, operator=accounts["云市场小二"], marketplace=accounts["云市场订单"], say=lambda _: None
    )
    rows = story.play()
    assert [row["event"] for row in rows[:2]] == ["项目完成", "完成项目已完成"]
    assert {"暂停项目", "启动项目", "确认需求 未通过"} <= {row["event"] for row in rows}


def test_in_embedded_mode(embedded: tuple[Client, Accounts], embedded_base: tuple[str, str, Path]) -> None:
    play(embedded_base[0], *embedded)


def test_behind_the_real_gateway(separate: tuple[Client, Accounts], system: System, tmp_path: Path) -> None:
    upstreams: Mapping[str, str] = {target: f"127.0.0.1:{port}" for target, port in system.ports.items()}
    with running_gateway(tmp_path, upstreams) as base:
        play(base, *separate)
