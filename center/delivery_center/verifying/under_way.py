"""What is still under way or put aside: outboxes, feeds, parked messages, audit chains (invariant 9).

A running installation always has something under way. :func:`stuck` tells only what does not move: it asks again until
what there was at the first look has arrived.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.outbox import RENEWAL, Outbox

from delivery_center.composition import Center
from delivery_center.verifying.chains import stores_of, unsealed

PATIENCE = 10.0
"""Seconds in which what is under way must arrive. In a running installation it takes some hundredths of one, sealing a
second."""


def outboxes_of(center: Center) -> dict[str, Outbox]:
    """The outboxes by service."""
    return {name: Outbox(store) for name, store in stores_of(center).items()}


def quiet(center: Center) -> list[str]:
    """Everything that is under way or put aside now."""
    last = {name: outbox.last() for name, outbox in outboxes_of(center).items()}
    return list(_unfinished(center, last))


def stuck(center: Center, *, patience: float = PATIENCE) -> list[str]:
    """What has not arrived ``patience`` seconds after it was seen first, and what is put aside or beyond its source."""
    last = {name: outbox.last() for name, outbox in outboxes_of(center).items()}
    until = time.monotonic() + patience
    while (found := list(_unfinished(center, last))) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def beyond(center: Center) -> Iterator[str]:
    """Feeds that have read what their source does not have: it was restored to an earlier time than they were."""
    outboxes = outboxes_of(center)
    for consumer in _consumers(center):
        position = position_of(consumer)
        last = outboxes[consumer.source].last()
        if position is not None and position > last:
            yield f"feed {consumer.name} of {consumer.source} is at {position}, beyond the source's {last}"


def position_of(consumer: Consumer) -> int | None:
    """Where a feed stands; None if it has never begun. Nothing is written, as :meth:`Consumer.position` may."""
    found = consumer.rows(
        "SELECT position FROM feed_position WHERE feed = %(feed)s AND source = %(source)s",
        {"feed": consumer.name, "source": consumer.source},
    )
    return int(found[0]["position"]) if found else None


def _unfinished(center: Center, last: dict[str, int]) -> Iterator[str]:
    for consumer in _consumers(center):
        yield from _feed(consumer, last[consumer.source], outboxes_of(center)[consumer.source].last)
    for name, outbox in outboxes_of(center).items():
        if center.settings.broker:
            yield from _drained(outbox, last[name])
    for store in stores_of(center).values():
        yield from unsealed(store)


def _consumers(center: Center) -> Iterable[Consumer]:
    return [consumer for service in center.services.values() for consumer in service.consumers]


def _feed(consumer: Consumer, last: int, present: Callable[[], int]) -> Iterator[str]:
    """The feed has applied what its source had published, nothing the source does not have, and put nothing aside."""
    found = position_of(consumer)
    position = found or 0
    if position < last or (position > last and position > present()):
        yield f"feed {consumer.name} of {consumer.source} is at {position}, the source at {last}"
    elif found is None:
        yield f"feed {consumer.name} of {consumer.source} has never begun"
    for row in consumer.rows(
        "SELECT id, type, error FROM parked WHERE feed = %(feed)s AND source = %(source)s ORDER BY id",
        {"feed": consumer.name, "source": consumer.source},
    ):
        kept = f"{row['type'] or 'bytes'} ({row['id']}): {row['error']}"
        yield f"feed {consumer.name} of {consumer.source} has parked {kept}"


def _drained(outbox: Outbox, last: int) -> Iterator[str]:
    """The relay has published what there was, and nothing that there is not."""
    store = outbox.store
    with store.connection() as connection:
        row = connection.execute("SELECT position FROM outbox_position WHERE relay = %s", (store.name,)).fetchone()
        renewing = connection.execute(RENEWAL, (store.name,)).fetchone()
    position = row["position"] if row else 0
    if position < last:
        yield f"outbox of {store.name} is published up to {position} of {last}"
    elif position > last and position > outbox.last():
        yield f"outbox of {store.name} is published up to {position}, beyond its last event {last}"
    if renewing:
        yield f"the stream of {store.name} is still to be published anew"
