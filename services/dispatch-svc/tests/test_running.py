"""The parts around the dispatchers: hints, threads, composition."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.contracts import dispatch
from delivery_shared.messaging.hints import Hints
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Settings, Worker
from delivery_shared.testing.fixtures import eventually
from dispatch_svc.main import QUEUE, service
from dispatch_svc.verify import verify

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


class Slow:
    """A transport whose first key is held up until released."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.release = threading.Event()

    def send_key(self, queue: str, key: str) -> None:
        self.release.wait(5)
        self.sent.append((queue, key))


def test_hints_never_hold_up_and_are_sent_once_at_a_time() -> None:
    transport: Any = Slow()
    hints = Hints(transport, QUEUE)
    for _ in range(100):
        for pool in ("a", "b"):
            hints(pool)
    transport.release.set()
    hints.close()
    assert {key for _, key in transport.sent} == {"a", "b"}
    assert {queue for queue, _ in transport.sent} == {QUEUE}
    assert len(transport.sent) <= 4


def test_hints_without_any_start_nothing() -> None:
    hints = Hints(Slow(), QUEUE)  # type: ignore[arg-type]
    hints.close()
    assert [t for t in threading.enumerate() if t.name == f"hints-{QUEUE}"] == []


@pytest.mark.integration
@pytest.mark.requirement("D-01")
def test_composed_it_answers_by_itself_and_stops(shop: Any, issuer: Any) -> None:
    """api, worker and dispatcher as in production, in one process: an ask becomes an answer without help."""
    settings = Settings(
        database_url=shop.database_url,
        broker=None,
        schema=shop.store.schema,
        public_keys=json.dumps(issuer.public_jwks),
        environment={"DELIVERY_DISPATCHERS": "3"},
    )
    transport = MemoryTransport()
    composed = service(settings, transport)
    assert composed.store is not None
    transport.register(Outbox(composed.store))
    stopping = threading.Event()
    dispatchers = threading.Thread(target=composed.loops["dispatcher"], args=(stopping,))
    worker = Worker(replace(composed, consumers=[]), transport, None)
    dispatchers.start()
    worker.start()
    try:
        for n in range(20):
            shop.order(f"order {n}")
        eventually(lambda: len(shop.published(dispatch.ProviderAssigned)) == 20)
        assert composed.create_api().test_client().get("/readyz").status_code == 200
    finally:
        stopping.set()
        worker.stop()
        dispatchers.join(10)
        composed.close()
        transport.close()
    assert not dispatchers.is_alive()
    assert verify(shop.store, older_than=0) == []
