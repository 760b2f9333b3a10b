"""Tables beside live ones: what the events say is written there, by the statements that write the live ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from sqlalchemy import Connection as AlchemyConnection

EXAMPLES = 3
"""Rows a line names; the others are counted."""

KEY = """
SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = %(table)s::regclass AND i.indisprimary ORDER BY array_position(i.indkey::smallint[], a.attnum)
"""

COLUMNS = """
SELECT attname AS name FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
"""

DIFFERENCES = """
SELECT count(*) OVER () AS rows, coalesce({live_key}, {told_key}) AS key, live.{first} IS NULL AS missing,
    told.{first} IS NULL AS stray, (SELECT array_agg(l.key ORDER BY l.key) FROM jsonb_each(to_jsonb(live)) AS l
        JOIN jsonb_each(to_jsonb(told)) AS t ON t.key = l.key AND t.value <> l.value
        WHERE l.key <> ALL (%(but)s)) AS columns
FROM (SELECT * FROM {live} {where}) AS live FULL JOIN pg_temp.{table} AS told ON {same}
WHERE to_jsonb(live) - %(but)s IS DISTINCT FROM to_jsonb(told) - %(but)s
ORDER BY 2 LIMIT %(limit)s
"""

COMING = """
WITH come AS (
    INSERT INTO {live} ({columns}) SELECT {told_columns} FROM pg_temp.{table} AS told
    WHERE NOT EXISTS (SELECT FROM {live} AS live WHERE {same}) ON CONFLICT DO NOTHING RETURNING 1)
SELECT count(*) AS rows FROM come
"""

CHANGING = """
WITH changed AS (
    UPDATE {live} AS live SET {settings} FROM pg_temp.{table} AS told
    WHERE {same} AND (
        to_jsonb(live) - CAST(%(but)s AS text[]) IS DISTINCT FROM to_jsonb(told) - CAST(%(but)s AS text[]) {or_empty})
    RETURNING 1)
SELECT count(*) AS rows FROM changed
"""


class Beside:
    """Temporary tables that take the place of a service's own in one session: whoever writes to ``person`` there writes
    beside the live one."""

    def __init__(self, connection: Connection[DictRow] | AlchemyConnection, *, service: str, schema: str) -> None:
        self.connection = connection
        self.service = service
        self.schema = schema

    def run(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement with named parameters, ``%(name)s``; returns its rows."""
        if isinstance(self.connection, Connection):
            cursor = self.connection.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []
        result = self.connection.exec_driver_sql(sql, dict(params) if params else None)
        return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def tentatively(self) -> AbstractContextManager[Any]:
        """What fails inside is undone, and nothing else."""
        if isinstance(self.connection, Connection):
            return self.connection.transaction()
        return self.connection.begin_nested()

    def keep(self) -> None:
        """End the transaction in which the tables were filled: they stay, and what is read from now on is what there is
        then. Only for whoever writes to the live tables."""
        self.connection.commit()

    def take_over(self, table: str, *, but: Collection[str] = ()) -> int:
        """Give the live table the rows it lacks and those columns that are others beside – of ``but`` where they are
        empty. Rows that are not beside stay. Returns how many rows that were."""
        names, columns = self.key_of(table), self.columns_of(table)
        values = {name: f'told."{name}"' for name in columns if name not in names}
        values |= {name: f'coalesce(live."{name}", told."{name}")' for name in but}
        empty = "".join(f' OR live."{name}" IS NULL AND told."{name}" IS NOT NULL' for name in but)
        places = {
            "live": self.live(table),
            "table": f'"{table}"',
            "same": " AND ".join(f'live."{name}" = told."{name}"' for name in names),
        }
        coming = COMING.format(
            **places,
            columns=", ".join(f'"{name}"' for name in columns),
            told_columns=", ".join(f'told."{name}"' for name in columns),
        )
        statements = [coming]
        if settings := ", ".join(f'"{name}" = {value}' for name, value in values.items()):
            statements.append(CHANGING.format(**places, settings=settings, or_empty=empty))
        return sum(int(self.run(statement, {"but": list(but)})[0]["rows"]) for statement in statements)

    def open(self, *tables: str) -> None:
        """Empty tables in the place of ``tables``."""
        for table in tables:
            self.run(f'CREATE TEMPORARY TABLE "{table}" (LIKE {self.live(table)} INCLUDING ALL)')

    def live(self, table: str) -> str:
        """The name of the live table, wherever another stands in its place."""
        return f'"{self.schema}"."{table}"'

    def key_of(self, table: str) -> list[str]:
        """The primary key of the live table."""
        return [row["name"] for row in self.run(KEY, {"table": self.live(table)})]

    def columns_of(self, table: str) -> list[str]:
        """The columns of the live table."""
        return [row["name"] for row in self.run(COLUMNS, {"table": self.live(table)})]

    def differences(
        self, table: str, *, but: Collection[str] = (), key: Sequence[str] = (), where: str = ""
    ) -> Iterator[str]:
        """A line if the live table is not equal to the one beside: its rows as far as ``where`` holds, its columns
        without ``but``. Rows are matched by ``key``, by default the primary key."""
        names = list(key) or self.key_of(table)
        if not names:
            yield f"{self.service}: table {table} has lost its primary key"
            return
        statement = DIFFERENCES.format(
            live=self.live(table),
            table=f'"{table}"',
            where=f"WHERE {where}" if where else "",
            first=f'"{names[0]}"',
            same=" AND ".join(f'live."{name}" = told."{name}"' for name in names),
            live_key=_named("live", names),
            told_key=_named("told", names),
        )
        found = self.run(statement, {"but": list(but), "limit": EXAMPLES})
        if found:
            yield line(self.service, table, [_told(row) for row in found], found[0]["rows"])
        if key:
            same = " AND ".join(f'other."{name}" = live."{name}"' for name in names)
            twice = f"(SELECT count(*) FROM {self.live(table)} AS other WHERE {same}) > 1"  # noqa: S608 - our own names
            yield from self.rows_where(table, "is there twice", twice, key=names)

    def rows_where(self, table: str, what: str, condition: str, *, key: Sequence[str]) -> Iterator[str]:
        """A line if the live table has rows for which ``condition`` holds, which is wrong of them as ``what`` says."""
        names = ", ".join(f"'{name}', {name}" for name in key)
        found = self.run(
            f"SELECT count(*) OVER () AS rows, jsonb_build_object({names}) AS key FROM {self.live(table)} AS live"  # noqa: S608
            f" WHERE {condition} ORDER BY 2 LIMIT %(limit)s",
            {"limit": EXAMPLES},
        )
        if found:
            yield line(self.service, table, [f"{_key(row['key'])} {what}" for row in found], found[0]["rows"])


def line(service: str, table: str, examples: Sequence[str], rows: int) -> str:
    """What verify says of some rows of a table."""
    shown = list(examples)[:EXAMPLES]
    more = f", and {rows - len(shown)} more" if rows > len(shown) else ""
    return f"{service}: table {table}: {', '.join(shown)}{more}"


def _named(side: str, names: Sequence[str]) -> str:
    """The key of a row as JSON, NULL where the side has none."""
    fields = ", ".join(f"'{name}', {side}.\"{name}\"" for name in names)
    return f'CASE WHEN {side}."{names[0]}" IS NOT NULL THEN jsonb_build_object({fields}) END'


def _told(row: Mapping[str, Any]) -> str:
    if row["missing"]:
        return f"{_key(row['key'])} is missing"
    if row["stray"]:
        return f"{_key(row['key'])} follows from no event"
    return f"{_key(row['key'])} has another {', '.join(row['columns'])} than the events say"


def _key(key: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in key.items())
