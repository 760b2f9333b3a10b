"""Snapshots as another version of the code took them. A snapshot is the state of an aggregate as it was known then; a
field that came later is missing in it, and in every state that begins with it, however well the events tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import cast
from uuid import UUID

from eventsourcing.persistence import IntegrityError
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from delivery_shared.eventstore import EventStore
from delivery_shared.facts import state_of
from delivery_shared.saving import DeliveryRecorder

AT_ONCE = 2000
"""Events of a stream fetched together."""


def outdated(store: EventStore) -> list[UUID]:
    """The streams with a snapshot that is not the state its events give. Reads all events of those that have any."""
    if store.snapshots is None:
        return []
    statement = SQL("SELECT DISTINCT originator_id AS id FROM {} ORDER BY 1").format(_snapshots(store))
    with store.connection() as connection:
        streams = [row["id"] for row in connection.execute(statement)]
    return [stream for stream in streams if not _is_current(store, stream)]


def renew(store: EventStore, streams: Iterable[UUID]) -> None:
    """Take the snapshots of these streams anew, from their events: the last one of each, since no other is read."""
    for stream in streams:
        with store.connection() as connection:
            connection.execute(SQL("DELETE FROM {} WHERE originator_id = %s").format(_snapshots(store)), (stream,))
        with suppress(IntegrityError):  # whoever has just stored a decision has taken it
            store.take_snapshot(stream)


def _is_current(store: EventStore, stream: UUID) -> bool:
    statement = SQL("SELECT * FROM {} WHERE originator_id = %s ORDER BY originator_version").format(_snapshots(store))
    with store.connection() as connection:
        snapshots = connection.execute(statement, (stream,)).fetchall()
    kept = {row["originator_version"]: row for row in snapshots}
    aggregate = None
    for row in _events(store, stream, up_to=max(kept, default=0)):
        aggregate = store.folded(aggregate, row)
        snapshot = kept.get(row["originator_version"])
        if snapshot is not None and state_of(store.folded(None, snapshot)) != state_of(aggregate):
            return False
    return True


def _events(store: EventStore, stream: UUID, *, up_to: int) -> Iterator[DictRow]:
    events = Identifier(store.schema, store.events_recorder.events_table_name)
    statement = SQL(
        "SELECT * FROM {} WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s"
        " ORDER BY originator_version LIMIT %s"
    ).format(events)
    at = 0
    while at < up_to:
        with store.connection() as connection:
            rows = connection.execute(statement, (stream, at, up_to, AT_ONCE)).fetchall()
        if not rows:
            return
        yield from rows
        at = rows[-1]["originator_version"]


def _snapshots(store: EventStore) -> Composed:
    assert store.snapshots is not None
    recorder = cast(DeliveryRecorder, store.snapshots.recorder)
    return SQL("{}").format(Identifier(store.schema, recorder.events_table_name))
