"""Processes come and go under load, as an autoscaler and a rolling restart would have it: nothing is lost, nobody is
told of it, and each ends within the time a container is given."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx
import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import Robots, http_hands
from delivery_center.running.processes import System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.testing.fixtures import eventually
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.faults

GRACE = 25.0
"""Seconds from SIGTERM to the end at most; containers are given 30."""
OPEN = 40
"""Projects under way at a time, where nothing else is said."""


class Load(threading.Thread):
    """Orders come, and people do their part, until told that it is enough; then what is open is finished."""

    def __init__(self, installation: PreparedSystem, *, patience: float = 90, most: int = OPEN) -> None:
        super().__init__(name="load")
        self.patience = patience
        self.most = most
        self.installation = installation
        self.robots: Robots = installation.robots()
        self.projects: list[UUID] = []
        self.enough = threading.Event()
        self.failure: BaseException | None = None

    @property
    def completed(self) -> int:
        return len(self.robots.completed)

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                if len(self.projects) - self.completed < self.most:
                    self.projects += self.robots.order(self.installation.orders(5))
                if not self.robots.work():
                    self.enough.wait(0.002)
            self.robots.run(lambda: self.robots.completed.keys() >= set(self.projects), timeout=self.patience)
        except BaseException as error:
            self.failure = error


@contextmanager
def under_load(installation: PreparedSystem, *, patience: float = 90, most: int = OPEN) -> Iterator[Load]:
    """``most`` projects at a time. Everything ordered meanwhile is completed at the end, within ``patience`` seconds,
    and every invariant holds."""
    load = Load(installation, patience=patience, most=most)
    load.start()
    try:
        yield load
    finally:
        load.enough.set()
        load.join()
    assert load.failure is None, repr(load.failure)
    assert load.projects
    installation.assert_well()


def ended(system: System, name: str) -> None:
    """SIGTERM: it ends by itself, in time and well."""
    began = time.monotonic()
    assert system.stop([name]) == {name: 0}
    assert time.monotonic() - began < GRACE


def served(system: System, name: str) -> float:
    """Rows of the inbox a dispatcher has served."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(system.metrics(name))
        for sample in family.samples
        if sample.name == "delivery_dispatch_rows_total" and sample.labels["outcome"] == "served"
    )


def test_dispatchers_grow_to_six_and_shrink_to_one(installation: PreparedSystem) -> None:
    """The one that stays last is none of the first: all work has been handed over."""
    system = installation.system
    first, *others = ["dispatch-dispatcher", *(f"dispatch-dispatcher#{n}" for n in range(2, 7))]
    try:
        with under_load(installation) as load:
            eventually(lambda: load.completed > 0)
            for name in others:
                system.start([name])
            eventually(lambda: sum(served(system, name) > 0 for name in others) >= 2)
            for name in [first, *others[:-1]]:
                ended(system, name)
            done = load.completed
            eventually(lambda: load.completed > done)
    finally:
        system.start([first])
        system.stop([name for name in others if name in system.running])


class Gateway:
    """Two API processes by turns. As a gateway does it tries the other one where a connection is refused, and nothing
    else; every request has a connection of its own."""

    def __init__(self, addresses: list[str]) -> None:
        self._turn = itertools.count()
        self._addresses = addresses
        self._http = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    def request(self, method: str, path: str, **more: object) -> httpx.Response:
        turn = next(self._turn)
        for attempt in range(len(self._addresses)):
            address = self._addresses[(turn + attempt) % len(self._addresses)]
            try:
                return self._http.request(method, address + path, **more)  # type: ignore[arg-type]
            except httpx.ConnectError as error:
                refused = error
        raise refused

    def close(self) -> None:
        self._http.close()


def test_api_processes_are_restarted_one_by_one_and_no_client_notices(installation: PreparedSystem) -> None:
    """Every order is accepted, and answered with the same project when it is repeated."""
    system, names = installation.system, ["project-api", "project-api#2"]
    system.start([names[1]])
    gateway = Gateway([system.base_url("project"), system.base_url(names[1])])
    stopping = threading.Event()
    with http_hands(system, REQUIREMENT, threads=1) as hands:
        token = hands.token(uuid4(), uuid4(), "marketplace")

    def client() -> list[tuple[int, str]]:
        answers: list[tuple[int, str]] = []
        while not stopping.wait(0.1):
            (order,) = installation.orders(1)
            body = {
                "order_number": order.order_number,
                "business_number": order.business_number,
                "product_id": str(order.product_id),
                "customer": {"number": order.order_number, "name": "客户"},
            }
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": order.business_number}
            first, again = (gateway.request("POST", "/api/v1/orders", json=body, headers=headers) for _ in range(2))
            assert first.json() == again.json()
            answers += [(answer.status_code, answer.json().get("project_id", "")) for answer in (first, again)]
        return answers

    robots = installation.robots()
    try:
        with ThreadPoolExecutor(3) as pool:
            clients = [pool.submit(client) for _ in range(3)]
            try:
                for name in names * 2:
                    ended(system, name)
                    system.start([name])
            finally:
                stopping.set()
            answers = [answer for one in clients for answer in one.result()]
    finally:
        gateway.close()
        for name in names:
            if name not in system.running:
                system.start([name])
        ended(system, names[1])
    assert {status for status, _ in answers} == {201}
    projects = {UUID(project) for _, project in answers}
    assert len(projects) == len(answers) / 2 >= 20
    robots.run(lambda: robots.completed.keys() >= projects, timeout=120)
    installation.assert_well()
