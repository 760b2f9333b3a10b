"""Outbox, relay, stream and feed: nothing lost, nothing double, poison put aside."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging import feed as feed_module
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.envelope import join
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.messaging.transport import Delivery, Transport
from delivery_shared.testing.fixtures import eventually
from kombu import Producer
from structlog.testing import capture_logs
from toy import Account, credit, ledger_policies, note, open_account

pytestmark = pytest.mark.integration


@contextmanager
def running(*loops: Any) -> Iterator[None]:
    threads = [threading.Thread(target=loop.run) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.stop()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def produce(accounts: EventStore, amounts: list[int]) -> UUID:
    account = open_account(uuid4())
    for amount in amounts:
        credit(account, amount)
        note(account, "between")
    accounts.save_all([account])
    return account.id


def balance(ledger: EventStore, account_id: UUID) -> int | None:
    found = ledger.find(Account, account_id).get(account_id)
    return found.balance if found else None


def rows(store: EventStore, sql: str) -> list[dict[str, Any]]:
    with store.connection() as connection:
        return list(connection.execute(sql).fetchall())


@pytest.fixture(params=["memory", "rabbit"])
def transport(request: Any, accounts: EventStore, broker: Broker) -> Iterator[Transport]:
    """Both transports behind the same interface, fed by the producer."""
    if request.param == "memory":
        memory = MemoryTransport()
        memory.register(Outbox(accounts))
        yield memory
        memory.close()
    else:
        rabbit = RabbitTransport(broker)
        with running(Relay(accounts, broker)):
            yield rabbit
        rabbit.close()


def test_the_outbox_chains_every_message_to_the_one_before(accounts: EventStore) -> None:
    produce(accounts, [1, 2])
    outbox = Outbox(accounts)
    everything = outbox.read(after=0, limit=100)
    assert [(o.id, o.prev) for o in everything] == [(1, 0), (2, 1), (4, 2)]
    assert outbox.read(after=2, limit=100) == everything[2:]
    assert outbox.read(after=3, limit=100) == everything[2:]
    assert outbox.last() == 4
    assert outbox.last(up_to=3) == 2


def test_messages_arrive_in_batches_and_once(accounts: EventStore, ledger: EventStore, transport: Transport) -> None:
    first = produce(accounts, list(range(1, 400)))
    with running(Feed(ledger_policies(ledger), transport)):
        eventually(lambda: balance(ledger, first) == sum(range(400)))
        second = produce(accounts, [5])
        eventually(lambda: balance(ledger, second) == 5)
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 400}]
    assert rows(ledger, "SELECT position FROM feed_position") == [{"position": Outbox(accounts).last()}]


class Script:
    """An attachment that hands out one delivery after the other, and ends the feed after the last."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self.left = list(deliveries)
        self.feed: Feed | None = None

    @contextmanager
    def attach(self, **_: Any) -> Iterator[Script]:
        yield self

    def receive(self, *, limit: int, timeout: float) -> list[Delivery]:
        if not self.left:
            assert self.feed is not None
            self.feed.stop()
            return []
        return [self.left.pop(0)]

    def acknowledge(self, deliveries: Any) -> None:
        pass


@pytest.mark.parametrize(("linger", "batches"), [(30.0, [2, 4]), (0.0, [2, 2, 2])])
def test_what_comes_right_behind_a_batch_is_applied_with_it(
    accounts: EventStore, ledger: EventStore, monkeypatch: pytest.MonkeyPatch, linger: float, batches: list[int]
) -> None:
    """The first goes at once."""
    for amount in (1, 2, 3):
        produce(accounts, [amount])
    bodies = [outgoing.body for outgoing in Outbox(accounts).read(after=0, limit=100)]
    script = Script([Delivery(body=join(bodies[n : n + 2]), offset=n) for n in (0, 2, 4)])
    consumer = ledger_policies(ledger)
    consumer.linger = linger
    applied: list[int] = []
    commit = consumer.commit
    monkeypatch.setattr(
        consumer, "commit", lambda messages, rows: (commit(messages, rows), applied.append(len(messages)))
    )
    script.feed = feed = Feed(consumer, cast(Transport, script))
    # The time to wait is over at once: how long it is, Pace's own tests tell.
    monkeypatch.setattr(feed.stopping, "wait", lambda seconds: feed.stopping.is_set())
    feed.run()
    assert applied == batches


@pytest.mark.parametrize(("passed", "moves"), [(30.0, [1, 4]), (0.0, [1, 3, 4])])
def test_what_is_for_others_is_noted_at_once_and_then_with_what_comes_or_after_a_while(
    accounts: EventStore, ledger: EventStore, monkeypatch: pytest.MonkeyPatch, passed: float, moves: list[int]
) -> None:
    """A source tells all that one of its readers needs: the first after a pause is noted at once, for callers that wait
    for it, what follows soon with the next; who stops notes how far it has read."""
    monkeypatch.setattr(feed_module, "PASSED", passed)
    for _ in range(4):
        produce(accounts, [])
    envelopes = [json.loads(outgoing.body) for outgoing in Outbox(accounts).read(after=0, limit=100)]
    for number in (0, 2, 3):
        envelopes[number]["type"] = "for others"
    bodies = [json.dumps(envelope).encode() for envelope in envelopes]
    script = Script([Delivery(body=join([body]), offset=n) for n, body in enumerate(bodies)])
    consumer = ledger_policies(ledger)
    consumer.linger = 0.0
    first = envelopes[0]["id"]
    moved: list[int] = []
    move = consumer.move
    monkeypatch.setattr(consumer, "move", lambda old, new: (move(old, new), moved.append(new.id - int(first) + 1)))
    script.feed = feed = Feed(consumer, cast(Transport, script))
    feed.run()
    assert moved == moves
    last = Outbox(accounts).last()
    assert rows(ledger, "SELECT position, stream_offset FROM feed_position") == [{"position": last, "stream_offset": 3}]


def test_a_feed_continues_where_it_stopped(accounts: EventStore, ledger: EventStore, transport: Transport) -> None:
    for amount in (1, 2, 3):
        account_id = produce(accounts, [amount])
        with running(Feed(ledger_policies(ledger), transport)):
            eventually(lambda: balance(ledger, account_id) == amount)  # noqa: B023
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 3}]


def test_two_consumers_of_the_same_feed_do_nothing_twice(
    accounts: EventStore, ledger: EventStore, transport: Transport
) -> None:
    with running(*(Feed(ledger_policies(ledger), transport) for _ in range(2))):
        ids = [produce(accounts, [1, 2, 3]) for _ in range(20)]
        eventually(lambda: all(balance(ledger, i) == 6 for i in ids))
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 60}]


def test_causes_are_carried_from_event_to_event(accounts: EventStore, ledger: EventStore, transport: Transport) -> None:
    account_id = produce(accounts, [1])
    (cause,) = {vars(e)["trace"]["correlation_id"] for e in accounts.events.get(account_id)}
    with running(Feed(ledger_policies(ledger), transport)):
        eventually(lambda: balance(ledger, account_id) == 1)
    traces = [vars(e)["trace"] for e in ledger.events.get(account_id)]
    assert traces == [{"correlation_id": cause, "causation_id": f"dispatch:{n}"} for n in (1, 2)]


def test_poison_is_parked_with_what_follows_on_its_subject_and_siblings_go_on(
    accounts: EventStore, ledger: EventStore, transport: Transport
) -> None:
    poisoned = produce(accounts, [1, 666, 2])
    healthy = produce(accounts, [10])
    with running(Feed(ledger_policies(ledger, poison=[666]), transport)):
        eventually(lambda: balance(ledger, healthy) == 10)
        later = produce(accounts, [20])
        eventually(lambda: balance(ledger, later) == 20)
    assert balance(ledger, poisoned) == 1
    parked = rows(ledger, "SELECT message_id, subject, type, next_try FROM parked ORDER BY message_id")
    assert [(p["message_id"], p["subject"], p["next_try"]) for p in parked] == [
        (4, str(poisoned), None),
        (6, str(poisoned), None),
    ]

    mended = ledger_policies(ledger)
    assert mended.retry_parked() == 0
    assert Consumer.due([mended]) == []
    with ledger.connection() as connection:
        connection.execute("UPDATE parked SET next_try = now() WHERE message_id = 4")
    assert Consumer.due([mended]) == [mended]
    assert mended.retry_parked() == 2
    assert balance(ledger, poisoned) == 669
    assert rows(ledger, "SELECT 1 FROM parked") == []


def test_what_is_not_known_yet_is_tried_again_by_itself(
    accounts: EventStore, ledger: EventStore, transport: Transport
) -> None:
    early = produce(accounts, [7])
    with running(Feed(ledger_policies(ledger, unknown=[7]), transport)):
        eventually(lambda: rows(ledger, "SELECT 1 FROM parked WHERE next_try IS NOT NULL"))
    consumer = ledger_policies(ledger)
    eventually(lambda: consumer.retry_parked() == 1)
    assert balance(ledger, early) == 7


def test_malformed_messages_are_kept_and_hide_nothing(accounts: EventStore, ledger: EventStore, broker: Broker) -> None:
    def publish(body: bytes, **properties: Any) -> None:
        with broker.connect() as connection:
            Producer(connection.channel()).publish(
                body,
                routing_key=broker.stream_name("dispatch"),
                content_type="x",
                content_encoding="binary",
                **properties,
            )

    publish(b"{not json")
    publish(b'[{"specversion": "1.0"}]')
    transport = RabbitTransport(broker)
    with running(Relay(accounts, broker), Feed(ledger_policies(ledger), transport)):
        account_id = produce(accounts, [3])
        eventually(lambda: balance(ledger, account_id) == 3)
        # a message that names a type it does not fit, between two good ones
        stored = Outbox(accounts).read(after=1, limit=1)[0].body
        publish(join([stored.replace(b'"maximum":3', b'"maximum":"3"')]))
        second = produce(accounts, [4])
        eventually(lambda: balance(ledger, second) == 4)
    transport.close()
    bodies = [bytes(row["body"]) for row in rows(ledger, "SELECT body FROM parked ORDER BY id")]
    assert bodies == [b"{not json", b'[{"specversion": "1.0"}]']


def test_what_is_no_message_is_put_aside_once(accounts: EventStore, ledger: EventStore, broker: Broker) -> None:
    """An operator who discards it finds no other one after a restart, though no good message has followed."""
    transport = RabbitTransport(broker)
    parked = "SELECT body FROM parked"
    with running(Relay(accounts, broker)):
        with running(Feed(ledger_policies(ledger), transport)):
            account_id = produce(accounts, [3])
            eventually(lambda: balance(ledger, account_id) == 3)
            with broker.connect() as connection:
                Producer(connection.channel()).publish(
                    b"{not json", routing_key=broker.stream_name("dispatch"), content_type="x",
                    content_encoding="binary",
                )  # fmt: skip
            eventually(lambda: [bytes(row["body"]) for row in rows(ledger, parked)] == [b"{not json"])
        rows(ledger, "DELETE FROM parked RETURNING 1")
        again = Feed(ledger_policies(ledger), transport)
        with running(again):
            eventually(again.idle.is_set)
            assert rows(ledger, parked) == []
            second = produce(accounts, [4])
            eventually(lambda: balance(ledger, second) == 4)
    transport.close()
    assert rows(ledger, parked) == []


def test_a_stream_deleted_behind_the_systems_back_is_filled_again_and_read_on(
    accounts: EventStore, ledger: EventStore, broker: Broker
) -> None:
    transport = RabbitTransport(broker)
    with running(Relay(accounts, broker), Feed(ledger_policies(ledger), transport)):
        first = produce(accounts, [1])
        eventually(lambda: balance(ledger, first) == 1)
    broker.delete()
    with running(Relay(accounts, broker), Feed(ledger_policies(ledger), transport)):
        second = produce(accounts, [2])
        eventually(lambda: balance(ledger, second) == 2)
    transport.close()
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 2}]


def test_one_relay_works_and_the_other_waits(accounts: EventStore, ledger: EventStore, broker: Broker) -> None:
    relays = [Relay(accounts, broker) for _ in range(2)]
    transport = RabbitTransport(broker)
    with running(*relays, Feed(ledger_policies(ledger), transport)):
        account_id = produce(accounts, [1])
        eventually(lambda: balance(ledger, account_id) == 1)
        assert [relay.active.is_set() for relay in relays].count(True) == 1
        next(relay for relay in relays if relay.active.is_set()).stop()
        second = produce(accounts, [2])
        eventually(lambda: balance(ledger, second) == 2)
    transport.close()


def test_a_node_that_is_away_is_passed_over(accounts: EventStore, ledger: EventStore, broker: Broker) -> None:
    """Of several addresses each connection takes one that answers: relay, feed, keys and whoever takes them."""
    away = "amqp://guest:guest@127.0.0.1:1/%2F"
    one = replace(broker, url=f"{away};{broker.url};{away}")
    for _ in range(5):  # in any order
        assert one.missing() == []
    transport, handled = RabbitTransport(one), list[str]()
    stopping = threading.Event()
    worker = threading.Thread(target=transport.work("dispatch.work").run, args=(handled.append, stopping.is_set))
    worker.start()
    with running(Relay(accounts, one), Feed(ledger_policies(ledger), transport)):
        account_id = produce(accounts, [1])
        transport.send_key("dispatch.work", "key")
        eventually(lambda: balance(ledger, account_id) == 1 and handled == ["key"])
    stopping.set()
    worker.join(5)
    transport.close()


def test_several_addresses_are_those_of_brokers() -> None:
    given = {"AMQP_URL": "amqp://a:b@one/%2F; amqps://a:b@two:1/%2F;"}
    assert Broker.read(given).address == "one:5672, two:1"
    for wrong in ("amqp://a;http://b", "amqp://a;b", ";"):
        with pytest.raises(SystemExit, match="several addresses are amqp://"):
            Broker.read({"AMQP_URL": wrong})


@pytest.mark.parametrize("kind", ["memory", "rabbit"])
def test_work_keys_reach_one_of_the_competing_consumers(broker: Broker, kind: str) -> None:
    transport: Transport = MemoryTransport() if kind == "memory" else RabbitTransport(broker)
    handled: list[str] = []
    stopping = threading.Event()
    threads = [
        threading.Thread(target=transport.work("dispatch.work").run, args=(handled.append, stopping.is_set))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for n in range(20):
        transport.send_key("dispatch.work", f"key {n}")
    eventually(lambda: len(handled) >= 20)
    stopping.set()
    for thread in threads:
        thread.join(5)
    transport.close()
    assert sorted(handled) == sorted(f"key {n}" for n in range(20))


@pytest.mark.parametrize(("failures", "said"), [(1, []), (2, ["key not sent; the sweep will"])])
def test_a_key_that_is_sent_after_all_is_no_warning(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, failures: int, said: list[str]
) -> None:
    """The connection for keys is idle between two of them and may be gone by the next; the second try makes a new
    one."""
    transport = RabbitTransport(broker)
    fails = iter([True] * failures)
    publish = Producer.publish

    def failing(self: Producer, *args: Any, **kwargs: Any) -> Any:
        if next(fails, False):
            raise ConnectionResetError("gone")
        return publish(self, *args, **kwargs)

    monkeypatch.setattr(Producer, "publish", failing)
    with capture_logs() as logs:
        transport.send_key("dispatch.work", "key")
    transport.close()
    assert [entry["event"] for entry in logs] == said
    with broker.connect() as connection:
        queue = broker.work_queue("dispatch.work")(connection.channel())
        assert queue.queue_declare(passive=True).message_count == 2 - failures


def test_a_connection_nobody_serves_promises_no_heartbeats(broker: Broker) -> None:
    """… which the broker would miss, and log as an error each quiet minute."""
    transport = RabbitTransport(broker)
    transport.send_key("dispatch.work", "key")
    sender = transport._sender
    assert sender is not None
    assert sender.connection.heartbeat == 0
    transport.close()
