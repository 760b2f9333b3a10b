"""The sums of docs/capacity.md are those of the manifests: nobody finds out in production that a connection lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml
from delivery_center.running.processes import ROLES
from delivery_shared.eventstore import postgres_environment
from delivery_shared.messaging.topology import STREAMS
from delivery_shared.projection import connect
from dispatch_svc.main import THREADS
from reporting_svc.bi.roles import CONNECTIONS as BI

from tests.deploy.manifests import of_kind
from tools.compose_file import containers

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "capacity.md").read_text()

POOL: Final = 5
OWN: Final = {"live": 1, "dispatcher": THREADS}
RELAYING: Final = 2
"""Of a worker that publishes: the relay's lock, the news of saves."""

BESIDE: Final = {"prepare": 8, "dc": 20, "superuser": 3}
"""Whoever is not among the processes."""


def most_of(name: str) -> int:
    """Connections one process can hold."""
    service, role = ROLES[name]
    return POOL + OWN.get(role, RELAYING if role == "worker" and service in STREAMS else 0)


def sums(copies: Mapping[str, int]) -> tuple[int, int]:
    """Of all processes, and while each has its next version beside it."""
    used = sum(number * most_of(name) for name, number in copies.items())
    return used, used + sum(most_of(name) for name in copies)


def copies_in_compose() -> dict[str, int]:
    return {name: 1 for name in ROLES if name in containers({})}


def copies_in(overlay: str) -> dict[str, int]:
    """As many as it can come to, by whoever scales it."""
    deployments, found = of_kind(overlay, "Deployment"), {}
    scaled = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"].get("maxReplicas") or one["spec"]["maxReplicaCount"]
        for one in of_kind(overlay, "HorizontalPodAutoscaler", "ScaledObject").values()
    }
    for name in ROLES:
        found[name] = int(scaled.get(name) or deployments[name]["spec"].get("replicas", 1))
        if name in scaled:
            assert "replicas" not in deployments[name]["spec"], "whoever applies the manifests would scale it back"
    return found


def setting(text: str) -> int:
    return int(re.findall(r"max_connections\W+(\d+)", text)[0])


def installations() -> dict[str, tuple[dict[str, int], int]]:
    """Copies of each process and what PostgreSQL allows, by what the document calls it."""
    single = yaml.safe_dump(of_kind("single-node", "StatefulSet")["postgres"])
    production = yaml.safe_dump(of_kind("production", "Cluster")["postgres"])
    compose = (ROOT / "docker-compose.yml").read_text()
    return {
        "compose": (copies_in_compose(), setting(compose)),
        "single-node": (copies_in("single-node"), setting(single)),
        "production": (copies_in("production"), setting(production)),
    }


@pytest.mark.parametrize("name", ["compose", "single-node", "production"])
def test_the_document_counts_as_the_manifests_do(name: str) -> None:
    copies, allowed = installations()[name]
    assert len(copies) == len(ROLES)
    used, surge = sums(copies)
    rows = re.findall(rf"^\| {name} \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT, re.MULTILINE)
    left = allowed - surge - BESIDE["dc"] - BESIDE["superuser"]
    assert [tuple(map(int, row)) for row in rows] == [(sum(copies.values()), used, surge, allowed, left)]
    assert used + sum(BESIDE.values()) <= allowed, "prepare goes first, beside the version before"
    assert left >= 2 * BI, "while a version replaces another, the operator and two analysts find a connection"


def test_the_document_names_what_each_process_holds() -> None:
    rows = dict(re.findall(r"^\| ([a-z, ]+?)(?: \([^)]*\))? \| 5 \| [^|]* \| (\d+) \|$", DOCUMENT, re.MULTILINE))
    assert {name: int(most) for name, most in rows.items()} == {
        "api": most_of("project-api"),
        "live": most_of("reporting-live"),
        "worker that publishes": most_of("project-worker"),
        "worker of notify, reporting": most_of("notify-worker"),
        "dispatcher": most_of("dispatch-dispatcher"),
        "sender": most_of("notify-sender"),
    }
    (beside,) = re.findall(r"`prepare` (\d+), `dc` (\d+), PostgreSQL's own (\d+), a BI role (\d+)", DOCUMENT)
    assert tuple(map(int, beside)) == (*BESIDE.values(), BI)


def test_a_pool_holds_what_is_counted() -> None:
    environment = postgres_environment("postgresql://h/d", "s")
    assert int(environment["POSTGRES_POOL_SIZE"]) + int(environment["POSTGRES_MAX_OVERFLOW"]) == POOL
    pool = connect("postgresql://h/d", "s").pool
    assert pool.size() + pool._max_overflow == POOL  # type: ignore[attr-defined]
