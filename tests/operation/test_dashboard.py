"""The dashboard, asked of a real Prometheus that looks at a running installation under load."""

from __future__ import annotations

import copy
import itertools
import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.demo import notebook
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import http_hands
from delivery_center.running.ports import free_port
from delivery_center.running.processes import ROLES, System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.testing.fixtures import eventually
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.operation.test_monitoring import (
    MONITORING,
    NEEDS_A_CHANNEL,
    NEEDS_TROUBLE,
    OF_OTHERS,
    PANELS,
    metrics_of,
)
from tools.programs import program

LINES = [b"<190>Oct 16 04:00:00 gateway: %d 0.010 /api/v1/projects" % status for status in (200, 200, 404, 502)]
"""What nginx tells of requests."""

WITHOUT = OF_OTHERS | NEEDS_A_CHANNEL | NEEDS_TROUBLE
"""What is not there: Kubernetes, a mail server, trouble."""


def test_grafana_knows_every_field_of_it() -> None:
    """Read and written again by Grafana's own model of dashboards, panels and queries: what that does not know, or
    takes for something else, would be lost or changed. It adds what is preset."""
    register_default_plugins()
    told = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))

    def known(one: Any) -> list[str]:
        return sorted(missing(one, json.loads(JSONEncoder().encode(Dashboard.from_json(one)))))

    assert known(told) == []
    spoilt = copy.deepcopy(told)
    spoilt["panels"][1]["options"]["colourMode"] = "background"
    del spoilt["panels"][1]["options"]["colorMode"]
    assert known(spoilt) == [".panels[1].options.colourMode"]


def missing(told: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where ``found`` lacks something of ``told``, or has another value."""
    if isinstance(told, dict) and isinstance(found, dict):
        for key, value in told.items():
            yield from missing(value, found[key], f"{path}.{key}") if key in found else [f"{path}.{key}"]
    elif isinstance(told, list) and isinstance(found, list) and len(told) == len(found):
        for n, (one, other) in enumerate(zip(told, found, strict=True)):
            yield from missing(one, other, f"{path}[{n}]")
    elif told != found:
        yield path


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The gateway's counter: the port of its metrics, and the socket nginx would tell it of requests."""
    port, path = free_port(), tmp_path / "requests"
    environment = {**os.environ, "METRICS_SOCKET": str(path), "DELIVERY_HEALTH_BIND": f"127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-m", "delivery_center.gateway.metrics"], env=environment)
    try:
        eventually(path.exists)
        yield port, path
    finally:
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture
def prometheus(system: System, gateway: tuple[int, Path], tmp_path: Path) -> Iterator[str]:
    """Looks every second, at one process as well that is not there; what is wrong is told at once. Its address."""
    for file in ("alerts.yml", "slos.yml"):
        rules = yaml.safe_load((MONITORING / file).read_text(encoding="utf-8"))
        for group in rules["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                rule |= {"for": "0s"} if "alert" in rule else {}
        (tmp_path / file).write_text(yaml.safe_dump(rules), encoding="utf-8")
    looked_at = {**{name: system.health[name] for name in ROLES}, "gone": free_port()}
    ours = [{"targets": [f"127.0.0.1:{port}"], "labels": {"process": name}} for name, port in looked_at.items()]
    configured = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yml", "slos.yml"],
        "scrape_configs": [
            {"job_name": "delivery", "static_configs": ours},
            {"job_name": "gateway", "static_configs": [{"targets": [f"127.0.0.1:{gateway[0]}"]}]},
        ],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configured), encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus", package="prometheus"),
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'series'}",
        f"--web.listen-address={address}",
    ]
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def has_data(prometheus: str, expression: str) -> bool:
    """Whether Prometheus answers with a number. :raises httpx.HTTPStatusError: it does not understand."""
    asked = expression.replace("$__rate_interval", "30s").replace("$process", ".*")
    answer = httpx.get(f"{prometheus}/api/v1/query", params={"query": asked}, timeout=10).raise_for_status().json()
    return any(not math.isnan(float(one["value"][1])) for one in answer["data"]["result"])


@pytest.fixture
def admin(installation: PreparedSystem) -> Iterator[Client]:
    """The admin of the provider."""
    system = installation.system
    book = notebook(system.environment["DATABASE_URL"], system.folder)
    with Client(system.address) as client:
        yield settle(client, book, installation.admin)


def receive(admin: Client, receiving: bool) -> None:
    """Let everybody take orders, or nobody: what comes meanwhile waits, and is assigned once somebody does."""
    for person in admin.get("/api/v1/staff-loads", params={"limit": 100})["items"]:
        admin.put(f"/api/v1/staff-loads/{person['person_id']}", {"maximum": 50, "receiving": receiving})


@pytest.mark.faults
def test_every_panel_has_data(
    prometheus: str, gateway: tuple[int, Path], installation: PreparedSystem, admin: Client
) -> None:
    """Each line of each panel, but those about what is not there."""
    targets = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
    without = {one for one in targets if metrics_of(one[1]) & WITHOUT}
    wanted: set[tuple[str, str]] = set(targets) - without
    deadline = time.monotonic() + 240
    with (
        http_hands(installation.system, REQUIREMENT, threads=2) as hands,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nginx,
    ):
        robots = installation.robots(hands)
        for receiving in itertools.cycle((False, True)):
            assert time.monotonic() < deadline, sorted(wanted)
            receive(admin, receiving)
            robots.order(installation.orders(2))
            robots.work()
            for line in LINES:
                nginx.sendto(line, str(gateway[1]))
            wanted = {one for one in wanted if not _answers(prometheus, one[1])}
            if receiving and not wanted:
                break
    assert [one for one in without if metrics_of(one[1]) & OF_OTHERS and has_data(prometheus, one[1])] == []
    fires = httpx.get(f"{prometheus}/api/v1/alerts", timeout=10).raise_for_status().json()["data"]["alerts"]
    down = [one["labels"]["process"] for one in fires if one["labels"]["alertname"] == "ProcessDown"]
    assert down == ["gone"]


def _answers(prometheus: str, expression: str) -> Any:
    try:
        return has_data(prometheus, expression)
    except httpx.TransportError:  # not up yet
        return False
