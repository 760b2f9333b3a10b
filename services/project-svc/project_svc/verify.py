"""What must always be true of timers and test orders (architecture 9, invariant 5): checked by reading only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from delivery_shared.facts import folded
from delivery_shared.verifying.stored import Stored, stored
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc import timers
from project_svc.calendar_copy import CalendarCopy, DatedCalendar
from project_svc.domain.clock import NodeClock
from project_svc.domain.facts import (
    NodeCompleted,
    NodeDueSoon,
    NodeOverdue,
    OrderRefused,
    OverdueWithdrawn,
    ProjectFact,
)
from project_svc.domain.project import Project
from project_svc.store import ProjectStore
from project_svc.timers import Timer
from project_svc.trying import MOST

LATE = timedelta(minutes=1)
"""How long after its due time a timer may stand in a quiet installation."""


def verify(store: ProjectStore, *, now: datetime) -> Iterator[str]:
    """Each due timer fired exactly once, cancelled ones never: every project's events tell of its clock only what was
    so, and the timers are exactly those of the open nodes whose clocks count. ``now`` is the platform's."""
    flows = Flows()
    with store.connection() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for told in stored(store, connection, lambda line, _: flows.wrong.append(line)):
            flows.add(told)
        yield from flows.found(connection, now=now)


class Flows:
    """Projects folded in the order in which their facts were stored; of those that have ended only their ids."""

    def __init__(self) -> None:
        self.open: dict[UUID, Project] = {}
        self.ended: set[UUID] = set()
        self.broken: set[UUID] = set()
        """Streams that do not fold: what follows from them is not known."""
        self.wrong: list[str] = []

    def add(self, told: Stored) -> None:
        """The next fact. :raises Exception: it does not fit into its stream, which is left alone from here on."""
        if told.stream in self.broken or isinstance(told.fact, OrderRefused):
            return
        project = self.open.get(told.stream)
        clock = project.running_clock if project is not None else None
        soon_told = project is not None and project.due_soon_told
        self.wrong += [f"project {told.stream}: {line}" for line in untrue(told.fact, clock, soon_told=soon_told)]
        if told.stream in self.ended:
            return
        try:
            project = folded(project, told.fact)  # type: ignore[assignment]
            assert isinstance(project, Project)
        except Exception:
            self.broken.add(told.stream)
            self.open.pop(told.stream, None)
            raise
        if project.ended:
            self.ended.add(told.stream)
            self.open.pop(told.stream, None)
        else:
            self.open[told.stream] = project

    def found(self, connection: Connection[DictRow], *, now: datetime) -> Iterator[str]:
        """What is wrong, also of the timers and slots ``connection`` sees."""
        yield from self.wrong
        yield from self._timers(connection, now)
        yield from self._slots(connection)

    def _timers(self, connection: Connection[DictRow], now: datetime) -> Iterator[str]:
        calendar = CalendarCopy.read(connection)
        rows = {row["project_id"]: row for row in connection.execute("SELECT * FROM timer").fetchall()}
        for project_id in sorted(rows.keys() | self.open.keys()):
            row = rows.get(project_id)
            project = self.open.get(project_id)
            if project is None:
                if project_id in self.ended:
                    yield f"project {project_id}: a timer of visit {rows[project_id]['visit']} stands after its end"
                elif project_id not in self.broken:
                    yield f"a timer of the unknown project {project_id}"
                continue
            timer = Timer(**{k: row[k] for k in timers.COLUMNS.split(", ")}) if row else None
            generation = row["generation"] if row else calendar.generation
            for line in as_stored(project, timer, generation, calendar, now):
                yield f"project {project_id}: {line}"

    def _slots(self, connection: Connection[DictRow]) -> Iterator[str]:
        for row in connection.execute("SELECT * FROM test_order ORDER BY project_id").fetchall():
            project_id = row["project_id"]
            project = self.open.get(project_id)
            if project_id in self.broken:
                continue
            if project is None or not project.is_test:
                yield f"project {project_id}: it takes a slot of open test orders and is none"
            elif row["account_id"] != project.customer_id or not 1 <= row["slot"] <= MOST:
                yield f"project {project_id}: the row of test_order is not that of its account"


def untrue(fact: ProjectFact, clock: NodeClock | None, *, soon_told: bool) -> Iterator[str]:
    """What ``fact`` says of the clock that was not so before it."""
    match fact:
        case NodeOverdue():
            if clock is None or clock.visit != fact.visit:
                yield f"visit {fact.visit} became overdue though its clock did not count"
            elif clock.overdue == fact.due_at:
                yield f"visit {fact.visit} became overdue twice at {fact.due_at}"
            if fact.timestamp < fact.due_at:
                yield f"visit {fact.visit} became overdue before {fact.due_at}"
        case NodeDueSoon():
            if clock is None or clock.visit != fact.visit:
                yield f"visit {fact.visit} was due soon though its clock did not count"
            elif soon_told:
                yield f"it was told twice that visit {fact.visit} is due soon"
        case OverdueWithdrawn(reason="calendar"):
            if clock is None or clock.overdue is None:
                yield f"the overdue mark of visit {fact.visit} was withdrawn though there was none"
        case NodeCompleted(timed_out=True):
            if clock is None or clock.overdue is None:
                yield f"visit {fact.visit} passed by itself without being overdue"


def as_stored(
    project: Project, timer: Timer | None, generation: int, calendar: DatedCalendar, now: datetime
) -> Iterable[str]:
    """Compare the timer row with the clock that follows from the events."""
    clock = project.running_clock
    if clock is None:
        if timer is not None:
            yield f"a timer of visit {timer.visit} stands though no clock counts"
        return
    if timer is None:
        yield f"no timer for visit {clock.visit}, whose clock counts"
        return
    if (timer.visit, timer.timeout, timer.counted_from, timer.overdue) != (
        clock.visit,
        clock.timeout,
        clock.since,
        clock.overdue is not None,
    ):
        yield f"the timer of visit {timer.visit} is not that of the open node"
    elif generation != calendar.generation:
        yield f"the timer of visit {timer.visit} was set by an old calendar"
    elif timer.due_at != calendar.calendar.due(clock.since, clock.timeout):
        yield f"the timer of visit {timer.visit} is not due when the calendar says"
    elif timer.next_at not in (None, timers.next_at(calendar.calendar, project, clock)):
        yield f"the timer of visit {timer.visit} is looked at at another time than it should be"
    elif not timer.overdue and timer.due_at + LATE < now:
        yield f"the timer of visit {timer.visit} was due at {timer.due_at} and did not fire"
