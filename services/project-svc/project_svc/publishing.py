"""Which events leave the service, as which contracts. Every other event is private."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from delivery_shared.contracts import Contract
from delivery_shared.contracts import project as contracts
from delivery_shared.contracts.template import Reminder
from delivery_shared.publishing import carries

from project_svc.domain import Project


def by(event: Any) -> contracts.Actor:
    """Who did it, as contracts name it."""
    return contracts.Actor(**event.by)


def reminders(event: Any) -> list[Reminder]:
    """The reminder rules an event carries."""
    return [Reminder(**rule) for rule in event.reminders]


def valid_until(event: Any) -> date | None:
    """The end of the purchased service."""
    return date.fromisoformat(event.valid_until) if event.valid_until else None


_events: Any = Project
of_project = partial(carries, id="project_id")

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    _events.Started: of_project(contracts.ProjectStarted, time="started_at", valid_until=valid_until),
    _events.ProviderRequested: of_project(contracts.ProviderRequested, time="requested_at"),
    _events.StaffRequested: of_project(contracts.StaffRequested, time="requested_at"),
    _events.ProviderSet: of_project(contracts.ProviderSet, time="set_at"),
    _events.RoleFilled: of_project(contracts.RoleFilled, time="filled_at"),
    _events.AssigneeChanged: of_project(contracts.AssigneeChanged, time="changed_at", by=by),
    _events.AssigneeReminded: of_project(contracts.AssigneeReminded, time="reminded_at", by=by),
    _events.NodeEntered: of_project(contracts.NodeEntered, time="entered_at", reminders=reminders),
    _events.NodeCompleted: of_project(contracts.NodeCompleted, time="completed_at", by=by, reminders=reminders),
    _events.NodeRejected: of_project(contracts.NodeRejected, time="rejected_at", by=by, reminders=reminders),
    _events.NodeOverdue: of_project(contracts.NodeOverdue, time="overdue_at", reminders=reminders),
    _events.OverdueWithdrawn: of_project(contracts.OverdueWithdrawn, time="withdrawn_at"),
    _events.Restarted: of_project(contracts.ProjectRestarted, time="restarted_at", by=by),
    _events.Paused: of_project(contracts.ProjectPaused, time="paused_at", by=by),
    _events.Resumed: of_project(contracts.ProjectResumed, time="resumed_at", by=by),
    _events.Cancelled: of_project(contracts.ProjectCancelled, time="cancelled_at", by=by),
    _events.Completed: of_project(contracts.ProjectCompleted, time="completed_at"),
    _events.Evaluated: of_project(contracts.ProjectEvaluated, time="evaluated_at", by=by),
}
