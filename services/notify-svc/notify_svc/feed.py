"""The feeds of this service: what is read from whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts.firing import TRIGGERS
from delivery_shared.contracts.identity import PersonErased
from delivery_shared.contracts.project import BuyerErased, ContactChanged
from delivery_shared.eventstore import RowChange
from delivery_shared.links import FIRST, contact_id
from delivery_shared.messaging.envelope import Message
from delivery_shared.projection import Projection
from delivery_shared.rows import Key, Rows
from sqlalchemy import Connection, Engine, Table, select

from notify_svc import asked, reminders
from notify_svc.copies import COPIES
from notify_svc.deliveries import forget_answers
from notify_svc.forgetting import Forgetting
from notify_svc.tables import project

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
        gone = forgotten(connection, messages)
        rows, firing = fold(connection, messages)
        rows.write()
        forget_answers(connection, gone)
        self._new.keys = [
            *reminders.send(connection, rows, firing, configured=self.configured),
            *asked.send(connection, rows, asked.asks_of(messages), configured=self.configured),
        ]
        forgetting.done()


def forgotten(connection: Connection, messages: Sequence[Message]) -> list[UUID]:
    """Whose addresses are to be forgotten: people who are, contacts instead of whom others are named, and all contacts
    of orders whose buyer is. Asked before the batch is written."""
    contracts = [message.contract for message in messages]
    users = [c.user_id for c in contracts if isinstance(c, PersonErased)]
    erased = {c.project_id for c in contracts if isinstance(c, BuyerErased)}
    known = select(project.c.project_id, project.c.contact_version).where(project.c.project_id.in_(erased))
    last = {row.project_id: row.contact_version or FIRST for row in connection.execute(known)} if erased else {}
    over = {id: last.get(id, FIRST) for id in erased}
    for c in contracts:
        if isinstance(c, ContactChanged):
            number = c.number if c.project_id in erased else c.number - 1
            over[c.project_id] = max(over.get(c.project_id, 0), number)
    return users + [contact_id(id, number) for id, most in over.items() for number in range(FIRST, most + 1)]


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
