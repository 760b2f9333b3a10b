"""One moment of every database, as several connections see it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Connection as AlchemyConnection
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from delivery_shared.eventstore import REACHABLE

OPTIONS = (
    '-c search_path="{schema}" -c timezone=UTC -c jit=off -c temp_buffers=64MB -c work_mem=64MB'
    " -c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
)
"""Of every session. Nothing ends it while it waits for its turn: a large installation takes minutes."""


class Moment:
    """A snapshot of every database, taken when this is made: whatever is committed later does not exist for its
    connections. They may write to temporary tables only, and everything is rolled back at the end.

    A context manager. What one database holds is seen at the same moment. Several are seen at moments some hundredths
    of a second apart, whose order is not known: whether a feed has read what its source did not have yet is for
    whoever takes it to look at.
    """

    def __init__(self, databases: Mapping[str, str]) -> None:
        """:param databases: the address of the database in which each schema is."""
        self._urls = databases
        self._open: list[Connection[Any] | AlchemyConnection] = []
        self.snapshots: dict[str, str] = {}
        """The name of the snapshot of each database, by its address."""
        try:
            firsts = {url: self._psycopg(url, "public") for url in sorted(set(databases.values()))}
            for first in firsts.values():  # all connected first: what is seen is then as close together as can be
                first.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for url, first in firsts.items():
                row = first.execute("SELECT pg_export_snapshot() AS name").fetchone()
                assert row is not None
                self.snapshots[url] = str(row["name"])
        except BaseException:
            self.close()
            raise

    def connection(self, schema: str) -> Connection[DictRow]:
        """A connection of its own inside its transaction; ``schema`` is its search path."""
        url = self._urls[schema]
        connection = self._psycopg(url, schema)
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{self.snapshots[url]}'")
        return connection

    def alchemy(self, schema: str) -> AlchemyConnection:
        """The same, for services on SQLAlchemy."""
        url = self._urls[schema]
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg2"),
            poolclass=NullPool,
            connect_args={**REACHABLE, "options": OPTIONS.format(schema=schema)},
        )
        connection = engine.connect()
        self._open.append(connection)
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text(f"SET TRANSACTION SNAPSHOT '{self.snapshots[url]}'"))
        return connection

    def close(self) -> None:
        """Roll everything back."""
        while self._open:
            connection = self._open.pop()
            if not connection.closed:
                connection.rollback()
                connection.close()

    def _psycopg(self, url: str, schema: str) -> Connection[DictRow]:
        connection: Connection[DictRow] = psycopg.connect(
            url,
            row_factory=dict_row,
            prepare_threshold=None,
            application_name="delivery-verify",
            options=OPTIONS.format(schema=schema),
            **REACHABLE,  # type: ignore[arg-type]
        )
        self._open.append(connection)
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
