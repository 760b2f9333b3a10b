"""The scheduler: fires due timers, and sets timers again after a change of the calendar.

Any number may run. A timer is leased in a short transaction of its own; then the project is told by a normal command,
whose save takes the row only while it is the one leased (architecture 5). So each due timer fires once, also when
a scheduler dies in between: the lease runs out and another one tries again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from project_svc import timers
from project_svc.carrying_out import Answer, Carrier, Operation, Work
from project_svc.domain.errors import ProjectError
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project
from project_svc.domain.timeouts import due_moved, due_soon, time_out
from project_svc.timers import Timer

log = structlog.get_logger()

EVERY = 1.0
"""Seconds between two looks: how late a timer may fire."""

LEASE = 30.0
"""Seconds until another scheduler may try what one has leased."""

BATCH = 100
"""Timers fired in one save."""

CHUNK = 500
"""Timers set again in one statement."""


class TimerGone(ProjectError):
    """The timer is not the one read any more: another scheduler fired it, or the node was left. Nothing to do."""


class Told(Protocol):
    """What a project is told of its clock."""

    def __call__(self, project: Project, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None: ...


class TimerScheduler:
    """Fires what is due."""

    def __init__(self, carrier: Carrier, *, lease: float = LEASE, batch: int = BATCH) -> None:
        self.carrier = carrier
        self.store = carrier.store
        self.lease = lease
        self.batch = batch

    def run(self, stopping: threading.Event) -> None:
        """Repeat until told to stop, at once while there is more than one batch to do."""
        pause = 0.0
        while not stopping.wait(pause):
            try:
                pause = 0.0 if self.once() >= self.batch else EVERY
            except Exception as error:
                log.warning("timers not fired", error=repr(error))
                pause = EVERY

    def once(self) -> int:
        """Set again what an old calendar has set, then fire one batch; returns how many were leased."""
        self.set_again()
        leased = self.take()
        self.fire(leased)
        return len(leased)

    def take(self) -> list[Timer]:
        """Lease the timers that are due."""
        now = self.carrier.clock.now()
        with self.store.connection() as connection:
            return timers.lease(connection, now=now, seconds=self.lease, limit=self.batch)

    def fire(self, leased: Sequence[Timer]) -> None:
        """Tell the projects. What does not succeed is tried again when its lease has run out."""
        now = self.carrier.clock.now()
        self._carry_out([self._telling(timer, time_out if timer.due_at <= now else due_soon) for timer in leased])

    def set_again(self) -> int:
        """Give every timer set by an older calendar its due time by the present one (H-09), in chunks; marks that
        are not true any more are withdrawn. Returns how many timers were looked at."""
        known = self.store.calendar.current(fresh=True)
        done, after = 0, UUID(int=0)
        while True:
            with self.store.connection() as connection:
                found = timers.outdated(connection, generation=known.generation, after=after, limit=CHUNK)
                dues = [(t, known.calendar.due(t.counted_from, t.timeout)) for t in found]
                plain = [(t, due) for t, due in dues if not t.overdue or t.due_at == due]
                if plain:
                    timers.set_again(connection, plain, known)
            self._carry_out([self._telling(t, due_moved) for t, due in dues if t.overdue and t.due_at != due])
            done += len(found)
            if len(found) < CHUNK:
                return done
            after = found[-1].project_id

    def _carry_out(self, operations: Sequence[Operation]) -> None:
        """All in one save; if that fails for another reason than a refusal, one by one, so that one project cannot
        hold up the others."""
        if not operations:
            return
        try:
            self.carrier.operate_many(operations)
        except Exception as error:
            log.warning("timers go one by one", error=repr(error))
            for operation in operations:
                try:
                    self.carrier.operate_many([operation])
                except Exception as alone:
                    log.error("timer not fired", project=str(operation.project_id), error=repr(alone))

    def _telling(self, timer: Timer, tell: Told) -> Operation:
        def decide(work: Work, project: Project) -> Answer:
            with self.store.connection() as connection:
                if timers.timer_of(connection, timer.project_id) != timer:
                    raise TimerGone
            calendar = self.store.calendar.current()
            due = calendar.calendar.due(timer.counted_from, timer.timeout)
            if tell is not due_moved and due != timer.due_at:
                raise TimerGone
            tell(project, work.flow_of(project), visit=timer.visit, due_at=due, at=work.now())
            work.unit.rows.append(timers.taken(timer))
            if not project.facts:
                work.unit.rows += timers.timer_rows([project], calendar)
            return 200, {}

        return Operation(project_id=timer.project_id, decide=decide)
