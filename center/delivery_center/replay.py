"""Applying what an outbox holds to a consumer that is not running: for rebuilding read models, and for checking them.

Reads the event stores instead of the broker, so that it needs neither the broker nor everything ever published to be
still in its streams.
"""

from __future__ import annotations

from collections.abc import Callable

from delivery_shared.messaging.consumer import Consumer, Position
from delivery_shared.messaging.envelope import open_envelope, open_message
from delivery_shared.messaging.feed import BATCH
from delivery_shared.messaging.outbox import Outbox


def replay(
    consumer: Consumer,
    outbox: Outbox,
    *,
    up_to: int | None = None,
    applied: Callable[[int], None] = lambda position: None,
) -> int:
    """Apply from the consumer's position on, in its own transactions; returns the position reached.

    :param up_to: stop once this id is reached, so that it ends although more come.
    :param applied: told the position after every batch.
    """
    position = consumer.position()
    prev: int | None = None
    while (up_to is None or position.id < up_to) and (batch := outbox.read(after=position.id, limit=BATCH, prev=prev)):
        opened = [(outgoing.body, open_envelope(outgoing.body)) for outgoing in batch]
        messages = [open_message(body, envelope) for body, envelope in opened if envelope.type in consumer.types]
        then = Position(batch[-1].id, None)
        consumer.apply(messages, position, then)
        position, prev = then, then.id
        applied(position.id)
    return position.id
