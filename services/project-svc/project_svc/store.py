"""Loading and saving projects: in bulk, from memory as far as they are kept there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore, RowChange, Saved
from eventsourcing.domain import Aggregate

from project_svc.buyers import Buyers
from project_svc.calendar_copy import CalendarCopy
from project_svc.domain.errors import ProjectUnknown
from project_svc.domain.facts import ProjectFact
from project_svc.domain.project import Project
from project_svc.domain.refusals import Refusals
from project_svc.memory import Memory
from project_svc.publishing import publishing
from project_svc.timers import changed_clocks, timer_rows
from project_svc.trying import closed


class ProjectStore(EventStore):
    """The event store of the service, whose saves carry the timers along."""

    name = "project"
    aggregates = (Project, Refusals)

    def __init__(self, *, database_url: str, schema: str | None = None, memory: int = 4000) -> None:
        """``memory``: how many projects stay in memory between commands (some kilobytes each)."""
        self._memory = Memory(memory)
        self.calendar = CalendarCopy(self.connection)
        self.buyers = Buyers(self.connection)
        self.publishing = publishing(self.buyers)
        super().__init__(database_url=database_url, schema=schema)

    def load_all(self, ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """As in the base, from projects kept in memory and the facts stored since, in one statement."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        known = self._memory.take(wanted)
        with self.connection() as connection:
            return self.brought_up(connection, wanted, known)

    def save_all(self, aggregates: Iterable[Aggregate] = (), rows: Sequence[RowChange] = ()) -> Saved:
        """As in the base, with the timers of the projects whose clocks changed and the slots of test
        orders that ended; what was saved stays in memory."""
        changed = list(aggregates)
        clocks = changed_clocks(changed)
        timers = timer_rows(clocks, self.calendar.current()) if clocks else []
        saved = super().save_all(changed, [*rows, *timers, *closed(changed)])
        self._memory.put(changed)
        return saved

    def project(self, project_id: UUID) -> Project:
        """The project as stored, for reading. :raises ProjectUnknown: there is none."""
        found = super().load_all([project_id]).get(project_id)
        if not isinstance(found, Project):
            raise ProjectUnknown
        return found

    def history(self, project_id: UUID) -> list[ProjectFact]:
        """The facts of the project's stream, in order; none if there is no such project."""
        history: Any = self.events.get(project_id)
        return list(history)
