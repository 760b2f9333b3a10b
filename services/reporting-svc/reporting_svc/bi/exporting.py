"""The views as Parquet files: what a warehouse loads.

All files show the same moment – one repeatable-read transaction –, rows come through a server-side cursor and are
written in groups, so memory does not grow with their number. The manifest, written last, says how many rows each file
has and up to which event each source is known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from reporting_svc.bi.installing import VERSION, views

ROWS: Final = 10_000
"""Rows of a group, and of what is held in memory at a time."""

MANIFEST: Final = "manifest.json"

TYPES: Final[Mapping[str, pa.DataType]] = {
    "uuid": pa.string(),
    "text": pa.string(),
    "name": pa.string(),
    "jsonb": pa.string(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "numeric": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
"""PostgreSQL's types as Parquet's. Ids and JSON are texts; durations are floating-point numbers, as tools reckon."""

SHOWN: Final[Mapping[str, str]] = {"uuid": "::text", "jsonb": "::text", "numeric": "::double precision"}
"""What a column is read as."""

DAILY: Final = "fact_daily_snapshot"

Progress = Callable[[str, int], None]
"""Called with the view and its rows so far."""


def export(
    database_url: str,
    folder: Path,
    *,
    days: tuple[date, date] | None = None,
    progress: Progress = lambda view, rows: None,
) -> dict[str, Any]:
    """Write every view to ``<folder>/<view>.parquet`` and return the manifest.

    What is exported is what the role of ``database_url`` reads: a tenant's role exports the rows of the tenant.

    :param days: first and last day of ``fact_daily_snapshot``, which has a row per project and day; default yesterday's
        and today's 0:00.
    :raises FileExistsError: the folder holds an export already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST).exists():
        raise FileExistsError(f"{folder} holds an export already")
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text("SET LOCAL jit = off"))  # compiling costs more than it saves here
        at, today = connection.execute(text("SELECT now(), bi_v1.day_of(bi_v1.present())")).one()
        first, last = days or (today - timedelta(days=1), today)
        files = {}
        for view in views():
            span = " WHERE day BETWEEN :first AND :last" if view == DAILY else ""
            values = {"first": first, "last": last} if span else {}
            rows = _write(connection, view, span, values, folder / f"{view}.parquet", progress)
            files[view] = {"file": f"{view}.parquet", "rows": rows}
        sources = connection.execute(text("SELECT source, as_of_position, fresh_at FROM bi_v1.freshness ORDER BY 1"))
        manifest = {
            "version": VERSION,
            "exported_at": at,
            "days": {"first": first, "last": last},
            "sources": {
                row.source: {"as_of_position": row.as_of_position, "fresh_at": row.fresh_at} for row in sources
            },
            "views": files,
        }
    engine.dispose()
    encoded = json.dumps(msgspec.to_builtins(manifest), indent=1)
    (folder / MANIFEST).write_text(encoded + "\n")
    decoded: dict[str, Any] = json.loads(encoded)
    return decoded


def _columns(connection: Connection, view: str) -> list[tuple[str, str]]:
    """Name and type of each column of a view, in order."""
    query = text(
        "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = CAST(:view AS regclass) AND a.attnum > 0 ORDER BY a.attnum"
    )
    return [(row.attname, row.typname) for row in connection.execute(query, {"view": f"{VERSION}.{view}"})]


def _write(
    connection: Connection, view: str, where: str, values: Mapping[str, Any], path: Path, progress: Progress
) -> int:
    columns = _columns(connection, view)
    schema = pa.schema([(name, TYPES[kind]) for name, kind in columns])
    shown = ", ".join(f"{name}{SHOWN.get(kind, '')} AS {name}" for name, kind in columns)
    query = text(f"SELECT {shown} FROM {VERSION}.{view}{where}")  # noqa: S608 - our own names
    streamed = connection.execution_options(stream_results=True, max_row_buffer=ROWS)
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for part in streamed.execute(query, values).partitions(ROWS):
            file.write_table(_table(schema, part))
            written += len(part)
            progress(view, written)
    return written


def _table(schema: pa.Schema, rows: Iterable[Any]) -> pa.Table:
    arrays = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
