"""A stream published anew: what it held before is gone, and every feed goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.envelope import join, open_envelope, split
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.outbox import Outbox, renewal_asked
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import eventually
from kombu import Producer
from test_messaging import balance, produce, rows, running
from toy import ledger_policies

pytestmark = pytest.mark.integration

OLD = b"0000-secret-0000"


@pytest.fixture
def transport(broker: Broker) -> Iterator[RabbitTransport]:
    transport = RabbitTransport(broker)
    yield transport
    transport.close()


def held(transport: RabbitTransport, last: int) -> list[bytes]:
    """Every message of the stream from its first offset, once the one with the id ``last`` is there."""
    with transport.attach(source="dispatch", position=0, offset=None) as attachment:
        bodies: list[bytes] = []

        def complete() -> bool:
            deliveries = attachment.receive(limit=100, timeout=0.2)
            attachment.acknowledge(deliveries)
            bodies.extend(body for delivery in deliveries for body in split(delivery.body))
            return any(int(open_envelope(body).id) == last for body in bodies)

        eventually(complete)
        return bodies


def secret(broker: Broker) -> None:
    """Something in the stream that must not be kept: a message like the first, of an earlier wording."""
    with broker.connect() as connection:
        Producer(connection.channel()).publish(
            join([OLD]), routing_key=broker.stream_name("dispatch"), content_type="x", content_encoding="binary"
        )


def ask(accounts: EventStore) -> None:
    accounts.save_all(rows=[renewal_asked("dispatch")])


def done(accounts: EventStore) -> bool:
    """The renewals asked for are done, and everything is published again."""
    state = rows(accounts, "SELECT asked = done AS done FROM outbox_renewal")
    position = rows(accounts, "SELECT position FROM outbox_position")
    return state == [{"done": True}] and position == [{"position": Outbox(accounts).last()}]


def test_the_stream_holds_what_reads_now_and_feeds_go_on(
    accounts: EventStore, ledger: EventStore, broker: Broker, transport: RabbitTransport
) -> None:
    """Given a stream with something that must go and a feed attached, when the stream is renewed, then nothing of the
    old stream is left, the feed does nothing twice and hears of what comes later; a new feed hears all."""
    feed = Feed(ledger_policies(ledger), transport)
    with running(Relay(accounts, broker), feed):
        first = produce(accounts, list(range(1, 500)))
        eventually(lambda: balance(ledger, first) == sum(range(500)))
        secret(broker)
        ask(accounts)
        during = [produce(accounts, [n]) for n in range(1, 20)]
        eventually(lambda: done(accounts))
        after = produce(accounts, [7])
        eventually(lambda: all(balance(ledger, id) == n for n, id in enumerate(during, 1)))
        eventually(lambda: balance(ledger, after) == 7)
    bodies = held(transport, Outbox(accounts).last())
    assert OLD not in bodies
    ids = [int(open_envelope(body).id) for body in bodies]
    assert list(dict.fromkeys(ids)) == sorted(set(ids)), "in order from the first"
    assert set(ids) == {o.id for o in Outbox(accounts).read(after=0, limit=10_000)}
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 499 + 19 + 1}]
    assert not feed.missing


def test_several_renewals_while_everything_moves(
    accounts: EventStore, ledger: EventStore, broker: Broker, transport: RabbitTransport
) -> None:
    with running(Relay(accounts, broker), *(Feed(ledger_policies(ledger), transport) for _ in range(2))):
        ids: list[UUID] = []
        for _ in range(3):
            ids += [produce(accounts, [1, 2, 3]) for _ in range(30)]
            ask(accounts)
        eventually(lambda: done(accounts))
        eventually(lambda: all(balance(ledger, id) == 6 for id in ids))
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 270}]


class Crash(Exception):
    """Stands for the end of the process at this very place."""


@pytest.mark.parametrize("place", ["relay.stream_deleted", "relay.renewed"])
def test_a_crash_in_the_middle_is_made_good_by_the_next_relay(
    accounts: EventStore,
    ledger: EventStore,
    broker: Broker,
    transport: RabbitTransport,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    """The relay dies between deleting the stream and declaring it, or behind the renewal before anything is published
    again; another one takes over while the feed stays attached."""

    def fail(name: str) -> None:
        if name == place:
            raise Crash(name)

    with running(Feed(ledger_policies(ledger), transport)):
        with running(Relay(accounts, broker)):
            first = produce(accounts, list(range(1, 300)))
            eventually(lambda: balance(ledger, first) == sum(range(300)))
            secret(broker)
        ask(accounts)
        dying = Relay(accounts, broker)
        module = "topology" if place == "relay.stream_deleted" else "relay"
        with monkeypatch.context() as patch:
            patch.setattr(f"delivery_shared.messaging.{module}.failpoint", fail)
            with pytest.raises(Crash):
                dying.renew()
        asked = rows(accounts, "SELECT asked - done AS open FROM outbox_renewal")
        assert asked == [{"open": 1 if place == "relay.stream_deleted" else 0}]
        with running(Relay(accounts, broker)):
            second = produce(accounts, [5])
            eventually(lambda: balance(ledger, second) == 5)
            eventually(lambda: done(accounts))
    assert OLD not in held(transport, Outbox(accounts).last())
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 300}]


def test_what_another_relay_left_in_the_new_stream_holds_up_nobody(
    accounts: EventStore, ledger: EventStore, broker: Broker, transport: RabbitTransport
) -> None:
    """A relay that has lost its lock and not noticed sends a late message into the stream just emptied: a feed that
    reads from the start passes over it until it comes in its place."""
    account_id = produce(accounts, list(range(1, 300)))
    outgoing: list[Any] = Outbox(accounts).read(after=0, limit=1000)
    with broker.connect() as connection:
        Producer(connection.channel()).publish(
            join([o.body for o in outgoing[150:160]]), routing_key=broker.stream_name("dispatch"), content_type="x",
            content_encoding="binary",
        )  # fmt: skip
    feed = Feed(ledger_policies(ledger), transport)
    with running(feed):
        eventually(lambda: feed.missing)
        assert feed.error is not None
        with running(Relay(accounts, broker)):
            eventually(lambda: balance(ledger, account_id) == sum(range(300)))
            eventually(lambda: not feed.missing and feed.error is None)
    assert rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 299}]


def test_without_a_broker_the_request_just_stands(accounts: EventStore) -> None:
    """Embedded mode stores nothing between services: there is nothing to renew."""
    produce(accounts, [1])
    ask(accounts)
    ask(accounts)
    assert rows(accounts, "SELECT relay, asked, done FROM outbox_renewal") == [
        {"relay": "dispatch", "asked": 2, "done": 0}
    ]
    assert [o.id for o in Outbox(accounts).read(after=0, limit=10)] == [1, 2]
