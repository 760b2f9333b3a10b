"""Reading stored facts, of which some may be spoilt or gone: what can be read is read, the rest is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import DictRow

from delivery_shared.eventstore import EventStore
from delivery_shared.facts import Fact

AT_ONCE = 2000
"""Rows fetched together."""

GAPS = """
SELECT s.stream, s.n, s.last, (SELECT array_agg(version ORDER BY version) FROM (
    SELECT version FROM generate_series(1, s.last) AS version WHERE NOT EXISTS (
        SELECT FROM {events} e WHERE e.originator_id = s.stream AND e.originator_version = version)
    LIMIT 20) AS lacking) AS lacking
FROM (SELECT originator_id AS stream, count(*) AS n, max(originator_version) AS last FROM {events}
    GROUP BY originator_id HAVING count(*) <> max(originator_version) OR min(originator_version) <> 1) AS s
ORDER BY s.stream
"""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A stored fact with its place."""

    id: int
    stream: UUID
    version: int
    fact: Any


def stored(
    store: EventStore,
    connection: Connection[DictRow],
    spoilt: Callable[[str, UUID], None],
) -> Iterator[Stored]:
    """The facts of a store in the order in which they were stored.

    :param spoilt: told a line for each event that cannot be read, and its stream; it is left out.
    """
    with connection.cursor("stored") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(f"{_select(store)} ORDER BY notification_id")
        for row in cursor:
            try:
                told = _read(store, row)
            except Exception as error:
                spoilt(
                    f"{store.name}: event {row['originator_version']} of stream {row['originator_id']}"
                    f" ({row['notification_id']}) cannot be read: {error!r}",
                    row["originator_id"],
                )
                continue
            yield told


def before(store: EventStore, connection: Connection[DictRow], told: Stored) -> Iterator[Stored]:
    """What :func:`stored` had of the stream of ``told`` before it; what cannot be read is left out and not told again.
    For whoever cannot keep every stream."""
    rows = connection.execute(
        f"{_select(store)} WHERE originator_id = %s AND notification_id < %s ORDER BY notification_id",
        (told.stream, told.id),
    )
    for row in rows:
        try:
            earlier = _read(store, row)
        except Exception:  # noqa: S112 - told where it was met first
            continue
        yield earlier


def _select(store: EventStore) -> str:
    events = f'"{store.schema}".{store.events_recorder.events_table_name}'
    return f"SELECT notification_id, originator_id, originator_version, topic, state FROM {events}"  # noqa: S608 - ours


def _read(store: EventStore, row: DictRow) -> Stored:
    """:raises Exception: it is spoilt."""
    place = {name: row[name] for name in ("originator_id", "originator_version", "topic")}
    fact: Any = store.mapper.to_domain_event(StoredEvent(**place, state=bytes(row["state"])))
    if not isinstance(fact, Fact):
        raise TypeError(f"{row['topic']} is no fact")
    return Stored(id=row["notification_id"], stream=row["originator_id"], version=row["originator_version"], fact=fact)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A stream that lacks events, and the line that says so."""

    stream: UUID
    line: str


def gaps(store: EventStore, connection: Connection[DictRow]) -> Iterator[Gap]:
    """Invariant 1: the versions of each stream have no gap, from 1."""
    events = f'"{store.schema}".{store.events_recorder.events_table_name}'
    for row in connection.execute(GAPS.format(events=events)):
        lacking = ", ".join(str(version) for version in row["lacking"] or ())
        said = f"{store.name}: stream {row['stream']} lacks event {lacking}: it has {row['n']} up to {row['last']}"
        yield Gap(stream=row["stream"], line=said)
