"""Complete lifecycles of a ten-step project through the real services: separate processes, PostgreSQL, RabbitMQ."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import Robots, http_hands
from delivery_center.running.processes import System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.messaging.topology import Broker
from eventsourcing.utils import get_topic
from project_svc.domain.facts import RoleFilled, Started

CAPACITY = 1000
"""Orders the installation's staff can hold at once: 20 people, 50 each."""


@contextmanager
def installation(database_url: str, broker: Broker, folder: Path) -> Iterator[PreparedSystem]:
    """All services as separate processes, with one product and its people."""
    with System(
        database_url=database_url, broker=broker, folder=folder, environment={"DELIVERY_LOG_LEVEL": "WARNING"}
    ) as system:
        system.migrate()
        system.start()
        with PreparedSystem(system) as prepared:
            yield prepared


def at_the_application(installation: PreparedSystem, projects: int) -> tuple[float, float]:
    """Projects per second from the first order to the last completion stored, all services running; and the seconds
    reporting and notify then still need."""
    robots = installation.robots()
    rate, finished = _lives(installation, robots, projects, wave=200)
    installation.settle(seconds=600)
    return rate, time.monotonic() - finished


def over_http(installation: PreparedSystem, projects: int, *, threads: int = 8) -> float:
    """Projects per second when every order and every operation is an HTTP request of its own."""
    return over_http_timed(installation, projects, threads=threads)[0]


def over_http_timed(installation: PreparedSystem, projects: int, *, threads: int) -> tuple[float, list[float]]:
    """As :func:`over_http`, and the seconds each request took."""
    with http_hands(installation.system, REQUIREMENT, threads=threads) as hands:
        rate, _ = _lives(installation, installation.robots(hands), projects, wave=50)
    installation.settle(seconds=300)
    return rate, hands.took


def _lives(installation: PreparedSystem, robots: Robots, projects: int, *, wave: int) -> tuple[float, float]:
    """Projects per second, and when the last was completed. Orders come in waves, so that the capacity of the staff
    is never the limit."""
    orders = installation.orders(projects)
    placed = 0
    started = time.monotonic()
    while len(robots.completed) < projects:
        if placed < projects and placed - len(robots.completed) <= CAPACITY - wave:
            robots.order(orders[placed : placed + wave])
            placed += wave
        if not robots.work():
            time.sleep(0.002)
        if time.monotonic() - started > max(300, projects):
            raise TimeoutError(f"{len(robots.completed)} of {projects} completed")
    finished = max(robots.completed.values())
    return projects / (finished - started), finished


def order_to_assignment(installation: PreparedSystem, orders: int, *, per_second: int) -> tuple[float, float]:
    """p50 and p99, in milliseconds, from a stored order to the stored assignment of its staff, under a steady load.
    Read from the events' own times, so that watching costs nothing."""
    robots = installation.robots()
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            if not robots.work():
                time.sleep(0.01)

    since = installation.application.store.recorder.max_notification_id() or 0
    worker = threading.Thread(target=work)
    worker.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            begun = time.monotonic()
            for n, order in enumerate(installation.orders(orders)):
                time.sleep(max(0.0, begun + n / per_second - time.monotonic()))
                pool.submit(robots.order, [order])
        deadline = time.monotonic() + 60
        while len(robots.completed) < orders and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stopping.set()
        worker.join()
    topics = [get_topic(cls) for cls in (Started, RoleFilled)]
    started: dict[UUID, Any] = {}
    waits: list[float] = []
    for notification in installation.application.store.recorder.select_notifications(
        since, 10 * orders, topics=topics, inclusive_of_start=False
    ):
        event: Any = installation.application.store.mapper.to_domain_event(notification)
        if isinstance(event, Started):
            started[event.originator_id] = event.timestamp
        else:
            waits.append((event.timestamp - started[event.originator_id]).total_seconds() * 1000)
    if len(waits) < orders:
        raise RuntimeError(f"{len(waits)} of {orders} orders were assigned")
    cuts = statistics.quantiles(waits, n=100)
    return cuts[49], cuts[98]
