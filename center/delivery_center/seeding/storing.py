"""Events and rows into the tables of a service by COPY, one transaction per batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from delivery_shared.eventstore import EventStore
from psycopg.sql import SQL, Identifier

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
"""Names of columns, and rows."""


def store_batch(store: EventStore, events: Iterable[Any], tables: Mapping[str, Table]) -> None:
    """Store events in their order, and rows, all or nothing. The lock is the one every save takes, so that ids of
    events follow the order of commits."""
    stored = [store.mapper.to_stored_event(event) for event in events]
    names = ("originator_id", "originator_version", "topic", "state")
    columns = names, [(s.originator_id, s.originator_version, s.topic, s.state) for s in stored]
    event_table = store.events_recorder.events_table_name
    with store.connection() as connection, connection.transaction():
        connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(event_table)))
        for table, (columns_of, rows) in {**tables, event_table: columns}.items():
            statement = SQL("COPY {} ({}) FROM STDIN").format(
                Identifier(table), SQL(", ").join(Identifier(name) for name in columns_of)
            )
            with connection.cursor().copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)


def dicts(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Rows that all have the same names."""
    return (list(rows[0]), [list(row.values()) for row in rows]) if rows else ((), ())
