"""Events in, decisions out: how an event-sourced service reacts to the events of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.messaging.consumer import Consumer
from delivery_shared.messaging.envelope import Message
from delivery_shared.tracing import traced


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a service does when it hears of an event: ``copy(contract)`` is the row it keeps of it – or several –,
    which follow from the message alone; ``then(unit, contract, message)`` decides what follows. ``streams`` names the
    aggregates that will touch, so that a batch loads them at once."""

    contract: type[Contract]
    copy: Callable[[Any], RowChange | Sequence[RowChange]] | None = None
    then: Callable[[UnitOfWork, Any, Message], None] | None = None
    streams: Callable[[Any], Iterable[UUID]] = lambda _: ()


class ProcessManager(Consumer):
    """Events in, decisions of this service's aggregates (or rows of its copies) out."""

    parks = True

    def __init__(
        self, *, name: str, source: str, store: EventStore, policies: Iterable[Policy], linger: float = Consumer.linger
    ) -> None:
        self.store = store
        self.linger = linger
        self.policies = {policy.contract.TYPE: policy for policy in policies}
        super().__init__(name=name, source=source, contracts=[policy.contract for policy in self.policies.values()])

    def rows(self, sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        with self.store.connection() as connection:
            cursor = connection.execute(sql, params, prepare=True)
            return list(cursor.fetchall()) if cursor.description else []

    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        unit = UnitOfWork(self.store)
        unit.preload(s for m in messages for s in self.policies[m.type].streams(m.contract))
        for message in messages:
            policy = self.policies[message.type]
            unit.rows += self.copies([message])
            if policy.then is not None:
                with traced(message.trace):
                    policy.then(unit, message.contract, message)
                unit.stamp(message.trace)
        unit.commit(receipts)

    def copies(self, messages: Iterable[Message]) -> list[RowChange]:
        """The rows kept of these messages, whatever is decided."""
        copying = ((self.policies[message.type].copy, message.contract) for message in messages)
        kept = (copy(contract) for copy, contract in copying if copy is not None)
        return [row for rows in kept for row in ([rows] if isinstance(rows, RowChange) else rows)]
