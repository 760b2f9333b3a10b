"""The in-site box: everybody reads his own and only his own; and the list of all deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.clock import Clock
from delivery_shared.http import Caller
from delivery_shared.http.paging import Page, Place, page_of
from sqlalchemy import Engine, func, select, text, update

from notify_svc import preferences
from notify_svc.delivery_list import DeliveryList
from notify_svc.tables import message


class MessageUnknown(Exception):
    """The caller's box holds no such message – another's is none of his business."""


class NotifyApplication:
    """Reading the box and marking messages as read."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self.deliveries = DeliveryList(engine)

    def ready(self) -> None:
        """:raises sqlalchemy.exc.OperationalError: the database is away."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM feed_position LIMIT 1"))

    def messages(self, *, by: Caller, unread: bool | None, after: Place | None, limit: int) -> Page:
        """The box of the caller, newest first; ``unread`` limits it to unread (or read) messages."""
        c = message.c
        where = [c.person_id == by.user_id]
        if unread is not None:
            where.append(c.read_at.is_(None) if unread else c.read_at.is_not(None))
        with self.engine.connect() as connection:
            return page_of(connection, select, keys=(c.created_at, c.message_id), where=where, after=after, limit=limit)

    def unread_count(self, *, by: Caller) -> int:
        """How many messages the caller has not read."""
        unread = [message.c.person_id == by.user_id, message.c.read_at.is_(None)]
        with self.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(message).where(*unread)).scalar_one()

    def preferences(self, *, by: Caller) -> dict[str, Any]:
        """How the caller wants to be told."""
        with self.engine.connect() as connection:
            return preferences.of_person(connection, by.user_id)

    def prefer(self, *, by: Caller, **said: Any) -> dict[str, Any]:
        """From now on the caller is told as he says."""
        with self.engine.begin() as connection:
            preferences.keep(connection, by.user_id, **said)
        return self.preferences(by=by)

    def mark_read(self, *, by: Caller, message_id: UUID) -> dict[str, Any]:
        """Mark a message as read and return it; the first time counts, so repeating changes nothing.

        :raises MessageUnknown: not in the caller's box.
        """
        c = message.c
        statement = (
            update(message)
            .where(c.message_id == message_id, c.person_id == by.user_id)
            .values(read_at=func.coalesce(c.read_at, self.clock.now()))
            .returning(message)
        )
        with self.engine.begin() as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            raise MessageUnknown
        return dict(row)
