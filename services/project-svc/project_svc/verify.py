"""What must always be true of timers (architecture 9, invariant 5): checked by reading only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from delivery_shared.facts import Aggregate, folded
from eventsourcing.persistence import StoredEvent

from project_svc import timers
from project_svc.calendar_copy import DatedCalendar
from project_svc.domain.clock import NodeClock
from project_svc.domain.facts import NodeCompleted, NodeOverdue, OverdueWithdrawn, ProjectFact
from project_svc.domain.project import Project
from project_svc.store import ProjectStore
from project_svc.timers import Timer

CHUNK = 500
"""Projects looked at together."""

LATE = timedelta(minutes=1)
"""How long after its due time a timer may stand in a quiet installation."""


def verify(store: ProjectStore, *, now: datetime) -> Iterator[str]:
    """Each due timer fired exactly once, cancelled ones never: every project's events tell of its clock only what was
    so, and the timers are exactly those of the open nodes whose clocks count. ``now`` is the platform's."""
    calendar = store.calendar.current(fresh=True)
    table = store.events_recorder.events_table_name
    after = UUID(int=0)
    while True:
        with store.connection() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT originator_id AS id FROM {table} WHERE originator_id > %s"  # noqa: S608
                " ORDER BY originator_id LIMIT %s",
                (after, CHUNK),
            ).fetchall()
            ids = [row["id"] for row in rows]
            if not ids:
                break
            found = {
                row["project_id"]: (Timer(**{k: row[k] for k in timers.COLUMNS.split(", ")}), row["generation"])
                for row in connection.execute("SELECT * FROM timer WHERE project_id = ANY(%s)", (ids,)).fetchall()
            }
            tests = connection.execute("SELECT project_id FROM test_order WHERE project_id = ANY(%s)", (ids,))
            slots = {row["project_id"] for row in tests}
        for project_id, history in _histories(store, ids):
            project, wrong = fired_once(history)
            if project_id in slots and (project.ended or not project.is_test):
                wrong.append("it takes a slot of open test orders and is none")
            timer, generation = found.get(project_id, (None, calendar.generation))
            wrong += as_stored(project, timer, generation, calendar, now)
            yield from (f"project {project_id}: {line}" for line in wrong)
        after = ids[-1]
    with store.connection() as connection:
        for row in connection.execute(
            f"SELECT project_id FROM timer WHERE project_id NOT IN (SELECT originator_id FROM {table})"  # noqa: S608
        ).fetchall():
            yield f"a timer of the unknown project {row['project_id']}"


def fired_once(history: Iterable[ProjectFact]) -> tuple[Project, list[str]]:
    """Fold the facts of a project, and look at each that tells of a clock: what it says must have been so then."""
    project: Aggregate[Any] | None = None
    wrong: list[str] = []
    for fact in history:
        wrong += untrue(fact, project.running_clock if isinstance(project, Project) else None)
        project = folded(project, fact)
    return cast(Project, project), wrong


def untrue(fact: ProjectFact, clock: NodeClock | None) -> Iterator[str]:
    """What ``fact`` says of the clock that was not so before it."""
    match fact:
        case NodeOverdue():
            if clock is None or clock.visit != fact.visit:
                yield f"visit {fact.visit} became overdue though its clock did not count"
            elif clock.overdue == fact.due_at:
                yield f"visit {fact.visit} became overdue twice at {fact.due_at}"
            if fact.timestamp < fact.due_at:
                yield f"visit {fact.visit} became overdue before {fact.due_at}"
        case OverdueWithdrawn(reason="calendar"):
            if clock is None or clock.overdue is None:
                yield f"the overdue mark of visit {fact.visit} was withdrawn though there was none"
        case NodeCompleted(timed_out=True):
            if clock is None or clock.overdue is None:
                yield f"visit {fact.visit} passed by itself without being overdue"


def as_stored(
    project: Project, timer: Timer | None, generation: int, calendar: DatedCalendar, now: datetime
) -> Iterator[str]:
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
    elif not timer.overdue and timer.due_at + LATE < now:
        yield f"the timer of visit {timer.visit} was due at {timer.due_at} and did not fire"


def _histories(store: ProjectStore, ids: list[UUID]) -> Iterator[tuple[UUID, list[ProjectFact]]]:
    table = store.events_recorder.events_table_name
    with store.connection() as connection:
        rows = connection.execute(
            f"SELECT originator_id, originator_version, topic, state FROM {table}"  # noqa: S608
            " WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version",
            (ids,),
        ).fetchall()
    histories: dict[UUID, list[ProjectFact]] = {}
    for row in rows:
        fact: Any = store.mapper.to_domain_event(StoredEvent(**{**row, "state": bytes(row["state"])}))
        histories.setdefault(row["originator_id"], []).append(fact)
    yield from histories.items()
