"""Spoiling rows: one column of a row, a row less, a row more – in any table, whatever its columns are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Composable, Identifier

OTHER: Mapping[str, str] = {
    "uuid": "gen_random_uuid()",
    "text": "coalesce({c}, '') || 'x'",
    "character varying": "coalesce({c}, '') || 'x'",
    "name": "'x'",
    "bigint": "coalesce({c}, 0) + 1000",
    "numeric": "coalesce({c}, 0) + 1000",
    "integer": "coalesce({c}, 0) + 1000",
    "boolean": "NOT coalesce({c}, false)",
    "timestamp with time zone": "coalesce({c}, now()) + interval '1 day'",
    "date": "coalesce({c}, current_date) + 1",
    "jsonb": "'[\"spoilt\"]'",
    "json": "'[\"spoilt\"]'",
    "bytea": "coalesce({c}, '') || '\\x00'",
    "text[]": "array_append({c}, 'x')",
    "uuid[]": "array_append({c}, gen_random_uuid())",
    "bigint[]": "array_append({c}, 1)",
}
"""Another value, by type of the column."""

CONSTRAINTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', c.conrelid::regclass, c.conname) AS drop FROM pg_constraint c
WHERE c.contype IN ('c', 'u') AND c.conrelid <> 0 AND c.connamespace::regnamespace::text <> ALL (%(ours)s)
UNION ALL SELECT format('DROP INDEX %%s', i.indexrelid::regclass) FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
WHERE i.indisunique AND NOT i.indisprimary AND r.relnamespace::regnamespace::text <> ALL (%(ours)s)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


NAMED: Mapping[str, list[str]] = {
    "dispatch.pool_inbox": ["ask"],
    "notify.message": ["project_id", "visit", "trigger"],
    "notify.delivery": ["message_id"],
    "notify.omission": ["project_id", "visit", "trigger"],
    "notify.occurrence": ["project_id"],
}
"""What lines may name a row by beside its key."""


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    type: str
    key: bool
    generated: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its columns; ``rows`` are what its rows are named by, in the order of their keys."""

    schema: str
    name: str
    columns: list[Column]
    rows: list[dict[str, Any]]

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.columns if column.key]

    @property
    def named(self) -> list[str]:
        return [*self.key, *NAMED.get(str(self), ())]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """What was done to a row; ``rows`` is what it is named by, before and after."""

    table: Table
    what: str
    rows: list[dict[str, Any]]

    @property
    def of(self) -> str:
        """As lists name it: ``column`` or ``(deleted)``."""
        return f"{self.table.name}.{self.what}" if self.what[0] != "(" else f"{self.table.name} {self.what}"

    def told_by(self, line: str) -> bool:
        """Whether a line names the service, and the row by every part of its key, or of what else it is named by."""
        ways = [way for way in (self.table.key, NAMED.get(str(self.table), [])) if way]
        named = [[_text(row[name]) for name in way if name in row] for row in self.rows for way in ways]
        return self.table.schema in line and any(all(_stands(text, line) for text in texts) for texts in named if texts)

    def __str__(self) -> str:
        return f"{self.table.schema}.{self.of} of {self.rows[0]}"


COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attidentity <> '' AS generated, EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key
FROM pg_attribute a WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def spoiling(database_url: str) -> Connection[DictRow]:
    """A connection of an owner whom no trigger and no constraint hinders but the primary keys."""
    connection = psycopg.connect(
        database_url, autocommit=True, row_factory=dict_row, options="-c session_replication_role=replica"
    )
    ours = ["pg_catalog", "information_schema", "pg_toast"]
    for row in connection.execute(CONSTRAINTS, {"ours": ours}).fetchall():
        connection.execute(row["drop"])
    return connection


def tables(connection: Connection[DictRow], exempt: Mapping[str, str]) -> Iterator[Table]:
    """All tables there are. ``exempt``: rows of a table that are not touched, as a condition."""
    for found in connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        " ORDER BY schemaname, tablename"
    ).fetchall():
        place = f"{found['schemaname']}.{found['tablename']}"
        columns = [Column(**row) for row in connection.execute(COLUMNS, {"table": place}).fetchall()]
        keys = [column.name for column in columns if column.key]
        rows = connection.execute(
            SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT 40").format(
                _names([*keys, *NAMED.get(place, ())]),
                _place(*place.split(".")),
                SQL(exempt.get(place, "true")),
                _names(keys),
            )
        ).fetchall()
        yield Table(schema=found["schemaname"], name=found["tablename"], columns=columns, rows=rows)


def change(connection: Connection[DictRow], table: Table, column: Column, row: dict[str, Any]) -> Mutation:
    """Another value in one column."""
    became = connection.execute(
        SQL("UPDATE {} SET {} = {} WHERE {} RETURNING {}").format(
            _place(table.schema, table.name),
            Identifier(column.name),
            _other(column),
            _where(table, row),
            _names(table.named),
        ),
        row,
    ).fetchone()
    assert became is not None
    return Mutation(table=table, what=column.name, rows=[row, became])


def delete(connection: Connection[DictRow], table: Table, row: dict[str, Any]) -> Mutation:
    """A row less."""
    connection.execute(SQL("DELETE FROM {} WHERE {}").format(_place(table.schema, table.name), _where(table, row)), row)
    return Mutation(table=table, what="(deleted)", rows=[row])


def duplicate(connection: Connection[DictRow], table: Table, row: dict[str, Any]) -> Mutation:
    """A row more, as another but for its key."""
    columns = [column for column in table.columns if not column.generated]
    values = [_other(c) if c.key else Identifier(c.name) for c in columns]
    found = connection.execute(
        SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {} RETURNING {}").format(
            _place(table.schema, table.name),
            _names([column.name for column in columns]),
            SQL(", ").join(values),
            _place(table.schema, table.name),
            _where(table, row),
            _names(table.named),
        ),
        row,
    ).fetchone()
    assert found is not None
    return Mutation(table=table, what="(added)", rows=[found])


def _other(column: Column) -> Composable:
    return SQL(OTHER[column.type]).format(c=Identifier(column.name))


def _place(schema: str, name: str) -> Composable:
    return SQL("{}.{}").format(Identifier(schema), Identifier(name))


def _names(names: list[str]) -> Composable:
    return SQL(", ").join(map(Identifier, names))


def _where(table: Table, row: Mapping[str, Any]) -> Composable:
    return SQL(" AND ").join(SQL("{} = {}").format(Identifier(name), SQL(f"%({name})s")) for name in table.key)


def _stands(text: str, line: str) -> bool:
    """Whether ``text`` stands in ``line`` for itself: a number is not told by the digits of an id."""
    return re.search(rf"(?<![\w-]){re.escape(text)}(?!\w)", line) is not None


def _text(value: Any) -> str:
    """As lines write it; of a time, as far as the second."""
    return value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) else str(value)
