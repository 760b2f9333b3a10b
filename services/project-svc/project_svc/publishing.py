"""Which events leave the service, as which contracts. Every other event is private."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from delivery_shared.contracts import Contract
from delivery_shared.contracts import project as contracts
from delivery_shared.contracts.template import Reminder

from project_svc.domain import Project
from project_svc.values import By


def actor(by: By) -> contracts.Actor:
    """The actor as contracts name it."""
    return contracts.Actor(**by)


def reminders(rules: list[dict[str, Any]]) -> list[Reminder]:
    """The reminder rules an event carries."""
    return [Reminder(**rule) for rule in rules]


def started(e: Any) -> contracts.ProjectStarted:
    return contracts.ProjectStarted(
        project_id=e.originator_id,
        run=e.run,
        order_number=e.order_number,
        business_number=e.business_number,
        vendor_id=e.vendor_id,
        customer_id=e.customer_id,
        product_id=e.product_id,
        product_name=e.product_name,
        edition=e.edition,
        sales_channel=e.sales_channel,
        template_id=e.template_id,
        template_version=e.template_version,
        valid_until=date.fromisoformat(e.valid_until) if e.valid_until else None,
        started_at=e.timestamp,
    )


def provider_requested(e: Any) -> contracts.ProviderRequested:
    return contracts.ProviderRequested(
        project_id=e.originator_id,
        run=e.run,
        request_id=e.request_id,
        vendor_id=e.vendor_id,
        customer_id=e.customer_id,
        product_id=e.product_id,
        order_number=e.order_number,
        implicit_roles=e.implicit_roles,
        wanted=e.wanted,
        requested_at=e.timestamp,
    )


def staff_requested(e: Any) -> contracts.StaffRequested:
    return contracts.StaffRequested(
        project_id=e.originator_id,
        run=e.run,
        request_id=e.request_id,
        kind=e.kind,
        vendor_id=e.vendor_id,
        customer_id=e.customer_id,
        product_id=e.product_id,
        provider_id=e.provider_id,
        order_number=e.order_number,
        role=e.role,
        rule=e.rule,
        department_id=e.department_id,
        wanted=e.wanted,
        requested_at=e.timestamp,
    )


def provider_set(e: Any) -> contracts.ProviderSet:
    return contracts.ProviderSet(project_id=e.originator_id, run=e.run, provider_id=e.provider_id, set_at=e.timestamp)


def role_filled(e: Any) -> contracts.RoleFilled:
    return contracts.RoleFilled(
        project_id=e.originator_id, run=e.run, role=e.role, person_id=e.person_id, filled_at=e.timestamp
    )


def assignee_changed(e: Any) -> contracts.AssigneeChanged:
    return contracts.AssigneeChanged(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        role=e.role,
        person_id=e.person_id,
        former_id=e.former_id,
        remark=e.remark,
        by=actor(e.by),
        changed_at=e.timestamp,
    )


def node_entered(e: Any) -> contracts.NodeEntered:
    return contracts.NodeEntered(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        node=e.node,
        name=e.name,
        type=e.type,
        step=e.step,
        side=e.side,
        role=e.role,
        assignee_id=e.assignee_id,
        timeout=e.timeout,
        reminders=reminders(e.reminders),
        entered_at=e.timestamp,
    )


def node_completed(e: Any) -> contracts.NodeCompleted:
    return contracts.NodeCompleted(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        node=e.node,
        name=e.name,
        by=actor(e.by),
        timed_out=e.timed_out,
        reminders=reminders(e.reminders),
        completed_at=e.timestamp,
    )


def node_rejected(e: Any) -> contracts.NodeRejected:
    return contracts.NodeRejected(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        node=e.node,
        name=e.name,
        by=actor(e.by),
        reason=e.reason,
        reminders=reminders(e.reminders),
        rejected_at=e.timestamp,
    )


def node_overdue(e: Any) -> contracts.NodeOverdue:
    return contracts.NodeOverdue(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        node=e.node,
        name=e.name,
        side=e.side,
        role=e.role,
        assignee_id=e.assignee_id,
        timeout=e.timeout,
        entered_at=e.entered_at,
        counted_from=e.counted_from,
        due_at=e.due_at,
        reminders=reminders(e.reminders),
        overdue_at=e.timestamp,
    )


def overdue_withdrawn(e: Any) -> contracts.OverdueWithdrawn:
    return contracts.OverdueWithdrawn(
        project_id=e.originator_id,
        run=e.run,
        visit=e.visit,
        node=e.node,
        reason=e.reason,
        withdrawn_at=e.timestamp,
    )


def restarted(e: Any) -> contracts.ProjectRestarted:
    return contracts.ProjectRestarted(
        project_id=e.originator_id,
        run=e.run,
        provider_id=e.provider_id,
        former_provider_id=e.former_provider_id,
        remark=e.remark,
        by=actor(e.by),
        restarted_at=e.timestamp,
    )


def paused(e: Any) -> contracts.ProjectPaused:
    return contracts.ProjectPaused(
        project_id=e.originator_id, run=e.run, remark=e.remark, by=actor(e.by), paused_at=e.timestamp
    )


def resumed(e: Any) -> contracts.ProjectResumed:
    return contracts.ProjectResumed(project_id=e.originator_id, run=e.run, by=actor(e.by), resumed_at=e.timestamp)


def cancelled(e: Any) -> contracts.ProjectCancelled:
    return contracts.ProjectCancelled(
        project_id=e.originator_id, run=e.run, remark=e.remark, by=actor(e.by), cancelled_at=e.timestamp
    )


def completed(e: Any) -> contracts.ProjectCompleted:
    return contracts.ProjectCompleted(project_id=e.originator_id, run=e.run, completed_at=e.timestamp)


def evaluated(e: Any) -> contracts.ProjectEvaluated:
    return contracts.ProjectEvaluated(
        project_id=e.originator_id, run=e.run, stars=e.stars, text=e.text, by=actor(e.by), evaluated_at=e.timestamp
    )


_events: Any = Project

PUBLISHING: Mapping[type, Callable[[Any], Contract]] = {
    _events.Started: started,
    _events.ProviderRequested: provider_requested,
    _events.StaffRequested: staff_requested,
    _events.ProviderSet: provider_set,
    _events.RoleFilled: role_filled,
    _events.AssigneeChanged: assignee_changed,
    _events.NodeEntered: node_entered,
    _events.NodeCompleted: node_completed,
    _events.NodeRejected: node_rejected,
    _events.NodeOverdue: node_overdue,
    _events.OverdueWithdrawn: overdue_withdrawn,
    _events.Restarted: restarted,
    _events.Paused: paused,
    _events.Resumed: resumed,
    _events.Cancelled: cancelled,
    _events.Completed: completed,
    _events.Evaluated: evaluated,
}
