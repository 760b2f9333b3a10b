"""The feeds of this service: what is read from whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts.firing import TRIGGERS
from delivery_shared.contracts.identity import PersonErased
from delivery_shared.contracts.project import BuyerErased
from delivery_shared.eventstore import RowChange
from delivery_shared.links import FIRST, contact_id
from delivery_shared.messaging.envelope import Message
from delivery_shared.projection import Projection
from delivery_shared.rows import Key, Rows
from sqlalchemy import Connection, Engine, Table

from notify_svc import asked, reminders
from notify_svc.copies import COPIES
from notify_svc.deliveries import forget_answers
from notify_svc.forgetting import Forgetting

FEED_NAME = "notify"

SOURCES = ("template", "identity", "project")


class Notifications(Projection):
    """Keeps the copies of one source and fires what its messages fire.

    It parks: a reminder that cannot be sent yet waits with the later facts of its project, while all other projects
    go on.

    :param configured: the channels that lead out of this installation.
    :param hint: told the key of each new delivery, once it is stored.
    """

    linger = 0.25

    def __init__(self, *, source: str, engine: Engine, configured: frozenset[str], hint: Callable[[str], None]) -> None:
        read: set[type[Contract]] = {*COPIES, *TRIGGERS, *asked.TRIGGERS}
        contracts = [contract for contract in read if contract.producer() == source]
        super().__init__(name=FEED_NAME, source=source, engine=engine, contracts=contracts, parks=True)
        self.configured = configured
        self.hint = hint
        self._new = threading.local()

    def commit(self, messages: Sequence[Message], receipts: Sequence[RowChange]) -> None:
        super().commit(messages, receipts)
        for key in self._new.keys:
            self.hint(key)

    def write(self, connection: Connection, messages: Sequence[Message]) -> None:
        """Read the rows the batch touches, fold its messages in memory, write what changed and what fired: a few
        statements, however many messages."""
        forgetting = Forgetting(connection, (message.contract for message in messages))
        rows, firing = fold(connection, messages)
        rows.write()
        forget_answers(connection, forgotten(messages))
        self._new.keys = [
            *reminders.send(connection, rows, firing, configured=self.configured),
            *asked.send(connection, rows, asked.asks_of(messages), configured=self.configured),
        ]
        forgetting.done()


def forgotten(messages: Sequence[Message]) -> list[UUID]:
    """Whose addresses are to be forgotten."""
    contracts = [message.contract for message in messages]
    users = [c.user_id for c in contracts if isinstance(c, PersonErased)]
    return users + [contact_id(c.project_id, FIRST) for c in contracts if isinstance(c, BuyerErased)]


def fold(connection: Connection, messages: Sequence[Message]) -> tuple[Rows, list[reminders.Due]]:
    """What a batch does to the copies, not written yet, and which rules it fires."""
    rows = Rows(connection)
    touched: dict[Table, set[Key]] = {}
    for message in messages:
        copy = COPIES.get(type(message.contract))
        for table, key in copy.rows_of(message.contract) if copy else ():
            touched.setdefault(table, set()).add(key)
        for table, key in reminders.rows_of(message.contract):
            touched.setdefault(table, set()).add(key)
    for table, keys in touched.items():
        rows.load(table, keys)
    firing: list[reminders.Due] = []
    for message in messages:
        copy = COPIES.get(type(message.contract))
        if copy:
            copy.fold(rows, message.contract)
        firing += reminders.due(rows, message)
    return rows, firing


def feeds(engine: Engine, *, configured: frozenset[str], hint: Callable[[str], None]) -> list[Notifications]:
    """One feed per source."""
    return [Notifications(source=source, engine=engine, configured=configured, hint=hint) for source in SOURCES]
