"""Streams and queues are declared once the nodes they are to lie on run: what is declared on the first node of a
cluster stays on that node. One real node, of which three are wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from delivery_center.installing.prepare import declare
from delivery_center.running.ports import free_port
from delivery_shared.messaging import cluster
from delivery_shared.messaging.cluster import Cluster, TooFewNodes
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import eventually
from structlog.testing import capture_logs

from tools.private_rabbit import PrivateRabbit

pytestmark = pytest.mark.integration

FEW = "streams and queues are declared once 3 nodes of RabbitMQ run (DELIVERY_BROKER_NODES); 1 do"


@pytest.fixture(scope="module")
def node() -> Iterator[Broker]:
    """One node with its management API."""
    rabbit = PrivateRabbit()
    try:
        api = rabbit.tell()
        rabbit.start()
        yield Broker(url=rabbit.url, api=api)
    finally:
        rabbit.remove()


@pytest.fixture
def wanting_three(node: Broker) -> Iterator[Broker]:
    yield replace(node, namespace="three.", nodes=3)
    replace(node, namespace="three.").delete()


def test_nothing_is_declared_before_they_run(wanting_three: Broker) -> None:
    """A relay, which declares before it publishes, is refused in one sentence, and tries again."""
    with pytest.raises(TooFewNodes) as refusal:
        wanting_three.declare()
    assert str(refusal.value) == FEW
    assert wanting_three.missing() == wanting_three.names


def test_prepare_waits_for_them_and_says_so(wanting_three: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PAUSE", 0.02)
    with capture_logs() as logs, pytest.raises(SystemExit) as refusal:
        declare(wanting_three, patience=0.2)
    assert refusal.value.code == FEW
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("waits for its broker", FEW)]
    assert wanting_three.missing() == wanting_three.names


def test_prepare_goes_on_once_they_run(wanting_three: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PAUSE", 0.02)
    counted = iter([1, 2, 3, 3])
    monkeypatch.setattr(Cluster, "nodes", lambda self: next(counted))
    declare(wanting_three, patience=20)
    assert wanting_three.missing() == []
    assert next(counted, None) is None


def test_what_is_declared_already_needs_no_node_more(node: Broker, wanting_three: Broker) -> None:
    """While a node of three is away, relays go on with what is there."""
    replace(node, namespace="three.").declare()
    wanting_three.declare()

    def members() -> tuple[int, dict[str, int]] | None:
        try:
            return node.cluster.members(wanting_three.names)
        except KeyError:  # a queue's members are told with its first statistics, within five seconds
            return None

    assert eventually(members) == (1, dict.fromkeys(wanting_three.names, 1))


def test_another_node_is_asked_where_one_is_away(node: Broker) -> None:
    several = Cluster(url=node.url, api=f"http://127.0.0.1:{free_port()};{node.api}")
    assert several.nodes() == 1
    with pytest.raises(httpx.ConnectError):
        Cluster(url=node.url, api=f"http://127.0.0.1:{free_port()}").nodes()


def test_a_stream_is_not_emptied_while_it_would_lie_on_fewer(node: Broker, wanting_three: Broker) -> None:
    replace(node, namespace="three.").declare()
    with pytest.raises(TooFewNodes):
        wanting_three.empty("project")
    assert wanting_three.missing() == []


def test_one_who_may_not_look_is_told(wanting_three: Broker) -> None:
    url = wanting_three.url.replace("guest:guest", "guest:wrong")
    with pytest.raises(TooFewNodes, match="does not tell how many run: HTTPStatusError: Client error '401"):
        Cluster(url=url, api=wanting_three.api).require(3)


def test_an_answer_that_is_none_is_told() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(TooFewNodes, match="does not tell how many run: JSONDecodeError"):
            Cluster(url="amqp://a:b@c/", api=f"http://127.0.0.1:{server.server_port}").require(3)
        server.shutdown()


def test_the_number_comes_from_the_environment() -> None:
    given = {"DATABASE_URL": "d", "AMQP_URL": "amqp://a:b@c/", "DELIVERY_PUBLIC_KEYS": "{}"}
    for environment, nodes in ((given, 1), ({**given, "DELIVERY_BROKER_NODES": "3"}, 3)):
        broker = Settings.read(environment).broker
        assert broker is not None
        assert broker.nodes == nodes
    for wrong in ("0", "-1", "many"):
        with pytest.raises(SystemExit, match="DELIVERY_BROKER_NODES is no number of nodes"):
            Settings.read({**given, "DELIVERY_BROKER_NODES": wrong})
