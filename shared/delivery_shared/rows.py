"""The rows a batch of messages touches: read once, changed in memory, written once.

A project of ten steps sends some thirty messages; a feed that is catching up takes hundreds at a time. Folding them
in memory costs two statements per table and batch instead of two per message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, select, text, tuple_

from delivery_shared.copying import fields_of

Row = dict[str, Any]
"""The values of a row by column: as a table has it, or as a list shows it."""
Key = tuple[Any, ...]


def key_of(table: Table, source: Any) -> Key | None:
    """The primary key of ``table`` as far as ``source`` (a contract) names it; None if it does not."""
    columns = [column.name for column in table.primary_key]
    return tuple(getattr(source, c) for c in columns) if all(hasattr(source, c) for c in columns) else None


class Rows:
    """Rows by table and primary key, as they will stand after :meth:`write`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Table, dict[Key, Row | None]] = {}
        self._changed: dict[Table, set[Key]] = {}

    def load(self, table: Table, keys: Iterable[Key]) -> None:
        """Read the rows of ``keys`` not held yet, in one statement."""
        held = self._rows.setdefault(table, {})
        missing = {key for key in keys if key not in held}
        if not missing:
            return
        held.update(dict.fromkeys(missing))
        columns = tuple(table.primary_key)
        matches = columns[0].in_([k for (k,) in missing]) if len(columns) == 1 else tuple_(*columns).in_(missing)
        for row in self._connection.execute(select(table).where(matches)).mappings():
            held[tuple(row[c.name] for c in columns)] = dict(row)

    def get(self, table: Table, *key: Any) -> Row | None:
        """The row, None if there is none."""
        self.load(table, [key])
        return self._rows[table][key]

    def put(self, table: Table, row: Row) -> None:
        """Set a whole row."""
        self._set(table, tuple(row[c.name] for c in table.primary_key), row)

    def copy(self, table: Table, source: Any, **more: Any) -> None:
        """Set a whole row from the fields of ``source`` that bear the names of columns, and ``more``. What neither has
        is empty; a column that may not be has to be in one of them."""
        named = [c.name for c in table.columns if c.name not in more and (not c.nullable or hasattr(source, c.name))]
        empty = dict.fromkeys(column.name for column in table.columns)
        self.put(table, {**empty, **fields_of(source, named), **more})

    def remove(self, table: Table, *key: Any) -> None:
        """Delete a row, if there is one."""
        self._set(table, key, None)

    def changed(self, table: Table) -> list[Row]:
        """The rows of a table that will be written; what is set in them is."""
        changed = (self._rows[table][key] for key in self._changed.get(table, ()))
        return [row for row in changed if row is not None]

    def _set(self, table: Table, key: Key, row: Row | None) -> None:
        self._rows.setdefault(table, {})[key] = row
        self._changed.setdefault(table, set()).add(key)

    def write(self) -> None:
        """Write what changed: one upsert and one delete per table, in a fixed order of tables."""
        for table in sorted(self._changed, key=lambda table: table.name):
            changed = {key: self._rows[table][key] for key in self._changed[table]}
            put = [row for row in changed.values() if row is not None]
            gone = [key for key, row in changed.items() if row is None]
            if put:
                self._connection.execute(text(upsert(table)), {"rows": msgspec.json.encode(put).decode()})
            if gone:
                self._connection.execute(delete(table).where(tuple_(*table.primary_key).in_(gone)))
        self._changed.clear()


@cache
def upsert(table: Table) -> str:
    """One statement for any number of rows, handed over as one JSON value: drivers send rows of an ``executemany``
    one by one."""
    columns = ", ".join(column.name for column in table.columns)
    keys = {column.name for column in table.primary_key}
    changes = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if c.name not in keys)
    return (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM"  # noqa: S608 - our own names
        f" jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))"
        f" ON CONFLICT ({', '.join(sorted(keys))}) DO UPDATE SET {changes}"
    )


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> set[Key]:
    """Insert those of ``rows`` – all with the same columns – that are not there yet, in one statement; returns their
    keys."""
    if not rows:
        return set()
    key = tuple(table.primary_key)
    statement = text(_insertion(table, tuple(rows[0]))).columns(*key)
    return {tuple(row) for row in connection.execute(statement, {"rows": msgspec.json.encode(rows).decode()})}


@cache
def _insertion(table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM"  # noqa: S608 - our own names
        f" jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))"
        f" ON CONFLICT DO NOTHING RETURNING {', '.join(column.name for column in table.primary_key)}"
    )
