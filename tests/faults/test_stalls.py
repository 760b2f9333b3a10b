"""Processes and connections that neither work nor die, and API processes killed around the commit."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import Robots, http_hands
from delivery_center.running.processes import System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.messaging.topology import HEARTBEAT
from delivery_shared.testing.fixtures import eventually
from project_svc.domain.order import Order

from .half_open import half_open_proxy

pytestmark = pytest.mark.faults

PROJECTS = 20


def through(robots: Robots, projects: list[UUID]) -> None:
    robots.run(lambda: all(project in robots.completed for project in projects), timeout=180)


def is_halted(system: System, name: str) -> bool:
    """Whether the process is stopped by a signal, as the system tells."""
    stat = Path(f"/proc/{system.running[name].pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


def test_a_dispatcher_that_stalls_with_the_lock_is_overtaken_and_fenced(installation: PreparedSystem) -> None:
    """Given a dispatcher that halts between decision and commit, when its lease is over, then another one serves the
    pool; the first one, going on, stores nothing twice and works again."""
    system, first, second = installation.system, "dispatch-dispatcher", "dispatch-dispatcher#2"
    robots = installation.robots()
    system.stop([first])
    system.start([first], failpoint="dispatcher.before_commit:stop")
    try:
        projects = robots.order(installation.orders(PROJECTS))
        eventually(lambda: is_halted(system, first))
        system.start([second])
        through(robots, projects)
        os.kill(system.running[first].pid, signal.SIGCONT)
        installation.assert_well()
        assert system.stop([second]) == {second: 0}
        through(robots, robots.order(installation.orders(PROJECTS)))
        installation.assert_well()
    finally:
        os.kill(system.running[first].pid, signal.SIGCONT)
        system.stop([name for name in (first, second) if name in system.running])
        system.start([first])


def test_a_half_open_connection_is_noticed_within_two_heartbeats(installation: PreparedSystem) -> None:
    """Nothing passes any more, and no end of the connection is told: relay and feeds connect again by themselves."""
    system, name = installation.system, "dispatch-worker"
    direct = system.environment["AMQP_URL"]
    parts = urlsplit(direct)
    robots = installation.robots()
    with half_open_proxy(parts.hostname or "", parts.port or 5672) as proxy:
        system.environment["AMQP_URL"] = direct.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{proxy.port}")
        try:
            assert system.environment["AMQP_URL"] != direct
            system.stop([name])
            system.start([name])
            through(robots, robots.order(installation.orders(PROJECTS)))
            before = proxy.accepted
            proxy.silence()
            projects = robots.order(installation.orders(PROJECTS))
            eventually(lambda: proxy.accepted > before, timeout=2 * HEARTBEAT + 10)
            through(robots, projects)
            assert system.stop([name]) == {name: 0}
        finally:
            system.environment["AMQP_URL"] = direct
            system.stop([n for n in [name] if n in system.running])
            system.start([name])
    installation.assert_well()


@pytest.mark.parametrize(("failpoint", "stored"), [("command.before_commit", False), ("command.after_commit", True)])
def test_an_api_killed_around_the_commit(installation: PreparedSystem, failpoint: str, stored: bool) -> None:
    """The client hears nothing; what it sends again under its key has one effect, and the same answer twice."""
    system, name = installation.system, "project-api"
    (order,) = installation.orders(1)
    body = {
        "order_number": order.order_number,
        "business_number": order.business_number,
        "product_id": str(order.product_id),
        "customer": {"number": order.order_number, "name": "客户"},
    }
    robots = installation.robots()
    with http_hands(system, REQUIREMENT, threads=1) as hands:
        token = hands.token(uuid4(), uuid4(), "marketplace")

    def send() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": order.business_number}
        return httpx.post(system.address("/api/v1/orders"), json=body, headers=headers, timeout=30)

    def taken() -> int:
        with installation.application.store.connection() as connection:
            row = connection.execute(
                "SELECT count(*) AS n FROM purchase WHERE business_number = %s", (order.business_number,)
            ).fetchone()
        return int(row["n"]) if row else -1

    system.stop([name])
    system.start([name], failpoint=failpoint)
    try:
        with pytest.raises(httpx.RemoteProtocolError):
            send()
        assert taken() == int(stored)
    finally:
        system.kill(name)
        system.start([name])
    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert taken() == 1
    through(robots, [UUID(first.json()["project_id"])])
    installation.assert_well()


CROWD = 24
"""Orders sent at once: those that come while one is saved travel together."""


@pytest.mark.parametrize(("failpoint", "stored"), [("together.before_commit", False), ("together.after_commit", True)])
def test_an_api_killed_around_the_commit_of_many(installation: PreparedSystem, failpoint: str, stored: bool) -> None:
    """Given commands that are saved together, when the process dies before or after their commit, then all of them are
    stored or none is, and what the clients send again under their keys has one effect each (ADR 0022)."""
    system, name = installation.system, "project-api"
    orders = installation.orders(CROWD)
    robots = installation.robots()
    with http_hands(system, REQUIREMENT, threads=1) as hands:
        token = hands.token(uuid4(), uuid4(), "marketplace")

    def send(order: Order) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": order.business_number}
        body = {
            "order_number": order.order_number,
            "business_number": order.business_number,
            "product_id": str(order.product_id),
            "customer": {"number": order.order_number, "name": "客户"},
        }
        try:
            return httpx.post(system.address("/api/v1/orders"), json=body, headers=headers, timeout=30)
        except httpx.TransportError:
            return None

    def all_sent() -> list[httpx.Response | None]:
        with ThreadPoolExecutor(CROWD) as pool:
            return list(pool.map(send, orders))

    def taken() -> int:
        numbers = [order.business_number for order in orders]
        with installation.application.store.connection() as connection:
            row = connection.execute(
                "SELECT count(*) AS n FROM purchase WHERE business_number = ANY(%s)", (numbers,)
            ).fetchone()
        return int(row["n"]) if row else -1

    system.stop([name])
    system.start([name], failpoint=failpoint)
    try:
        answered = [answer for answer in all_sent() if answer is not None]
    finally:
        system.kill(name)  # gunicorn has put another worker in the place of the one that died
        system.start([name])
    kept = taken()
    assert len(answered) + 2 <= kept <= CROWD if stored else len(answered) <= kept <= CROWD - 2
    first, again = all_sent(), all_sent()
    assert [answer.status_code for answer in first if answer] == [201] * CROWD
    assert [answer.json() for answer in again if answer] == [answer.json() for answer in first if answer]
    known = {answer.json()["project_id"] for answer in first if answer}
    assert known >= {answer.json()["project_id"] for answer in answered}
    assert (len(known), taken()) == (CROWD, CROWD)
    through(robots, [UUID(project) for project in known])
    installation.assert_well()
