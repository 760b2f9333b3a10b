"""Reading a service's event table as the messages it publishes. The event table is the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.messaging.envelope import encode

BATCH_LIMIT = 100
"""Messages sent as one batch at most."""


RENEWAL = "SELECT asked FROM outbox_renewal WHERE relay = %s AND asked > done"
"""The renewal of the stream that was asked for and is not done; none: no row."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message ready to be sent."""

    id: int
    prev: int
    body: bytes
    traceparent: str = ""
    """The span that made it, for the relay's own."""


def renewal_asked(relay: str) -> RowChange:
    """The row by which a save has the service's stream emptied and published anew from its first event: what the
    stream holds says something that must not be kept any longer."""
    return RowChange(
        key=f"outbox_renewal {relay}",
        sql="INSERT INTO outbox_renewal (relay, asked) VALUES (%(relay)s, 1)"
        " ON CONFLICT (relay) DO UPDATE SET asked = outbox_renewal.asked + 1",
        params={"relay": relay},
    )


def outgoing_of(event: Any, contract: Contract, *, id: int, prev: int) -> Outgoing:
    """A stored event as it is sent: ``contract`` is what it says to others."""
    trace = vars(event)["trace"]
    traceparent = trace.get("traceparent", "")
    body = encode(
        contract,
        notification_id=id,
        prev=prev,
        subject=str(event.originator_id),
        subject_version=event.originator_version,
        time=event.timestamp,
        correlation_id=trace["correlation_id"],
        causation_id=trace["causation_id"],
        traceparent=traceparent,
    )
    return Outgoing(id=id, prev=prev, body=body, traceparent=traceparent)


class Outbox:
    """The published messages of one event-sourced service, in order of their ids."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.source = store.name

    def read(self, *, after: int, limit: int, prev: int | None = None) -> list[Outgoing]:
        """The next at most ``limit`` messages with ids above ``after``; ``prev`` is the id of the last message up to
        ``after``, looked up if the caller does not know it."""
        notifications = self.store.recorder.select_notifications(
            after, limit, topics=self.store.publishable_topics, inclusive_of_start=False
        )
        if not notifications:
            return []
        if prev is None:
            prev = self.last(up_to=after)
        outgoing = []
        for notification in notifications:
            event = self.store.mapper.to_domain_event(notification)
            outgoing.append(
                outgoing_of(event, self.store.publishing[type(event)](event), id=notification.id, prev=prev)
            )
            prev = notification.id
        return outgoing

    def last(self, *, up_to: int | None = None) -> int:
        """The id of the last message at or before ``up_to`` (of all, if None); 0 if there is none."""
        with self.store.connection() as connection:
            row = connection.execute(
                f"SELECT notification_id FROM {self.store.events_recorder.events_table_name}"  # noqa: S608
                " WHERE topic = ANY(%s) AND (%s::bigint IS NULL OR notification_id <= %s)"
                " ORDER BY notification_id DESC LIMIT 1",
                (self.store.publishable_topics, up_to, up_to),
            ).fetchone()
        return row["notification_id"] if row else 0
