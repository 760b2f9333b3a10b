"""Read models on SQLAlchemy Core: a feed consumer that applies batches to tables and moves its position with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import RowChange
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.feed import Consumer
from delivery_shared.tracing import traced

Handler = Callable[[Connection, Any, Message], None]
"""``handler(connection, contract, message)``: writes absolute values, or updates guarded by a version."""


class Projection(Consumer):
    """Applies messages of one source to the tables of a service that is not event-sourced.

    ``parks`` is False for read models – a wrong figure is worse than a late one, so they stop and alarm – and
    True where each message stands alone (notifications).
    """

    def __init__(
        self,
        *,
        name: str,
        source: str,
        engine: Engine,
        handlers: Mapping[type[Contract], Handler],
        parks: bool = False,
    ) -> None:
        super().__init__(name=name, source=source, contracts=handlers)
        self.engine = engine
        self.handlers = {contract.TYPE: handler for contract, handler in handlers.items()}
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

    def write(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Apply a batch inside the transaction; a read model that can fold many messages into few statements
        overrides this."""
        for message in messages:
            with traced(message.trace):
                self.handlers[message.type](connection, message.contract, message)
