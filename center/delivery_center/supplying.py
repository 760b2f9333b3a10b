"""What feeds need and their streams do not hold any more: a stream is cut by age, and a feed may have been away for
longer, be new, or begin again (:mod:`delivery_shared.messaging.retention`). The store has it all, so its relay is set
back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from delivery_shared.eventstore import EventStore
from delivery_shared.messaging.outbox import RENEWAL, Outbox
from delivery_shared.messaging.retention import begins_after
from delivery_shared.status import outbox_status

from delivery_center.composition import Center
from delivery_center.verifying.chains import stores_of
from delivery_center.verifying.under_way import position_of


@dataclass(frozen=True, kw_only=True)
class Lack:
    """Where the feeds of a source stand, by service, that need what its stream does not hold; it ``begins`` behind
    that id."""

    source: str
    begins: int
    feeds: Mapping[str, int]


def positions(center: Center, source: str) -> dict[str, int]:
    """Where the feed of each service that reads ``source`` stands; one that never ran has read nothing."""
    return {
        name: position_of(consumer) or 0
        for name, service in center.services.items()
        for consumer in service.consumers
        if consumer.source == source
    }


def lacks(center: Center) -> list[Lack]:
    """What is lacking. Only streams with a feed behind are looked into, and none that is to be published anew: it will
    hold everything. Raises what the broker raises."""
    found = []
    for source, store in stores_of(center).items():
        stand, last = positions(center, source), Outbox(store).last()
        behind = {name: position for name, position in stand.items() if position < last}
        if not behind or _renewed(store):
            continue
        published = outbox_status(store).published  # before the stream is looked at: what comes meanwhile it has
        begins = begins_after(center.transport, source)
        begins = published if begins is None else begins
        if lacking := {name: position for name, position in behind.items() if position < begins}:
            found.append(Lack(source=source, begins=begins, feeds=lacking))
    return found


def _renewed(store: EventStore) -> bool:
    """Whether the stream is to be published anew, and is not yet."""
    with store.connection() as connection:
        return connection.execute(RENEWAL, (store.name,)).fetchone() is not None


def supply(center: Center) -> list[Lack]:
    """Have the relays publish again what is lacking; consumers that have it skip it. Returns what was lacking."""
    found = lacks(center)
    for lack in found:
        store = center.services[lack.source].store
        assert store is not None
        rewind(store, to=min(lack.feeds.values()))
    return found


def rewind(store: EventStore, *, to: int) -> None:
    """Have the relay publish everything after ``to`` again, unless it stands before that. A running one notices within
    a second."""
    with store.connection() as connection:
        connection.execute(
            "UPDATE outbox_position SET position = %(to)s, at = now() WHERE relay = %(relay)s AND position > %(to)s",
            {"to": to, "relay": store.name},
        )
