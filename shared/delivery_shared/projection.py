"""Read models on SQLAlchemy Core: a feed consumer that applies batches to tables and moves its position with them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import REACHABLE, RowChange, has_spoken
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.envelope import Message
from delivery_shared.metrics import count_alchemy, pools

STALLED: Final = 30
"""Seconds after which the database ends a transaction whose process says nothing, and with it what it holds locked
(ADR 0019)."""


def connect(database_url: str, schema: str) -> Engine:
    """A service's way to its database: an engine on psycopg2 whose sessions see ``schema`` only and speak UTC, so that
    the same rows always read the same. At most five connections a process; a dead one is noticed before use, and one
    that stands still in a transaction is ended (:data:`STALLED`)."""
    options = f"-csearch_path={schema} -ctimezone=UTC -cjit=off -cidle_in_transaction_session_timeout={STALLED}s"
    engine = create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg2"),
        pool_size=5,
        max_overflow=0,
        pool_timeout=10,
        connect_args={**REACHABLE, "application_name": f"delivery-{schema}", "options": options},
    )
    event.listen(engine, "checkout", _still_open)
    pools.watch(schema, engine.pool, count_alchemy)
    return engine


def unhurried(connection: Connection) -> None:
    """Let the transaction under way stand still for as long as it likes: somebody else is waited for in it."""
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _still_open(connection: Any, *_: object) -> None:
    """:raises DisconnectionError: the server has closed the connection; the pool takes another one."""
    if connection.closed or has_spoken(connection.fileno()):
        raise DisconnectionError


class Projection(Consumer):
    """Applies messages of one source to the tables of a service that is not event-sourced.

    ``parks`` is False for read models – a wrong figure is worse than a late one, so they stop and alarm – and
    True where each message stands alone (notifications).
    """

    def __init__(
        self, *, name: str, source: str, engine: Engine, contracts: Iterable[type[Contract]], parks: bool = False
    ) -> None:
        super().__init__(name=name, source=source, contracts=contracts)
        self.engine = engine
        self.parks = parks

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        with self.engine.begin() as connection:
            result = connection.exec_driver_sql(sql, dict(params))
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        with self.engine.begin() as connection:
            for change in sorted(receipts, key=lambda change: (change.rank, change.key)):
                result = connection.exec_driver_sql(change.sql, dict(change.params))
                if change.or_else is not None and result.fetchone() is None:
                    raise change.or_else(change.key)
            self.write(connection, messages)

    @abstractmethod
    def write(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Apply a batch inside the transaction, with few statements however many messages. Writes absolute values,
        or updates guarded by a version: a batch that failed is applied again, message by message."""
