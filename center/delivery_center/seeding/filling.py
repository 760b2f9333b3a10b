"""Reading what was seeded: the ordinary consumers of the services, fed from the event tables."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from delivery_shared.messaging.consumer import DATABASE_DOWN, Consumer, Position
from delivery_shared.messaging.envelope import Message, open_envelope, open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Settings, collect_less_often

from delivery_center.composition import Center

BATCH: Final = 4000
"""Messages applied in one transaction."""

READERS: Final = ("reporting", "notify")
"""The services whose tables follow from what was seeded; each reads in a process of its own."""

SOURCES: Final = ("project", "dispatch")


def fill(consumers: Sequence[Consumer], outbox: Outbox) -> int:
    """Let consumers of a source read everything it has published and they have not; returns how many messages there
    were. Those who have read as far as each other read together."""
    together: dict[int, list[Consumer]] = {}
    for consumer in consumers:
        together.setdefault(consumer.position().id, []).append(consumer)
    return sum(_fill(alike, outbox, after) for after, alike in together.items())


def _fill(consumers: Sequence[Consumer], outbox: Outbox, after: int) -> int:
    total, prev = 0, None
    position = Position(after, None)
    while batch := outbox.read(after=position.id, limit=BATCH, prev=prev):
        opened = [(outgoing.body, open_envelope(outgoing.body)) for outgoing in batch]
        wanted = frozenset().union(*(consumer.types for consumer in consumers))
        messages: list[Message] = [open_message(body, e) for body, e in opened if e.type in wanted]
        then = Position(prev := batch[-1].id, None)
        for consumer in consumers:
            consumer.apply([m for m in messages if m.type in consumer.types], position, then)
        position = then
        total += len(batch)
    return total


@contextmanager
def following(settings: Settings) -> Iterator[None]:
    """Have everything inside read as it is stored, each reader in a process beside this one; ends when they have read
    all. :raises RuntimeError: a reader failed."""
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    plain = replace(settings, environment=dict(settings.environment))
    readers = [context.Process(target=_follow, args=(plain, name, over), name=name) for name in READERS]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        over.set()
        for reader in readers:
            reader.join()
    failed = [reader.name for reader in readers if reader.exitcode]
    if failed:
        raise RuntimeError(f"readers failed: {', '.join(failed)}")


def _follow(settings: Settings, name: str, over: Any) -> None:
    collect_less_often()
    center = Center(settings)
    try:
        outboxes = {s: Outbox(store) for s in SOURCES if (store := center.services[s].store) is not None}
        consumers = [c for c in center.services[name].consumers if c.source in outboxes]
        last = False
        while not last:
            last = over.is_set()
            try:
                read = sum(fill([consumer], outboxes[consumer.source]) for consumer in consumers)
            except DATABASE_DOWN:
                read, last = 0, False
            if not read:
                time.sleep(0.2)
    finally:
        center.stop()
