"""What must always be true of timers (architecture 9, invariant 5): checked by reading only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from project_svc import timers
from project_svc.calendar_copy import Known
from project_svc.domain import Project
from project_svc.store import ProjectStore
from project_svc.timers import Timer

CHUNK = 500
"""Projects looked at together."""

LATE = timedelta(minutes=1)
"""How long after its due time a timer may stand in a quiet installation."""


def verify(store: ProjectStore) -> Iterator[str]:
    """Each due timer fired exactly once, cancelled ones never: every project's events tell of its clock only what was
    so, and the timers are exactly those of the open nodes whose clocks count."""
    known = store.calendar.known(fresh=True)
    now = store.clock.now()
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
        for project_id, events in _histories(store, ids):
            project, wrong = fired_once(events)
            yield from (f"project {project_id}: {line}" for line in wrong)
            timer, generation = found.get(project_id, (None, known.generation))
            yield from (f"project {project_id}: {line}" for line in as_stored(project, timer, generation, known, now))
        after = ids[-1]
    with store.connection() as connection:
        for row in connection.execute(
            f"SELECT project_id FROM timer WHERE project_id NOT IN (SELECT originator_id FROM {table})"  # noqa: S608
        ).fetchall():
            yield f"a timer of the unknown project {row['project_id']}"


def fired_once(events: list[Any]) -> tuple[Project, list[str]]:
    """Fold the events of a project, and look at each that tells of a clock: what it says must have been so then."""
    project: Any = None
    wrong: list[str] = []
    for e in events:
        clock = project.running_clock if project is not None else None
        kind = type(e).__name__
        if kind == "NodeOverdue":
            if clock is None or clock.visit != e.visit:
                wrong.append(f"visit {e.visit} became overdue though its clock did not count")
            elif clock.overdue == e.due_at:
                wrong.append(f"visit {e.visit} became overdue twice at {e.due_at}")
            if e.timestamp < e.due_at:
                wrong.append(f"visit {e.visit} became overdue before {e.due_at}")
        elif kind == "OverdueWithdrawn" and e.reason == "calendar" and (clock is None or clock.overdue is None):
            wrong.append(f"the overdue mark of visit {e.visit} was withdrawn though there was none")
        elif kind == "NodeCompleted" and e.timed_out and (clock is None or clock.overdue is None):
            wrong.append(f"visit {e.visit} passed by itself without being overdue")
        project = e.mutate(project)
    return cast(Project, project), wrong


def as_stored(project: Project, timer: Timer | None, generation: int, known: Known, now: datetime) -> Iterator[str]:
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
    elif generation != known.generation:
        yield f"the timer of visit {timer.visit} was set by an old calendar"
    elif timer.due_at != known.calendar.due(clock.since, clock.timeout):
        yield f"the timer of visit {timer.visit} is not due when the calendar says"
    elif not timer.overdue and timer.due_at + LATE < now:
        yield f"the timer of visit {timer.visit} was due at {timer.due_at} and did not fire"


def _histories(store: ProjectStore, ids: list[UUID]) -> Iterator[tuple[UUID, list[Any]]]:
    table = store.events_recorder.events_table_name
    with store.connection() as connection:
        rows = connection.execute(
            f"SELECT originator_id, originator_version, topic, state FROM {table}"  # noqa: S608
            " WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version",
            (ids,),
        ).fetchall()
    histories: dict[UUID, list[Any]] = {}
    for row in rows:
        event = store.mapper.to_domain_event(StoredEvent(**{**row, "state": bytes(row["state"])}))
        histories.setdefault(row["originator_id"], []).append(event)
    yield from histories.items()
