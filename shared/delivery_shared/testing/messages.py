"""Messages of other services brought to a service under test, and what it publishes itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from delivery_shared.contracts import Contract
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import encode, open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.process_manager import ProcessManager


class Feeds:
    """Brings other services' messages to the process managers, each source in its own order; all happened ``at`` one
    time."""

    def __init__(self, managers: Iterable[ProcessManager], *, at: datetime) -> None:
        self.managers = {manager.source: manager for manager in managers}
        self.at = at

    def __call__(self, *contracts: Contract, twice: bool = False) -> None:
        for contract in contracts:
            manager = self.managers[contract.producer()]
            old = manager.position()
            id = old.id + 1
            body = encode(
                contract, notification_id=id, prev=old.id, subject=str(id), subject_version=1, time=self.at,
                correlation_id="test", causation_id="test",
            )  # fmt: skip
            message = open_message(body)
            manager.apply([message, message] if twice else [message], old, Position(id, None))


@dataclass
class Published:
    """What the service published since the test began, or since :meth:`again`."""

    outbox: Outbox
    start: int

    def __call__(self) -> list[Contract]:
        return [open_message(out.body).contract for out in self.outbox.read(after=self.start, limit=1000)]

    def again(self) -> list[Contract]:
        """Everything from now on."""
        self.start = self.outbox.last()
        return []
