"""What time does to a project (超时)."""

from __future__ import annotations

from datetime import datetime

from project_svc.domain import facts
from project_svc.domain.clock import NodeClock, overdue_side
from project_svc.domain.flow import Flow
from project_svc.domain.people import SYSTEM
from project_svc.domain.project import Project
from project_svc.domain.walking import complete


def time_out(project: Project, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None:
    """The timeout of ``visit`` passed: the node is overdue (R-23); with 超时进入下一步 the system confirms it and
    the flow goes on (T-65, T-82), else it stays with its operator (T-41, T-66). Changes nothing if the visit is
    over, paused, or overdue already: once per entry (N-09)."""
    clock = project.running_clock
    if clock is None or clock.visit != visit or clock.overdue is not None or due_at > at:
        return
    _mark(project, flow, clock, due_at, at)
    node = flow.node(project.node)
    if node.advance_on_timeout:
        complete(project, flow, node, by=SYSTEM, at=at, timed_out=True)


def due_soon(project: Project, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None:
    """Most of the time limit of ``visit`` has passed: its operator is told. Changes nothing if the visit is over,
    paused or overdue, or it was told: once per clock that counts."""
    clock = project.running_clock
    if clock is None or clock.visit != visit or project.due_soon_told or clock.overdue is not None:
        return
    node = flow.node(project.node)
    project.tell(
        facts.NodeDueSoon(
            run=project.run,
            visit=visit,
            node=node.id,
            name=node.name,
            role=node.role,
            due_at=due_at,
            reminders=node.on_due_soon,
        ),
        at=at,
    )


def due_moved(project: Project, flow: Flow, *, visit: int, due_at: datetime, at: datetime) -> None:
    """A new calendar gave the overdue node of ``visit`` another due time (H-09): the mark is withdrawn, or
    carries the new time."""
    clock = project.running_clock
    if clock is None or clock.visit != visit or clock.overdue is None or clock.overdue == due_at:
        return
    if due_at > at:
        project.tell(facts.OverdueWithdrawn(run=project.run, visit=visit, node=project.node, reason="calendar"), at=at)
    else:
        _mark(project, flow, clock, due_at, at)


def _mark(project: Project, flow: Flow, clock: NodeClock, due_at: datetime, at: datetime) -> None:
    node = flow.node(project.node)
    project.tell(
        facts.NodeOverdue(
            run=project.run,
            visit=clock.visit,
            node=node.id,
            name=node.name,
            side=overdue_side(node.side),
            role=node.role,
            assignee_id=project.assignee_of(node),
            timeout=clock.timeout,
            entered_at=project.entered_at,
            counted_from=clock.since,
            due_at=due_at,
            reminders=node.on_overdue,
        ),
        at=at,
    )
