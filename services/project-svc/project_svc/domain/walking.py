"""How a project walks its flow: entering nodes, passing those that wait for nobody, asking dispatch. The one decision
module that the others use."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from project_svc.domain import facts
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.kinds import Waits
from project_svc.domain.people import SYSTEM, Actor, staff
from project_svc.domain.project import Project


def begin(flow: Flow, order: facts.Started, *, at: datetime, project_id: UUID | None = None) -> Project:
    """A new project of ``order``, which enters its first node (R-01). Its id follows from the order, unless it has one
    already."""
    own = project_id or Project.create_id(order.vendor_id, order.business_number)
    project = Project.begun(order, id=own, at=at)
    enter(project, flow, flow.first, at=at)
    return project


def enter(project: Project, flow: Flow, node: FlowNode, *, at: datetime) -> None:
    """Enter ``node``, and pass every one that has already what it would wait for: an assign-order node after a
    reject, the assign-provider node of a restart."""
    while True:
        project.tell(
            facts.NodeEntered(
                run=project.run,
                visit=project.visit + 1,
                node=node.id,
                name=node.name,
                type=node.type,
                step=node.step,
                side=node.side,
                role=node.role if node.side else None,
                assignee_id=project.assignee_of(node),
                timeout=node.timeout,
                reminders=node.on_entry,
            ),
            at=at,
        )
        if node.operated:
            return
        if not _has_what_it_waits_for(project, flow, node):
            _ask_for(project, flow, node, at)
            return
        node = _pass(project, flow, node, at)


def go_on(project: Project, flow: Flow, *, at: datetime) -> None:
    """Pass the open node if it is not operated by a person and has what it waits for; in a project that is paused or
    held that is done when it goes on."""
    node = flow.node(project.node)
    if project.goes_on and not node.operated and _has_what_it_waits_for(project, flow, node):
        enter(project, flow, _pass(project, flow, node, at), at=at)


def complete(project: Project, flow: Flow, node: FlowNode, *, by: Actor, at: datetime, timed_out: bool = False) -> None:
    """Complete the open ``node`` and go on to the next; after the last one the project is finished (R-134)."""
    _completed(project, node, by, at, timed_out=timed_out)
    following = flow.after(node)
    if following is None:
        project.tell(facts.Completed(run=project.run), at=at)
    else:
        enter(project, flow, following, at=at)


def ask_provider(
    project: Project,
    *,
    kind: facts.ProviderAsk,
    request_id: UUID,
    at: datetime,
    implicit_roles: tuple[str, ...] = (),
    wanted: UUID | None = None,
    by: Actor | None = None,
    remark: str | None = None,
) -> None:
    """Ask dispatch for a provider."""
    project.tell(
        facts.ProviderRequested(
            run=project.run,
            request_id=request_id,
            kind=kind,
            vendor_id=project.vendor_id,
            customer_id=project.customer_id,
            product_id=project.product_id,
            order_number=project.order_number,
            implicit_roles=list(implicit_roles),
            wanted=wanted,
            by=by,
            remark=remark,
            unpaid=project.unpaid,
        ),
        at=at,
    )


def ask_staff(
    project: Project,
    *,
    kind: facts.StaffAsk,
    provider_id: UUID,
    role: str,
    request_id: UUID,
    at: datetime,
    rule: str = "provider_first",
    department_id: UUID | None = None,
    wanted: UUID | None = None,
    by: Actor | None = None,
    remark: str | None = None,
) -> None:
    """Ask dispatch for a person of the provider."""
    project.tell(
        facts.StaffRequested(
            run=project.run,
            request_id=request_id,
            kind=kind,
            vendor_id=project.vendor_id,
            customer_id=project.customer_id,
            product_id=project.product_id,
            provider_id=provider_id,
            order_number=project.order_number,
            role=role,
            rule=rule,
            department_id=department_id,
            wanted=wanted,
            by=by,
            remark=remark,
            unpaid=project.unpaid,
        ),
        at=at,
    )


def _pass(project: Project, flow: Flow, node: FlowNode, at: datetime) -> FlowNode:
    """Complete an automatic or claim node; the node after it (the last node is operated by the customer)."""
    by = SYSTEM
    if node.waits_for is Waits.CLAIM:
        assert project.claimer_id is not None
        assert project.provider_id is not None
        by = staff(project.claimer_id, project.provider_id, node.role)
    _completed(project, node, by, at)
    following = flow.after(node)
    assert following is not None, "a flow ends with a node operated by a person"
    return following


def _completed(project: Project, node: FlowNode, by: Actor, at: datetime, *, timed_out: bool = False) -> None:
    project.tell(
        facts.NodeCompleted(
            run=project.run,
            visit=project.visit,
            node=node.id,
            name=node.name,
            by=by,
            timed_out=timed_out,
            reminders=node.on_completion,
        ),
        at=at,
    )


def _has_what_it_waits_for(project: Project, flow: Flow, node: FlowNode) -> bool:
    match node.waits_for:
        case Waits.PROVIDER:
            return project.provider_id is not None and all(role in project.roles for role in flow.implicit_roles)
        case Waits.STAFF:
            return node.role in project.roles
        case Waits.CLAIM:
            return project.claimer_id is not None
        case Waits.OPERATOR:
            return False
        case _:
            assert_never(node.waits_for)


def _ask_for(project: Project, flow: Flow, node: FlowNode, at: datetime) -> None:
    """Ask dispatch for what the node needs; a claim-order node waits for a person. Request ids follow from the visit,
    so deciding again asks under the same id."""
    request = f"visit {project.visit}"
    match node.waits_for:
        case Waits.PROVIDER:
            if project.provider_id is None:
                roles = flow.implicit_roles
                ask_provider(
                    project, kind="provider", request_id=uuid5(project.id, request), implicit_roles=roles, at=at
                )
                return
            for role in flow.implicit_roles:
                ask_staff(
                    project,
                    kind="assign",
                    provider_id=project.provider_id,
                    role=role,
                    request_id=uuid5(project.id, f"{request} {role}"),
                    at=at,
                )
        case Waits.STAFF:
            assert project.provider_id is not None, "a flow begins with its assign-provider node"
            assert node.role is not None, "an assign-order node names a role"
            ask_staff(
                project,
                kind="assign",
                provider_id=project.provider_id,
                role=node.role,
                request_id=uuid5(project.id, request),
                rule=node.rule,
                department_id=project.department_id if node.rule == "department_first" else None,
                at=at,
            )
        case Waits.CLAIM | Waits.OPERATOR:
            pass
        case _:
            assert_never(node.waits_for)
