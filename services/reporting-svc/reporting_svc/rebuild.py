"""Beginning again, and telling whether two read models are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import Engine, Table, text

from reporting_svc.announcing import announce_rebuild
from reporting_svc.feed import FEED_NAME
from reporting_svc.tables import cache, metadata


def rebuild(engine: Engine) -> None:
    """Empty the read model and set its feeds back to the first event, in one transaction.

    Safe while feeds run: one that is applying a batch finds its position moved, attaches again and begins at the
    start. Until they have caught up the lists are incomplete; ``Delivery-Min-Position`` answers 503 meanwhile. Open
    streams are told to fetch again.
    """
    tables = ", ".join(table.name for table in (*metadata.sorted_tables, *cache.sorted_tables))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE feed_position SET position = 0, stream_offset = NULL WHERE feed = :feed"),
            {"feed": FEED_NAME},
        )
        connection.execute(text("DELETE FROM parked WHERE feed = :feed"), {"feed": FEED_NAME})
        connection.execute(text(f"TRUNCATE {tables}"))
        announce_rebuild(connection)


def state_hash(engine: Engine, tables: Collection[Table] = metadata.sorted_tables) -> str:
    """SHA-256 over all rows of ``tables`` in canonical order: equal exactly when the read models are equal.
    Positions of feeds are not part of it."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in sorted(tables, key=lambda table: table.name):
            order = ", ".join(f'"{c.name}"' + (' COLLATE "C"' if c.name == "role" else "") for c in table.primary_key)
            rows = connection.execution_options(stream_results=True).execute(
                text(f"SELECT to_jsonb(t)::text FROM {table.name} t ORDER BY {order}")  # noqa: S608 - own names
            )
            digest.update(f"{table.name}\n".encode())
            for (row,) in rows:
                digest.update(f"{row}\n".encode())
    return digest.hexdigest()
