"""Simulated marketplaces against intake-svc: what they sell comes in once, whatever fails between them, and
whoever else is away – nothing but intake-svc and its database runs here."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from delivery_center.marketplaces import PATIENCE, Gone, Marketplace
from delivery_shared.commands import Command
from delivery_shared.contracts import intake
from delivery_shared.eventstore import EventStore
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Service, Settings
from delivery_shared.testing.fixtures import scratch_database
from intake_svc.application import IntakeApplication
from intake_svc.commands import connections
from intake_svc.domain.order import project_id_of
from intake_svc.kinds import KINDS
from intake_svc.kinds.kind import Incoming, Reply
from intake_svc.main import service as compose

pytestmark = pytest.mark.integration

SECRET = "whsec_c2VjcmV0LW9mLWF0LWxlYXN0LTI0LWJ5dGVz"


@dataclass
class Intake:
    """Two processes of the service on one database."""

    processes: list[Service]

    @property
    def application(self) -> IntakeApplication:
        return cast(IntakeApplication, self.processes[0].create_api().extensions["application"])

    @property
    def store(self) -> EventStore:
        assert self.processes[0].store
        return self.processes[0].store

    def connect(self, kind: str, ready_when: Any = "received") -> tuple[UUID, str]:
        """A live connection; its id and the path of its address."""
        vendor, product = uuid4(), uuid4()
        with self.store.connection() as connection:
            connection.execute(
                "INSERT INTO product (product_id, vendor_id, code, name) VALUES (%s, %s, 'p', 'p')", (product, vendor)
            )
        run = self.application.carry_out
        form = {"vendor_id": vendor, "kind": kind, "name": kind, "ready_when": ready_when, "front_url": None}
        made = run(Command(), connections.open_connection(**form)).body
        which = {"vendor_id": vendor, "connection_id": UUID(made["id"])}
        line = connections.SkuLine(product_code="p", sku="s", product=None, product_id=product, edition=None, facts={})
        run(Command(), connections.set_secret(**which, secret=SECRET, overlap=timedelta(0)))
        run(Command(), connections.set_sku_map(**which, lines=[line]))
        run(Command(), connections.set_stage(**which, stage="live"))
        return UUID(made["id"]), made["address"]

    def sender(self, address: str, fails: Callable[[], str | None] = lambda: None) -> Callable[[Incoming], Reply]:
        """Calls either process. ``fails``: "before" – nobody is there; "after" – the answer is lost."""
        clients = [process.create_api().test_client() for process in self.processes]
        lock = [threading.Lock() for _ in clients]

        def send(call: Incoming) -> Reply:
            if (how := fails()) == "before":
                raise Gone("before")
            which = random.randrange(len(clients))
            with lock[which]:
                answer = clients[which].open(
                    address, method=call.method, query_string=call.query, headers=dict(call.headers), data=call.body
                )
            if how == "after":
                raise Gone("after")
            return Reply(status=answer.status_code, body=answer.data)

        return send

    def told(self) -> list[intake.OrderReceived]:
        messages = [open_message(out.body).contract for out in Outbox(self.store).read(after=0, limit=10_000)]
        return [message for message in messages if isinstance(message, intake.OrderReceived)]


@pytest.fixture
def running() -> Iterator[Intake]:
    issuer = TokenIssuer(new_private_jwk())
    with scratch_database() as url:
        settings = Settings(database_url=url, broker=None, public_keys=json.dumps(issuer.public_jwks))
        first = compose(settings)
        first.migrate()
        processes = [first, compose(settings)]  # as all processes but the one that migrates: on a schema that is there
        yield Intake(processes)
        for process in processes:
            process.close()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_was_sold_comes_in_once_whatever_fails(running: Intake, kind: str) -> None:
    """Nobody there, answers lost, several buyers at once; project-svc is away all the time."""
    connection_id, address = running.connect(kind)
    chance = random.Random(7)
    send = running.sender(address, lambda: chance.choice(["before", "after", None, None]))
    markets = [Marketplace.of(kind, secret=SECRET, send=send, wait=lambda _: None) for _ in range(2)]

    def sell(market: Marketplace) -> None:
        for _ in range(3):
            market.sell(product_code="p", sku="s")

    threads = [threading.Thread(target=sell, args=(market,)) for market in markets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sold = [purchase for market in markets for purchase in market.sold]
    told = [message.project_id for message in running.told()]
    assert len(sold) == 6
    assert all(p.instance in (p.order, None) for p in sold)
    ready = {project_id_of(connection_id, p.order) for p in sold if p.instance}
    assert ready <= set(told)
    assert len(told) == len(set(told))
    assert set(told) <= {project_id_of(connection_id, p.order) for p in sold}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_patience_ends_and_every_call_got_the_same_answer(running: Intake, kind: str) -> None:
    _, address = running.connect(kind, "started")
    waited: list[timedelta] = []
    market = Marketplace.of(kind, secret=SECRET, send=running.sender(address), wait=waited.append)
    bought = market.sell(product_code="p", sku="s")
    assert (bought.instance, bought.calls) == (None, len(PATIENCE[kind]) + 1)
    assert waited == list(PATIENCE[kind])
    assert len(running.told()) == 1


def test_alibaba_calls_120_times_and_huawei_for_three_hours() -> None:
    assert len(PATIENCE["aliyun-spi"]) + 1 == 120
    assert sum(PATIENCE["huawei"], timedelta(0)) == timedelta(hours=3)
