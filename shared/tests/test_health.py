"""Health and metrics of a process: threads that die or hang are told, database and broker are not asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.figures import Figures
from delivery_shared.health import Health, Only, serve_health
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.liveness import StopSignal
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.metrics import exposition
from delivery_shared.service import Service, Worker
from delivery_shared.status import status_of
from delivery_shared.testing.fixtures import eventually
from delivery_shared.version import VERSION
from flask import Flask
from prometheus_client import Gauge
from prometheus_client.parser import text_string_to_metric_families
from test_http import ISSUER, blp
from test_messaging import produce, running
from toy import ledger_policies

SEVEN = Gauge("delivery_toy_seven", "A figure of the toy's own")


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    """Serves an application on a free port and tells its address."""
    closing: list[Callable[[], None]] = []

    def serve(application: Any) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        closing.append(serve_health(address, application))
        return f"http://{address}"

    yield serve
    for close in closing:
        close()


def sample(name: str, **labels: str) -> float | None:
    """A metric of this process as a scrape sees it."""
    for family in text_string_to_metric_families(exposition().decode()):
        for found in family.samples:
            if found.name == name and labels.items() <= found.labels.items():
                return float(found.value)
    return None


def service_with(**loops: Callable[[threading.Event], None]) -> Service:
    return Service(
        name="toy", store=None, consumers=(), create_api=lambda: Flask("toy"), migrate=lambda: None, background=loops
    )


def test_a_thread_that_asks_is_well_and_one_that_died_is_told() -> None:
    signal = StopSignal()
    threading.Thread(target=signal.is_set, name="brief").start()
    eventually(lambda: signal.faults() == ["brief has died"])
    signal.set()
    assert signal.faults() == []


def test_a_thread_that_does_not_come_back_hangs_and_one_that_said_it_waits_does_not() -> None:
    signal, stuck, patient = StopSignal(limit=0.05), threading.Event(), threading.Event()
    begun = threading.Event()

    def hang() -> None:
        assert not signal.is_set()
        begun.set()
        stuck.wait()

    threads = [
        threading.Thread(target=hang, name="stuck"),
        threading.Thread(target=lambda: signal.wait(60) or patient.set(), name="patient"),
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    eventually(lambda: signal.faults() == ["stuck hangs"])
    stuck.set()
    signal.set()
    for thread in threads:
        thread.join(5)


def test_a_worker_whose_loop_died_is_not_alive(served: Callable[..., str]) -> None:
    die = threading.Event()

    def dying(stopping: threading.Event) -> None:
        while not die.is_set():
            stopping.wait(0.01)

    worker = Worker(service_with(dying=dying, well=lambda stopping: stopping.wait() and None), MemoryTransport(), None)
    base = served(Health(worker.faults))
    worker.start()
    try:
        for path, told in (("/livez", {"status": "alive", "version": VERSION}), ("/readyz", {"status": "ready"})):
            answer = httpx.get(base + path)
            assert (answer.status_code, answer.json()) == (200, told)
        die.set()
        eventually(lambda: httpx.get(f"{base}/livez").status_code == 503)
        faults = {"status": "failing", "faults": ["toy-dying has died"]}
        assert httpx.get(f"{base}/livez").json() == httpx.get(f"{base}/readyz").json() == faults
    finally:
        worker.stop()
    assert worker.faults() == []


def test_the_port_serves_three_paths_and_nothing_else(served: Callable[..., str]) -> None:
    base = served(Health(list))
    assert httpx.get(f"{base}/metrics").text.startswith("# HELP")
    assert httpx.get(f"{base}/api/v1/orders").status_code == 404
    behind = served(Only(Flask("toy")))
    assert httpx.get(f"{behind}/static/x").json() == {"status": "unknown"}


@pytest.mark.integration
def test_requests_are_measured_by_route_template(accounts: EventStore) -> None:
    app = create_api(
        name="measured",
        title="toy",
        application=accounts,
        blueprints=[blp],
        errors={},
        verifier=TokenVerifier(ISSUER.public_jwks),
    )
    client = app.test_client()
    assert client.get("/api/v1/accounts").status_code == 200
    assert client.open("/nowhere/1", method="BREW").status_code == 404
    assert client.get("/livez").status_code == client.get("/metrics").status_code == 200
    name = "delivery_http_request_duration_seconds_count"
    assert sample(name, service="measured", method="GET", route="/api/v1/accounts", status="2xx") == 1
    assert sample(name, service="measured", method="other", route="none", status="4xx") == 1
    assert sample(name, service="measured", route="/livez") is None


@pytest.mark.integration
def test_the_figures_loop_sets_every_gauge(accounts: EventStore, ledger: EventStore) -> None:
    consumer = ledger_policies(ledger, poison=[13])
    transport = MemoryTransport()
    transport.register(Outbox(accounts))
    feed = Feed(consumer, transport)
    produce(accounts, [13])
    with running(feed):
        eventually(lambda: consumer.position().id == Outbox(accounts).last())
    transport.close()
    figures = Figures(
        lambda: status_of(
            service="dispatch", store=accounts, consumers=[consumer], relayed=True, own=lambda: {"seven": 7}
        ),
        own={"seven": SEVEN},
        feeds=[feed],
    )
    figures.once()
    assert sample("delivery_outbox_waiting", source="dispatch") == 2
    assert sample("delivery_outbox_last_id", source="dispatch") == 2
    assert sample("delivery_feed_position", feed="ledger", source="dispatch") == 2
    assert sample("delivery_feed_parked", feed="ledger", source="dispatch") == 1
    assert sample("delivery_feed_lag_seconds", feed="ledger", source="dispatch") == 0
    assert sample("delivery_toy_seven") == 7
    assert (sample("delivery_database_connections", service="dispatch", state="idle") or 0) >= 1
    before = sample("delivery_figures_read_timestamp_seconds", service="dispatch")
    assert before is not None
    figures.once()
    assert (sample("delivery_figures_read_timestamp_seconds", service="dispatch") or 0) > before


@pytest.mark.integration
def test_a_message_that_cannot_be_applied_yet_ages(accounts: EventStore, ledger: EventStore) -> None:
    """While a feed is stuck before a message, its lag is that message's age, not the age of what came before."""
    consumer = ledger_policies(ledger)
    transport = MemoryTransport()
    transport.register(Outbox(accounts))
    feed = Feed(consumer, transport)
    account_id = produce(accounts, [1])
    opened: Any = next(iter(accounts.events.get(account_id)))
    with ledger.connection() as connection:
        connection.execute("ALTER TABLE feed_position ADD CONSTRAINT stuck CHECK (position = 0)")
    with running(feed):
        eventually(lambda: feed.pending_since == opened.timestamp)
        with ledger.connection() as connection:
            connection.execute("ALTER TABLE feed_position DROP CONSTRAINT stuck")
        eventually(lambda: consumer.position().id == 2 and feed.pending_since is None)
    transport.close()


@pytest.mark.integration
def test_what_takes_until_its_effect_is_counted(accounts: EventStore, ledger: EventStore) -> None:
    """From what happened to its effect here, each message by itself: one that waited an hour is no prompt one."""
    consumer = ledger_policies(ledger)
    labels = {"feed": consumer.name, "source": consumer.source}
    counted = sample("delivery_feed_delay_seconds_count", **labels) or 0
    prompt = sample("delivery_feed_delay_seconds_bucket", le="5.0", **labels) or 0
    produce(accounts, [1, 2, 3])
    first, *others = (open_message(one.body) for one in Outbox(accounts).read(after=0, limit=10))
    late = [replace(first, time=first.time - timedelta(hours=1)), *others]
    consumer.apply(late, consumer.position(), Position(late[-1].id, None))
    assert sample("delivery_feed_delay_seconds_count", **labels) == counted + len(late)
    assert sample("delivery_feed_delay_seconds_bucket", le="5.0", **labels) == prompt + len(late) - 1
