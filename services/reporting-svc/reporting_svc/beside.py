"""A read model built beside the live one, and taken over by it without a pause for readers (ADR 0018).

The one beside stands in a schema of its own, filled from the first event while the live one serves and goes on. Taking
it over is one transaction: the live feeds are held, the one beside catches up, and the live tables become equal to its
tables by the rows that differ. Readers see the old state or the new one and wait for neither; views, rights and
policies on the live tables stay. A feed of the live worker that waited meanwhile finds its position where it left it,
or moved on, and attaches again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from delivery_shared.http.revocation import revoked
from delivery_shared.migrate import migrate
from delivery_shared.projection import connect
from sqlalchemy import Connection, Engine, Table, text

from reporting_svc.feed import FEED_NAME
from reporting_svc.projections import SOURCES
from reporting_svc.tables import figure, metadata, touched_day

NEXT = "reporting_next"
"""Schema of the read model beside the live one."""

TAKEN_OVER: tuple[Table, ...] = (*metadata.sorted_tables, touched_day, revoked)
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
    gone: dict[str, int] = {}
    come: dict[str, int] = {}
    with engine.begin() as connection:
        for source in sorted(SOURCES):
            connection.execute(
                text("INSERT INTO feed_position (feed, source) VALUES (:feed, :source) ON CONFLICT DO NOTHING"),
                {"feed": FEED_NAME, "source": source},
            )
        held = "SELECT source, position FROM feed_position WHERE feed = :feed ORDER BY source FOR UPDATE"
        live = _positions(connection, held)
        catch_up()
        stands = f'SELECT source, position FROM "{schema}".feed_position WHERE feed = :feed'  # noqa: S608 - our own name
        beside = _positions(connection, stands)
        late = [source for source in SOURCES if beside.get(source, 0) < live[source]]
        if late:
            raise Behind(", ".join(sorted(late)))
        for table in TAKEN_OVER:
            gone[table.name] = connection.execute(text(_going(table, schema))).rowcount
            come[table.name] = connection.execute(text(_coming(table, schema))).rowcount
        connection.execute(figure.delete())
        moved = text("UPDATE feed_position SET position = :position WHERE feed = :feed AND source = :source")
        for source, position in beside.items():
            connection.execute(moved, {"feed": FEED_NAME, "source": source, "position": position})
    return Taken(gone=gone, come=come, positions=beside)


def _positions(connection: Connection, query: str) -> dict[str, int]:
    return {row.source: row.position for row in connection.execute(text(query), {"feed": FEED_NAME})}


def _going(table: Table, schema: str) -> str:
    """Delete the live rows that are not beside, exactly as they are."""
    ours, theirs = (", ".join(f'{side}."{c.name}"' for c in table.columns) for side in ("live", "beside"))
    return (
        f'DELETE FROM "{table.name}" AS live WHERE NOT EXISTS (SELECT FROM "{schema}"."{table.name}" AS beside'  # noqa: S608
        f" WHERE {_same(table)} AND ({ours}) IS NOT DISTINCT FROM ({theirs}))"
    )


def _coming(table: Table, schema: str) -> str:
    """Insert the rows beside that are not live."""
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    return (
        f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM "{schema}"."{table.name}" AS beside'  # noqa: S608
        f' WHERE NOT EXISTS (SELECT FROM "{table.name}" AS live WHERE {_same(table)})'
    )


def _same(table: Table) -> str:
    return " AND ".join(f'live."{c.name}" = beside."{c.name}"' for c in table.primary_key)
