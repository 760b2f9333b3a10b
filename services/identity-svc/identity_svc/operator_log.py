"""Recording and listing the actions of operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.commands import Command, execute
from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.http.tokens import real_now
from eventsourcing.utils import get_topic

from identity_svc.domain import auditing, facts
from identity_svc.domain.errors import NotFound
from identity_svc.domain.operator_action import OperatorAction


class OperatorLog:
    """The actions of operators on the whole installation, kept here because accounts are."""

    def __init__(self, store: EventStore, *, now: Callable[[], datetime] = real_now) -> None:
        self._store = store
        self._now = now

    def begin(self, *, who: str, action: str, arguments: Mapping[str, str]) -> UUID:
        """Store that ``who`` begins; returns the id of the action."""
        id = uuid4()

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            unit.add(auditing.begin(id=id, who=who, action=action, arguments=arguments, at=self._now()))
            return 201, {}

        execute(self._store, Command(caller=who, route=action), decide)
        return id

    def end(self, id: UUID, *, outcome: facts.ActionOutcome, detail: str) -> None:
        """Store what came of it. :raises NotFound: no such action."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            action = unit.get(OperatorAction, id)
            if action is None:
                raise NotFound
            auditing.end(action, outcome=outcome, detail=detail, at=self._now())
            return 200, {}

        execute(self._store, Command(route="operator action ended"), decide)

    def last(self, limit: int) -> list[OperatorAction]:
        """The last ``limit`` actions, newest first."""
        with self._store.connection() as connection:
            rows = connection.execute(
                f"SELECT originator_id FROM {self._store.events_recorder.events_table_name}"  # noqa: S608
                " WHERE topic = %s ORDER BY notification_id DESC LIMIT %s",
                (get_topic(facts.ActionBegun), limit),
            ).fetchall()
        ids = [row["originator_id"] for row in rows]
        found = self._store.find(OperatorAction, *ids)
        return [found[id] for id in ids]
