"""Services on two PostgreSQL servers, their streams and queues on three nodes of RabbitMQ; one node after the other is
killed while projects run. Two agree without the third, so nothing stands still for long, nothing is lost, and what each
node holds afterwards is in order."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.messaging.envelope import open_envelope, split
from delivery_shared.messaging.outbox import BATCH_LIMIT, Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.topology import STREAMS, Broker
from delivery_shared.testing.fixtures import eventually
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.test_scaling import Load, under_load
from tools.private_rabbit import PrivateRabbit, private_cluster
from tools.private_servers import private_postgres

from .conftest import SECONDS, Report

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 6 + 900)]

NODES = 3
ELSEWHERE = ("dispatch", "notify", "reporting")
"""The services on the second PostgreSQL server."""
GOES_ON = 60.0
"""Seconds in which projects are completed again after a node was killed, on a busy machine."""
QUIET = 3.0
"""Seconds without a further message after which a stream is read to its end."""


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[PrivateRabbit]]:
    with private_cluster(NODES) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def broker(nodes: list[PrivateRabbit]) -> Broker:
    """All three by their addresses; there is no balancer before them."""
    return Broker(
        url=";".join(node.url for node in nodes),
        api=";".join(str(node.api) for node in nodes),
        nodes=NODES,
        namespace=f"{uuid4().hex[:6]}.",
    )


@pytest.fixture(scope="module")
def apart(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedSystem]:
    with private_postgres() as most, private_postgres() as other:
        environment = {f"DELIVERY_{name.upper()}_DATABASE_URL": other.url for name in ELSEWHERE}
        environment |= {"DELIVERY_BROKER_NODES": str(NODES), "DELIVERY_BROKER_API": str(broker.api)}
        folder = tmp_path_factory.mktemp("apart")
        with System(database_url=most.url, broker=broker, folder=folder, environment=environment) as system:
            system.migrate()
            system.start()
            with PreparedSystem(system) as installation:
                assert len(set(installation.center.databases.values())) == 2
                yield installation


def test_nothing_is_lost_or_out_of_order_when_any_node_is_killed(
    apart: PreparedSystem, broker: Broker, nodes: list[PrivateRabbit], seed: int, report: Report
) -> None:
    """Given projects under way, when each node is killed in turn – so once the one that leads the streams – and comes
    back, then projects are completed while it is away, everything ordered is completed, `verify` finds nothing in
    either database, no process has died, and every node tells each source's messages in the order of its store."""
    draw = random.Random(seed)
    with under_load(apart, patience=180) as load:
        eventually(lambda: load.completed > 0, timeout=GOES_ON)
        for victim in draw.sample(nodes, NODES):
            report(killed_for_a_while(load, broker, victim, away=draw.uniform(2, SECONDS / 4)))
    report(f"{len(load.projects)} projects, all completed, 0 violations; feeds that found a gap: {gaps(apart.system)}")
    assert {name: process.poll() for name, process in apart.system.running.items()} == dict.fromkeys(
        apart.system.running
    )
    for source in STREAMS:
        stored = told(apart, source)
        for node in nodes:
            assert held(node, broker.namespace, source) == stored, (source, node.url)
        report(f"{source}: {len(stored)} messages in order on each of {NODES} nodes")


def killed_for_a_while(load: Load, broker: Broker, victim: PrivateRabbit, *, away: float) -> str:
    """Kill -9; people go on meanwhile; it comes back and belongs to the others again."""
    led = [name.removeprefix(broker.namespace) for name in broker.names if leader(victim, name) == victim.name]
    victim.kill9()
    threading.Event().wait(away)  # how long it is away is what was drawn
    done = load.completed
    eventually(lambda: load.completed > done, timeout=GOES_ON)
    victim.start()
    eventually(lambda: broker.cluster.nodes() == NODES, timeout=GOES_ON)
    done = load.completed
    eventually(lambda: load.completed > done, timeout=GOES_ON)
    return f"a node that led {', '.join(led) or 'nothing'} killed for {away:.1f} s; {load.completed} completed so far"


def leader(asked: PrivateRabbit, name: str) -> str:
    """The node that leads a stream or queue, as the management API of one of them tells."""
    answer = httpx.get(f"{asked.api}/api/queues/%2F/{name}", auth=("guest", "guest"), timeout=10).raise_for_status()
    known = answer.json()
    return str(known.get("leader") or known.get("node"))


def told(apart: PreparedSystem, source: str) -> list[int]:
    """Ids of what a service has to tell, as its store has them."""
    store = apart.center.services[source].store
    assert store is not None
    outbox, found = Outbox(store), list[int]()
    while batch := outbox.read(after=found[-1] if found else 0, limit=BATCH_LIMIT, prev=None):
        found += [outgoing.id for outgoing in batch]
    return found


def held(node: PrivateRabbit, namespace: str, source: str) -> list[int]:
    """Ids in the stream as this node tells it from its beginning, repetitions left out."""
    found, at = list[int](), 0
    transport = RabbitTransport(Broker(url=node.url, namespace=namespace))
    with transport.attach(source=source, position=0, offset=None) as attachment:
        while deliveries := attachment.receive(limit=100, timeout=QUIET):
            for delivery in deliveries:
                for envelope in map(open_envelope, split(delivery.body)):
                    if (message := int(envelope.id)) > at:
                        found.append(message)
                        at = message
            attachment.acknowledge(deliveries)
    return found


def gaps(system: System) -> int:
    return sum(
        int(sample.value)
        for name in system.running
        for family in text_string_to_metric_families(system.metrics(name))
        for sample in family.samples
        if sample.name == "delivery_feed_gaps_total"
    )
