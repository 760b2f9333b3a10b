"""One moment of the whole database, as several connections see it."""

from __future__ import annotations

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
    """A snapshot of the database, taken when this is made: whatever is committed later does not exist for its
    connections. They may write to temporary tables only, and everything is rolled back at the end.

    A context manager. Services share one database, so that what a source has told and what its readers have applied are
    seen at the same moment.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._open: list[Connection[Any] | AlchemyConnection] = []
        first = self._psycopg("public")
        first.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = first.execute("SELECT pg_export_snapshot() AS name").fetchone()
        assert row is not None
        self._name = str(row["name"])

    def connection(self, schema: str) -> Connection[DictRow]:
        """A connection of its own inside its transaction; ``schema`` is its search path."""
        connection = self._psycopg(schema)
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{self._name}'")
        return connection

    def alchemy(self, schema: str) -> AlchemyConnection:
        """The same, for services on SQLAlchemy."""
        engine = create_engine(
            make_url(self._url).set(drivername="postgresql+psycopg2"),
            poolclass=NullPool,
            connect_args={**REACHABLE, "options": OPTIONS.format(schema=schema)},
        )
        connection = engine.connect()
        self._open.append(connection)
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text(f"SET TRANSACTION SNAPSHOT '{self._name}'"))
        return connection

    def close(self) -> None:
        """Roll everything back."""
        while self._open:
            connection = self._open.pop()
            connection.rollback()
            connection.close()

    def _psycopg(self, schema: str) -> Connection[DictRow]:
        connection: Connection[DictRow] = psycopg.connect(
            self._url,
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
