"""A whole installation under more load than it carries, and under callers nobody knows."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import COMPOSE
from delivery_center.demo import notebook
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.http.tokens import LIFETIME
from identity_svc.bootstrap import MARKETPLACE

from tests.overload.load import Asked, closed_loop, open_loop
from tests.overload.serving import Watch
from tests.overload.test_anonymous import under_fire
from tests.overload.test_shedding import LATEST, OVERLOADED

from .conftest import SECONDS, Report

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 20 + 600)]

CLIENTS = 16
"""Who measure what is carried."""
TIMES = 4
"""How often the load is doubled until it is too much."""


class Marketplace:
    """Sends orders, each with a number of its own, which it notes. It signs in again before its token is over."""

    def __init__(self, installation: PreparedSystem) -> None:
        self.system = installation.system
        self.product_id = str(installation.product_id)
        self.book = notebook(self.system.environment["DATABASE_URL"], self.system.folder)
        self.sent: list[str] = []
        self._token, self._until = "", 0.0

    def order(self) -> Asked:
        number = str(uuid4().int)[:18]
        self.sent.append(number)
        return Asked(
            method="POST",
            url=self.system.address("/api/v1/orders"),
            headers={"Authorization": f"Bearer {self.token()}", "Idempotency-Key": number},
            json={
                "product_id": self.product_id,
                "order_number": number,
                "business_number": number,
                "customer": {"number": f"S{number}", "name": "浸泡测试"},
            },
        )

    def token(self) -> str:
        if time.monotonic() > self._until:
            with Client(self.system.address) as client:
                self._token = settle(client, self.book, MARKETPLACE).token
            self._until = time.monotonic() + LIFETIME.total_seconds() / 2
        return self._token


def known(installation: PreparedSystem) -> set[str]:
    """The business numbers of all projects there are."""
    store = installation.center.services["project"].store
    assert store is not None
    with store.connection() as connection:
        return {row["business_number"] for row in connection.execute("SELECT business_number FROM purchase")}


def test_twice_the_orders_that_are_carried(installation: PreparedSystem, seed: int, report: Report) -> None:
    """What is taken is answered in time and stands, what is refused was not done; the invariants hold, and nobody
    takes the process for dead."""
    system, market = installation.system, Marketplace(installation)
    carried = closed_loop(market.order, clients=CLIENTS, seconds=SECONDS / 2)
    rate = len(carried.of(201)) / (SECONDS / 2)
    report(f"carried: {rate:.0f} orders/s")
    alive_at = f"http://127.0.0.1:{system.health['project-api']}/livez"
    for _ in range(TIMES):  # what few clients get done may be less than what is carried
        rate, before = 2 * rate, len(market.sent)
        with Watch(alive_at, every=1) as alive:
            came = open_loop(market.order, rate=rate, seconds=SECONDS, seed=seed)
        report(f"sent {rate:.0f}/s for {SECONDS:g} s:\n{came}")
        report(f"/livez meanwhile: p99 {alive.quantile(0.99):.2f} s, {alive.failed} not answered")
        if came.of(503).all:
            break
    assert {kind for kind in came.kinds if kind[0] != 201} == {OVERLOADED}, came.kinds
    assert came.of(201).quantile(0.99) < LATEST
    assert alive.failed == 0
    numbers = known(installation)
    assert len(numbers & set(market.sent[before:])) == len(came.of(201))
    installation.assert_well()


@pytest.mark.parametrize("service", COMPOSE)
def test_nobody_known_for_long(system: System, service: str, seed: int, report: Report) -> None:
    came, served = under_fire(system, service, seconds=SECONDS, seed=seed)
    report(f"{service}: nobody known\n{came}\nsigned in: p99 {served.quantile(0.99):.2f} s, {served.failed} refused")
    assert {status for status, _, _ in came.kinds} <= {401, 405, 404}, came.kinds
    assert served.failed == 0
