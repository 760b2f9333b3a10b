"""Timer rows: one per project whose open node has a clock that counts, written in the save that starts or stops it.

A row says when the node is due by the calendar of its ``generation``, and stays while the node is overdue, so that a
new calendar finds it. It is a consequence of the events: ``verify`` compares it with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never
from uuid import UUID

from delivery_shared.eventstore import RowChange, TimerMoved
from delivery_shared.working_time import TENTH, Calendar
from eventsourcing.domain import Aggregate
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.calendar_copy import DatedCalendar
from project_svc.domain import facts
from project_svc.domain.clock import NodeClock
from project_svc.domain.facts import ProjectFact
from project_svc.domain.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer as read: ``visit`` of the project is due at ``due_at``, ``overdue`` if that has been told."""

    project_id: UUID
    visit: int
    timeout: int
    counted_from: datetime
    due_at: datetime
    overdue: bool
    next_at: datetime | None = None
    """When to look: first when it is due soon. None, of one from before that: when it is due."""


COLUMNS: Final = "project_id, visit, timeout, counted_from, due_at, overdue, next_at"

SOON: Final = 0.8
"""The part of a time limit after which its operator is told that it draws near."""


def soon_at(calendar: Calendar, since: datetime, timeout: int) -> datetime:
    """When most of ``timeout`` tenths of a working day have passed since then."""
    return calendar.after(since, timeout * TENTH * SOON)


def moves_clock(fact: ProjectFact) -> bool:
    """Whether ``fact`` starts, stops or changes the clock of a project's open node."""
    match fact:
        case (
            facts.NodeEntered()
            | facts.NodeCompleted()
            | facts.NodeRejected()
            | facts.NodeDueSoon()
            | facts.NodeOverdue()
            | facts.OverdueWithdrawn()
            | facts.Restarted()
            | facts.Paused()
            | facts.Resumed()
            | facts.HoldSet()
            | facts.HoldLifted()
            | facts.Cancelled()
            | facts.Completed()
        ):
            return True
        case (
            facts.Started()
            | facts.ProviderRequested()
            | facts.StaffRequested()
            | facts.RequestRefused()
            | facts.ProviderSet()
            | facts.RoleFilled()
            | facts.OrderClaimed()
            | facts.AssigneeChanged()
            | facts.AssigneeChosen()
            | facts.TermExtended()
            | facts.EditionChanged()
            | facts.OrderEnded()
            | facts.BuyerErased()
            | facts.ContactChanged()
            | facts.Aside()
        ):
            return False
        case _:
            assert_never(fact)


def changed_clocks(aggregates: Iterable[Aggregate]) -> list[Project]:
    """The projects whose new facts concern their clock; new ones without a clock have no row to lose."""
    return [
        project
        for project in aggregates
        if isinstance(project, Project)
        and any(moves_clock(fact) for fact in project.facts)
        and (project.running_clock is not None or project.facts[0].originator_version > 1)
    ]


def timer_rows(projects: Sequence[Project], calendar: DatedCalendar) -> list[RowChange]:
    """The rows of these projects as they are now: two statements however many they are. Rows are locked by project
    id, so that two saves cannot wait for each other."""
    ordered = sorted(projects, key=lambda project: project.id)
    stopped = [project.id for project in ordered if project.running_clock is None]
    running = [(project, clock) for project in ordered if (clock := project.running_clock) is not None]
    rows = []
    if stopped:
        rows.append(
            RowChange(
                key="timer 2",
                sql="DELETE FROM timer WHERE project_id IN"
                " (SELECT project_id FROM timer WHERE project_id = ANY(%(ids)s) ORDER BY project_id FOR UPDATE)",
                params={"ids": stopped},
            )
        )
    if running:
        rows.append(
            RowChange(
                key="timer 3",
                sql="INSERT INTO timer (project_id, visit, timeout, counted_from, due_at, overdue, next_at, generation)"
                " SELECT *, %(generation)s FROM unnest(%(ids)s::uuid[], %(visits)s::int[], %(timeouts)s::int[],"
                " %(since)s::timestamptz[], %(due)s::timestamptz[], %(overdue)s::boolean[], %(next)s::timestamptz[])"
                " ON CONFLICT (project_id) DO UPDATE SET visit = EXCLUDED.visit, timeout = EXCLUDED.timeout,"
                " counted_from = EXCLUDED.counted_from, due_at = EXCLUDED.due_at, overdue = EXCLUDED.overdue,"
                " next_at = EXCLUDED.next_at, generation = EXCLUDED.generation, leased_until = NULL, attempts = 0",
                params={
                    "generation": calendar.generation,
                    "ids": [project.id for project, _ in running],
                    "visits": [clock.visit for _, clock in running],
                    "timeouts": [clock.timeout for _, clock in running],
                    "since": [clock.since for _, clock in running],
                    "due": [calendar.calendar.due(clock.since, clock.timeout) for _, clock in running],
                    "overdue": [clock.overdue is not None for _, clock in running],
                    "next": [next_at(calendar.calendar, project, clock) for project, clock in running],
                },
            )
        )
    return rows


def next_at(calendar: Calendar, project: Project, clock: NodeClock) -> datetime:
    """When there is something to tell of the project's ``clock``: that it is due soon, after that that it is due."""
    told = project.due_soon_told or clock.overdue is not None
    return calendar.due(clock.since, clock.timeout) if told else soon_at(calendar, clock.since, clock.timeout)


def taken(timer: Timer) -> RowChange:
    """The compare-and-set of a firing: nothing is saved unless the row is still the one read."""
    return RowChange(
        key=f"timer 1 {timer.project_id}",
        or_else=TimerMoved,
        sql="DELETE FROM timer WHERE project_id = %(id)s AND visit = %(visit)s AND due_at = %(due)s"
        " AND counted_from = %(since)s AND overdue = %(overdue)s RETURNING 1",
        params={
            "id": timer.project_id,
            "visit": timer.visit,
            "due": timer.due_at,
            "since": timer.counted_from,
            "overdue": timer.overdue,
        },
    )


def timer_of(connection: Connection[DictRow], project_id: UUID) -> Timer | None:
    """The timer of a project as stored."""
    row: Any = connection.execute(
        f"SELECT {COLUMNS} FROM timer WHERE project_id = %s",  # noqa: S608
        (project_id,),
    ).fetchone()
    return Timer(**row) if row else None


def lease(connection: Connection[DictRow], *, now: datetime, seconds: float, limit: int) -> list[Timer]:
    """Take timers due at ``now`` that nobody else holds, earliest first. A lease is counted by the database's own
    time and ends by itself; each try of one that fails doubles it."""
    rows = connection.execute(
        "UPDATE timer SET attempts = attempts + 1,"  # noqa: S608
        " leased_until = clock_timestamp() + make_interval(secs => %(seconds)s * 2 ^ least(attempts, 7))"
        " WHERE project_id IN (SELECT project_id FROM timer WHERE NOT overdue AND coalesce(next_at, due_at) <= %(now)s"
        " AND (leased_until IS NULL OR leased_until <= clock_timestamp())"
        f" ORDER BY coalesce(next_at, due_at), project_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}",
        {"now": now, "seconds": seconds, "limit": limit},
    ).fetchall()
    found = [Timer(**row) for row in rows]
    return sorted(found, key=lambda timer: (timer.due_at, timer.project_id))


def outdated(connection: Connection[DictRow], *, generation: int, after: UUID, limit: int) -> list[Timer]:
    """Timers set by an older calendar, by project, those behind ``after``."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM timer WHERE generation < %s AND project_id > %s ORDER BY project_id LIMIT %s",  # noqa: S608
        (generation, after, limit),
    ).fetchall()
    return [Timer(**row) for row in rows]


def set_again(
    connection: Connection[DictRow], timers: Sequence[tuple[Timer, datetime]], calendar: DatedCalendar
) -> None:
    """Give timers their times by ``calendar``, unless they changed meanwhile."""

    def looked_at(timer: Timer, due: datetime) -> datetime:
        told = timer.next_at in (None, timer.due_at)
        return due if told else soon_at(calendar.calendar, timer.counted_from, timer.timeout)

    connection.execute(
        "UPDATE timer SET due_at = new.due, next_at = new.next, generation = %(generation)s, leased_until = NULL,"
        " attempts = 0"
        " FROM unnest(%(ids)s::uuid[], %(old)s::timestamptz[], %(due)s::timestamptz[], %(next)s::timestamptz[])"
        " AS new (id, old, due, next)"
        " WHERE project_id = new.id AND due_at = new.old AND generation < %(generation)s",
        {
            "generation": calendar.generation,
            "ids": [timer.project_id for timer, _ in timers],
            "old": [timer.due_at for timer, _ in timers],
            "due": [due for _, due in timers],
            "next": [looked_at(timer, due) for timer, due in timers],
        },
    )
