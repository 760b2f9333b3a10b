"""What a service tells of how it is doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.status import (
    Backlog,
    FeedStatus,
    OutboxStatus,
    backlog,
    feed_statuses,
    parked_messages,
    status_of,
)
from delivery_shared.testing.fixtures import eventually
from test_messaging import produce, running
from toy import Account, ledger_policies

pytestmark = pytest.mark.integration


def now_of(store: EventStore, account_id: UUID, *, seconds: float) -> datetime:
    """A moment after the account was opened."""
    opened: Any = next(iter(store.events.get(account_id)))
    return opened.timestamp + timedelta(seconds=seconds)


def test_a_backlog_counts_what_is_published_and_knows_its_age(accounts: EventStore) -> None:
    assert backlog(accounts, after=0) == Backlog(messages=0, oldest_seconds=0.0)
    account_id = produce(accounts, [1, 2])  # opened 1, credited 2, noted 3 (private), credited 4, noted 5
    later = now_of(accounts, account_id, seconds=90)
    assert backlog(accounts, after=0, now=later) == Backlog(messages=3, oldest_seconds=90.0)
    assert backlog(accounts, after=2, now=later).messages == 1
    assert backlog(accounts, after=4, now=later) == Backlog(messages=0, oldest_seconds=0.0)


def test_the_outbox_waits_until_the_broker_has_confirmed(accounts: EventStore, broker: Broker) -> None:
    produce(accounts, [1])

    def outbox() -> OutboxStatus | None:
        return status_of(service="dispatch", store=accounts, consumers=(), relayed=True).outbox

    before = outbox()
    assert before is not None
    assert (before.last, before.published, before.waiting) == (2, 0, 2)
    with running(Relay(accounts, broker)):
        after = OutboxStatus(last=2, published=2, waiting=0, oldest_seconds=0.0)
        eventually(lambda: outbox() == after)
    assert status_of(service="dispatch", store=accounts, consumers=(), relayed=False).outbox is None


def test_feeds_tell_where_they_stand_and_what_is_put_aside(accounts: EventStore, ledger: EventStore) -> None:
    consumer = ledger_policies(ledger, poison=[13], unknown=[7])
    assert feed_statuses([consumer]) == [
        FeedStatus(feed="ledger", source="dispatch", position=0, parked=0, retrying=0, oldest_parked_seconds=0.0)
    ]
    transport = MemoryTransport()
    transport.register(Outbox(accounts))
    poisoned, early, fine = produce(accounts, [13, 1]), produce(accounts, [7]), produce(accounts, [5])
    with running(Feed(consumer, transport)):
        eventually(lambda: fine in ledger.find(Account, fine))
        eventually(lambda: feed_statuses([consumer])[0].position == Outbox(accounts).last())
    transport.close()
    (status,) = feed_statuses([consumer])
    assert (status.parked, status.retrying) == (3, 1)
    assert 0 <= status.oldest_parked_seconds < 60
    parked = parked_messages(consumer.rows)
    assert [(p.subject, p.next_try is not None) for p in parked] == [
        (str(poisoned), False), (str(poisoned), False), (str(early), True)
    ]  # fmt: skip
    assert "poison" in parked[0].error
    assert parked[0].body.startswith(b'{"specversion"')
    assert parked[0].parked_at <= datetime.now(UTC)
