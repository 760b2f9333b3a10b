"""A read model built beside the live one, and taken over by it without a pause (ADR 0018).

The one beside stands in a schema of its own, filled from the first event while the live one serves and goes on. Taking
it over begins with a comparison: which rows differ. It may take long; triggers note which rows change meanwhile. Then
one short transaction holds the live feeds, has the one beside catch up, and makes the live rows that differed or
changed equal to those beside. Readers see the old state or the new one and wait for neither; views, rights and policies
on the live tables stay. A feed of the live worker that waited meanwhile finds its position where it left it, or moved
on, and attaches again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from delivery_shared.http.revocation import revoked
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect, unhurried
from sqlalchemy import JSON, Column, Connection, Engine, Table, text

from reporting_svc.feed import FEED_NAME
from reporting_svc.projections import SOURCES
from reporting_svc.tables import figure, freshness, metadata, touched_day

NEXT = "reporting_next"
"""Schema of the read model beside the live one."""

TAKEN_OVER: tuple[Table, ...] = (*metadata.sorted_tables, touched_day, freshness, revoked)
"""What follows from the events. Figures are computed again."""


class Behind(Exception):
    """The read model beside has not applied what the live one has."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What taking over changed: rows of the live tables gone and come, by table, those that differed only."""

    gone: dict[str, int]
    come: dict[str, int]
    positions: dict[str, int]


def create(database_url: str, *, schema: str = NEXT) -> Engine:
    """Make the schema beside, or find it as an interrupted rebuild left it; returns the way to it."""
    migrate(database_url=database_url, schema=schema, package="reporting_svc", driver="psycopg2")
    return connect(database_url, schema)


def exists(engine: Engine, *, schema: str = NEXT) -> bool:
    """Whether there is one, finished or not."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT to_regclass(:t)"), {"t": f"{schema}.feed_position"}).scalar() is not None


def drop(engine: Engine, *, schema: str = NEXT) -> None:
    """Remove it."""
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))


def take_over(engine: Engine, catch_up: Callable[[], None], *, schema: str = NEXT) -> Taken:
    """Make the live read model of ``engine`` equal to the one in ``schema``.

    :param catch_up: applies to the one beside what has been published so far; called while the live feeds are held, so
        it should have been called just before as well.
    :raises Behind: it did not. Nothing is changed.
    """
    try:
        _note_changes(engine, schema)
        with engine.connect() as connection:
            with connection.begin():
                _compare(connection, schema)
            with connection.begin():
                return _exchange(connection, catch_up, schema)
    finally:
        _stop_noting(engine)


NOTING = """
CREATE TABLE IF NOT EXISTS taking_over (name text NOT NULL, key jsonb NOT NULL);
TRUNCATE taking_over;
CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE content jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
    INSERT INTO taking_over SELECT TG_TABLE_NAME, jsonb_object_agg(column_name, content -> column_name)
    FROM unnest(TG_ARGV) AS column_name;
    RETURN NULL;
END
$$;
DO $$
DECLARE owner text := (SELECT relowner::regrole::text FROM pg_class WHERE oid = 'project'::regclass);
BEGIN
    EXECUTE 'ALTER TABLE taking_over OWNER TO ' || owner;
    EXECUTE 'ALTER FUNCTION note_change() OWNER TO ' || owner;
END
$$;
"""
"""The keys of rows that change while the tables are compared; ours do not change their keys. Table and function belong
to whom the read model belongs to, whoever has it taken over."""


def _note_changes(engine: Engine, schema: str) -> None:
    """One table at a time: waits for the batch under way on it, not for readers, and holds up neither."""
    with engine.begin() as connection:
        connection.exec_driver_sql(NOTING)
    for table in TAKEN_OVER:
        keys = ", ".join(f"'{column.name}'" for column in table.primary_key)
        for place in (f'"{table.name}"', f'"{schema}"."{table.name}"'):
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    f"CREATE OR REPLACE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON {place}"
                    f" FOR EACH ROW EXECUTE FUNCTION note_change({keys});"
                    f" ALTER TABLE {place} ENABLE TRIGGER note_change"
                )


def _stop_noting(engine: Engine) -> None:
    """The triggers stay, disabled: removing one would make readers wait."""
    there = text("SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(:name) AND tgname = 'note_change'")
    for table in TAKEN_OVER:
        with engine.begin() as connection:
            if connection.execute(there, {"name": f'"{table.name}"'}).first() is not None:
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER note_change')


def _compare(connection: Connection, schema: str) -> None:
    """Keep the keys of the rows that differ, in a temporary table for each table."""
    for table in TAKEN_OVER:
        live, beside = f'"{table.name}"', f'"{schema}"."{table.name}"'
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS pg_temp."differs_{table.name}"')
        connection.exec_driver_sql(
            f'CREATE TEMPORARY TABLE "differs_{table.name}" AS'  # noqa: S608 - our own names
            f" SELECT {_keys(table, 'live')} FROM {live} AS live WHERE NOT EXISTS (SELECT FROM {beside} AS beside"
            f" WHERE {_same(table)} AND {_equal(table)})"
            f" UNION SELECT {_keys(table, 'beside')} FROM {beside} AS beside WHERE NOT EXISTS"
            f" (SELECT FROM {live} AS live WHERE {_same(table)})"
        )


def _exchange(connection: Connection, catch_up: Callable[[], None], schema: str) -> Taken:
    """The short transaction. It holds the feeds while the model beside is brought up to them by others."""
    unhurried(connection)
    gone: dict[str, int] = {}
    come: dict[str, int] = {}
    for source in sorted(SOURCES):
        connection.execute(
            text("INSERT INTO feed_position (feed, source) VALUES (:feed, :source) ON CONFLICT DO NOTHING"),
            {"feed": FEED_NAME, "source": source},
        )
    live = _positions(
        connection, "SELECT source, position FROM feed_position WHERE feed = :feed ORDER BY source FOR UPDATE"
    )
    catch_up()
    beside = _positions(
        connection,
        f'SELECT source, position FROM "{schema}".feed_position WHERE feed = :feed',  # noqa: S608 - our own name
    )
    late = [source for source in SOURCES if beside.get(source, 0) < live[source]]
    if late:
        raise Behind(", ".join(sorted(late)))
    for table in TAKEN_OVER:
        connection.execute(text(_adding_noted(table)))
        connection.exec_driver_sql(f'ANALYZE "differs_{table.name}"')
        gone[table.name] = connection.execute(text(_going(table, schema))).rowcount
        come[table.name] = connection.execute(text(_coming(table, schema))).rowcount
    connection.execute(figure.delete())
    moved = text("UPDATE feed_position SET position = :position WHERE feed = :feed AND source = :source")
    for source, position in beside.items():
        connection.execute(moved, {"feed": FEED_NAME, "source": source, "position": position})
    return Taken(gone=gone, come=come, positions=beside)


def _positions(connection: Connection, query: str) -> dict[str, int]:
    return {row.source: row.position for row in connection.execute(text(query), {"feed": FEED_NAME})}


def _adding_noted(table: Table) -> str:
    """Add what has changed since the comparison to what differed."""
    return (
        f'INSERT INTO "differs_{table.name}" SELECT DISTINCT {_keys(table, "noted")} FROM taking_over,'  # noqa: S608
        f' jsonb_populate_record(NULL::"{table.name}", taking_over.key) AS noted'
        f" WHERE taking_over.name = '{table.name}'"
    )


def _going(table: Table, schema: str) -> str:
    """Delete those of the rows in question that are not beside, exactly as they are."""
    return (
        f'DELETE FROM "{table.name}" AS live USING (SELECT DISTINCT * FROM "differs_{table.name}") AS differs'  # noqa: S608
        f' WHERE {_same(table, "differs")} AND NOT EXISTS (SELECT FROM "{schema}"."{table.name}" AS beside'
        f" WHERE {_same(table)} AND {_equal(table)})"
    )


def _coming(table: Table, schema: str) -> str:
    """Insert those of the rows in question that are beside and not live."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(f'beside."{column.name}"' for column in table.columns)
    return (
        f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM "{schema}"."{table.name}" AS beside'  # noqa: S608
        f' JOIN (SELECT DISTINCT * FROM "differs_{table.name}") AS differs ON {_same(table, "differs", "beside")}'
        f' WHERE NOT EXISTS (SELECT FROM "{table.name}" AS live WHERE {_same(table)})'
    )


def _keys(table: Table, side: str) -> str:
    return ", ".join(f'{side}."{column.name}"' for column in table.primary_key)


def _same(table: Table, one: str = "beside", other: str = "live") -> str:
    return " AND ".join(f'{other}."{column.name}" = {one}."{column.name}"' for column in table.primary_key)


def _equal(table: Table) -> str:
    live, beside = (", ".join(_comparable(side, c) for c in table.columns) for side in ("live", "beside"))
    return f"({live}) IS NOT DISTINCT FROM ({beside})"


def _comparable(side: str, column: Column[Any]) -> str:
    """A column as it can be compared: ``json`` (not ``jsonb``) knows no equality but that of its text."""
    return f'{side}."{column.name}"' + ("::text" if type(column.type) is JSON else "")
