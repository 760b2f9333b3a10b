"""What tools that draw charts are told of the views, which have no foreign keys: comments, keys and what refers to
what, as files that Metabase and Superset import. JSON is YAML, which both read.

Metabase: its serialization, of tables and fields. The database is connected there first, under the same name, so that
nothing of the connection is in the files. Superset: an export of datasets, whose connection asks for its password.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from reporting_svc.bi.installing import FRESHNESS, VERSION, views
from reporting_svc.bi.relations import KEYS, REFERENCES, TIMES

NAMESPACE: Final = UUID("6f3d6c0a-2f0f-5f43-8a55-0a2b1c7d9e10")
"""Of the ids in Superset's files: the same views have the same ids whenever they are written."""

METABASE: Final[Mapping[str, str]] = {
    "uuid": "type/UUID", "text": "type/Text", "name": "type/Text", "jsonb": "type/JSON", "int4": "type/Integer",
    "int8": "type/BigInteger", "numeric": "type/Decimal", "bool": "type/Boolean", "date": "type/Date",
    "timestamptz": "type/DateTimeWithLocalTZ",
}  # fmt: skip

SUPERSET: Final[Mapping[str, str]] = {
    "uuid": "UUID", "text": "TEXT", "name": "TEXT", "jsonb": "JSONB", "int4": "INTEGER", "int8": "BIGINT",
    "numeric": "NUMERIC", "bool": "BOOLEAN", "date": "DATE", "timestamptz": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip

View = tuple[str, str, list[tuple[str, str, str]]]
"""A view, its comment, and its columns: name, type of PostgreSQL, comment."""

File = tuple[Path, Any]


def write(database_url: str, folder: Path, *, tool: str, name: str) -> int:
    """Write the files for ``tool`` – ``metabase`` or ``superset`` – into ``folder``; returns how many.

    :param name: what the database is called in the tool.
    """
    url = make_url(database_url)
    engine = create_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.connect() as connection:
        found = list(_views(connection))
    engine.dispose()
    files = list(TOOLS[tool](found, name, url))
    for path, content in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(files)


def _views(connection: Connection) -> Iterator[View]:
    query = text(
        "SELECT a.attname, t.typname, coalesce(col_description(a.attrelid, a.attnum), '') AS comment"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = CAST(:view AS regclass) AND a.attnum > 0 ORDER BY a.attnum"
    )
    comment = text("SELECT coalesce(obj_description(CAST(:view AS regclass), 'pg_class'), '')")
    for view in views():
        named = {"view": f"{VERSION}.{view}"}
        columns = [(row.attname, row.typname, row.comment) for row in connection.execute(query, named)]
        yield view, connection.execute(comment, named).scalar_one(), columns


def _metabase(found: list[View], name: str, url: URL) -> Iterator[File]:
    for view, comment, columns in found:
        folder = Path("databases", name, "schemas", VERSION, "tables", view)
        above = [{"model": "Database", "id": name}, {"model": "Schema", "id": VERSION}, {"model": "Table", "id": view}]
        yield (
            folder / f"{view}.yaml",
            {"name": view, "db_id": name, "schema": VERSION, "active": True, "description": comment,
             "field_order": "database", "serdes/meta": above},
        )  # fmt: skip
        for position, (column, kind, said) in enumerate(columns):
            target = REFERENCES.get(view, {}).get(column)
            field = {
                "name": column, "table_id": [name, VERSION, view], "active": True, "description": said,
                "database_type": kind, "base_type": METABASE[kind], "position": position,
                "database_position": position, "semantic_type": _semantic(view, column, target),
                "fk_target_field_id": [name, VERSION, *target.split(".")] if target else None,
                "visibility_type": "details-only" if column in FRESHNESS else "normal",
                "serdes/meta": [*above, {"model": "Field", "id": column}],
            }  # fmt: skip
            yield folder / "fields" / f"{column}.yaml", field


def _semantic(view: str, column: str, target: str | None) -> str | None:
    if KEYS.get(view) == (column,):
        return "type/PK"
    if target:
        return "type/FK"
    return "type/Name" if column == "name" else None


def _superset(found: list[View], name: str, url: URL) -> Iterator[File]:
    version, database = "1.0.0", str(uuid5(NAMESPACE, name))
    yield (
        Path("metadata.yaml"),
        {"version": version, "type": "SqlaTable", "timestamp": datetime.now(UTC).isoformat(timespec="seconds")},
    )
    shown = url.set(drivername="postgresql+psycopg2", password="XXXXXXXXXX").render_as_string(hide_password=False)  # noqa: S106 - Superset's own stand-in
    yield (
        Path("databases", f"{name}.yaml"),
        {"database_name": name, "sqlalchemy_uri": shown, "expose_in_sqllab": True, "allow_ctas": False,
         "allow_cvas": False, "allow_dml": False, "uuid": database, "version": version},
    )  # fmt: skip
    for view, comment, columns in found:
        time = TIMES.get(view)
        joins = [f"{column} → {target}" for column, target in REFERENCES.get(view, {}).items()]
        described = f"{comment}\n\n{'; '.join(joins)}" if joins else comment
        dataset = {
            "table_name": view, "main_dttm_col": time, "description": described, "schema": VERSION,
            "uuid": str(uuid5(NAMESPACE, f"{name} {view}")), "database_uuid": database, "version": version,
            "filter_select_enabled": True,
            "metrics": [
                {"metric_name": "count", "verbose_name": "COUNT(*)", "metric_type": "count", "expression": "COUNT(*)"}
            ],
            "columns": [
                {
                    "column_name": column, "type": SUPERSET[kind], "is_dttm": kind in ("timestamptz", "date"),
                    "is_active": True, "groupby": column not in FRESHNESS, "filterable": True, "description": said,
                }
                for column, kind, said in columns
            ],
        }  # fmt: skip
        yield Path("datasets", name, f"{view}.yaml"), dataset


TOOLS: Final[Mapping[str, Callable[[list[View], str, URL], Iterator[File]]]] = {
    "metabase": _metabase,
    "superset": _superset,
}
