"""How a service is doing, read from its own database: what waits to be published, where its feeds stand, what is put
aside. For the status page, the metrics and the operator's command line; nothing is changed by looking.

How far a feed is behind only its source can tell: :func:`backlog` on the source's store with the feed's position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.feed import Consumer
from delivery_shared.messaging.outbox import Outbox

COUNTED = 100_000
"""A longer backlog is counted as this many: looking must stay cheap when things go wrong."""

Read = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
"""Runs a statement on a service's database, such as :meth:`Consumer.rows`."""


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Published events behind a position: how many (:data:`COUNTED` at most), and the age of the first in seconds."""

    messages: int
    oldest_seconds: float


@dataclass(frozen=True, kw_only=True)
class OutboxStatus:
    """``last``: id of the newest event to be published; ``published``: up to which the broker has confirmed (stored
    about once a second); ``waiting`` and ``oldest_seconds``: the backlog between the two."""

    last: int
    published: int
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True, kw_only=True)
class FeedStatus:
    """``position``: id of the last event of ``source`` applied; ``parked``: messages put aside, ``retrying`` of them
    tried again by themselves; ``oldest_parked_seconds``: for how long the oldest lies there, 0 without any."""

    feed: str
    source: str
    position: int
    parked: int
    retrying: int
    oldest_parked_seconds: float


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """``outbox`` is None where nothing is published, or no broker is used; ``own`` are figures only this service has,
    numbers by name."""

    service: str
    outbox: OutboxStatus | None
    feeds: list[FeedStatus]
    own: Mapping[str, float] = field(default_factory=dict)


def status_of(
    *,
    service: str,
    store: EventStore | None,
    consumers: Sequence[Consumer],
    relayed: bool,
    own: Callable[[], Mapping[str, float]] = dict,
) -> ServiceStatus:
    """The status of a service now. ``relayed``: whether a broker is used, so that there is an outbox to drain.

    Raises what the database raises when it is away.
    """
    return ServiceStatus(
        service=service,
        outbox=outbox_status(store) if store is not None and relayed else None,
        feeds=feed_statuses(consumers),
        own=own(),
    )


def outbox_status(store: EventStore, *, now: datetime | None = None) -> OutboxStatus:
    """What of ``store`` is not confirmed by the broker."""
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (store.name,)).fetchone()
    published = int(row["position"]) if row else 0
    waiting = backlog(store, after=published, now=now)
    last = Outbox(store).last() if waiting.messages else published
    return OutboxStatus(last=last, published=published, waiting=waiting.messages, oldest_seconds=waiting.oldest_seconds)


def backlog(store: EventStore, *, after: int, now: datetime | None = None) -> Backlog:
    """The events of ``store`` published with ids above ``after``: with a feed's position, how far it is behind."""
    first = store.recorder.select_notifications(after, 1, topics=store.publishable_topics, inclusive_of_start=False)
    if not first:
        return Backlog(messages=0, oldest_seconds=0.0)
    with store.connection() as connection:
        row = connection.execute(
            "SELECT count(*) AS messages FROM (SELECT 1"  # noqa: S608
            f" FROM {store.events_recorder.events_table_name} WHERE notification_id > %s AND topic = ANY(%s) LIMIT %s)"
            " AS waiting",
            (after, store.publishable_topics, COUNTED),
        ).fetchone()
    happened: Any = store.mapper.to_domain_event(first[0])
    age = ((now or datetime.now(UTC)) - happened.timestamp).total_seconds()
    return Backlog(messages=int(row["messages"]) if row else 0, oldest_seconds=max(age, 0.0))


def feed_statuses(consumers: Sequence[Consumer]) -> list[FeedStatus]:
    """Where the feeds of one service stand; a feed that never ran stands at 0."""
    if not consumers:
        return []
    read = consumers[0].rows
    positions = {
        (row["feed"], row["source"]): int(row["position"])
        for row in read("SELECT feed, source, position FROM feed_position", {})
    }
    parked = {(row["feed"], row["source"]): row for row in read(PARKED, {})}
    found = []
    for consumer in consumers:
        key = (consumer.name, consumer.source)
        row = parked.get(key, {})
        found.append(
            FeedStatus(
                feed=consumer.name,
                source=consumer.source,
                position=positions.get(key, 0),
                parked=int(row.get("parked", 0)),
                retrying=int(row.get("retrying", 0)),
                oldest_parked_seconds=float(row.get("oldest", 0.0)),
            )
        )
    return found


PARKED = """
SELECT feed, source, count(*) AS parked, count(next_try) AS retrying,
    greatest(extract(epoch FROM now() - min(parked_at)), 0) AS oldest
FROM parked GROUP BY feed, source
"""


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A message put aside. ``message_id`` is None for bytes that are no message; ``next_try`` None: it waits for an
    operator, or behind an earlier message of its subject. ``body`` is the envelope as received."""

    id: int
    feed: str
    source: str
    message_id: int | None
    subject: str
    type: str
    error: str
    attempts: int
    next_try: datetime | None
    parked_at: datetime
    body: bytes


def parked_messages(read: Read, *, limit: int = 1000) -> list[Parked]:
    """The messages one service has put aside, in the order of its feeds."""
    columns = ", ".join(Parked.__dataclass_fields__)
    rows = read(
        f"SELECT {columns} FROM parked ORDER BY feed, source, message_id NULLS FIRST, id LIMIT %(limit)s",  # noqa: S608
        {"limit": limit},
    )
    return [Parked(**{**row, "body": bytes(row["body"])}) for row in rows]
