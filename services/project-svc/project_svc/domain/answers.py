"""Answers of dispatch, matched by request id; an answer to an ask that is no longer open is ignored."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never
from uuid import UUID

from project_svc.domain import facts
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.project import Ask, Project
from project_svc.domain.walking import enter, go_on


def provider_assigned(project: Project, flow: Flow, *, request_id: UUID, provider_id: UUID, at: datetime) -> None:
    """The ask has its provider: the assign-provider node goes on (D-01), or a change of provider restarts the
    flow (R-34) – of a paused project too, which runs again (R-44)."""
    ask = project.asks.get(request_id)
    if ask is None:
        return
    if ask.kind == "change":
        assert project.provider_id is not None
        assert ask.remark is not None
        assert ask.by is not None
        project.tell(
            facts.Restarted(
                run=project.run + 1,
                request_id=request_id,
                provider_id=provider_id,
                former_provider_id=project.provider_id,
                remark=ask.remark,
                by=ask.by,
            ),
            at=at,
        )
        project.tell(facts.ProviderSet(run=project.run, provider_id=provider_id), at=at)
        enter(project, flow, flow.first, at=at)
    elif ask.kind == "provider" and project.provider_id is None:
        project.tell(facts.ProviderSet(run=project.run, provider_id=provider_id), at=at)
        go_on(project, flow, at=at)


def staff_assigned(
    project: Project,
    flow: Flow,
    *,
    request_id: UUID,
    role: str,
    person_id: UUID,
    department_id: UUID | None,
    at: datetime,
) -> None:
    """The ask has its person for ``role``: an assign-order node or an implicit role is filled (D-27), a claim
    succeeded (D-49) – ``department_id`` is kept for 部门优先 –, or the assignee is changed (R-46)."""
    ask = project.asks.get(request_id)
    if ask is None:
        return
    match ask.kind:
        case "replace":
            _replaced(project, flow, ask, request_id=request_id, role=role, person_id=person_id, at=at)
        case "claim":
            node = flow.node(project.node)
            project.tell(
                facts.OrderClaimed(
                    run=project.run,
                    visit=project.visit,
                    node=node.id,
                    name=node.name,
                    request_id=request_id,
                    role=role,
                    person_id=person_id,
                    department_id=department_id,
                ),
                at=at,
            )
            if flow.role_of_claimer(node) == role:
                project.tell(facts.RoleFilled(run=project.run, role=role, person_id=person_id), at=at)
            go_on(project, flow, at=at)
        case "provider" | "assign":
            if role not in project.roles:
                project.tell(facts.RoleFilled(run=project.run, role=role, person_id=person_id), at=at)
                go_on(project, flow, at=at)
        case "change":
            pass  # answered with a provider
        case _:
            assert_never(ask.kind)


def _replaced(
    project: Project, flow: Flow, ask: Ask, *, request_id: UUID, role: str, person_id: UUID, at: datetime
) -> None:
    """更换操作人, or 指定操作人 where nobody had the role so far."""
    assert ask.by is not None
    node = flow.node(project.node)
    former_id, name = project.roles.get(role), node.name
    if former_id is not None:
        project.tell(
            facts.AssigneeChanged(
                run=project.run,
                visit=project.visit,
                node=project.node,
                name=name,
                request_id=request_id,
                role=role,
                person_id=person_id,
                former_id=former_id,
                remark=ask.remark,
                by=ask.by,
                number=project.reassigned + 1,
                reminders=_entered(node) if (node.operated, node.role) == (True, role) else [],
            ),
            at=at,
        )
        return
    project.tell(
        facts.AssigneeChosen(
            run=project.run,
            visit=project.visit,
            node=project.node,
            name=name,
            request_id=request_id,
            role=role,
            person_id=person_id,
            remark=ask.remark,
            by=ask.by,
        ),
        at=at,
    )
    project.tell(facts.RoleFilled(run=project.run, role=role, person_id=person_id), at=at)
    go_on(project, flow, at=at)


def _entered(node: FlowNode) -> list[facts.Reminder]:
    """The rules for 进入当前流程."""
    return [rule for rule in node.on_entry if rule["trigger"] == "entered"]


def request_refused(project: Project, *, request_id: UUID, reason: str, at: datetime) -> None:
    """Dispatch refused a claim or a change; the node is free to be claimed, the change may be tried again."""
    ask = project.asks.get(request_id)
    if ask is not None and ask.of_people:
        project.tell(facts.RequestRefused(run=project.run, request_id=request_id, reason=reason), at=at)
