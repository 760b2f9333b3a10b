"""Claim and changes: asks of people to dispatch, decided by its answer (:mod:`~project_svc.domain.answers`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from project_svc.domain.errors import (
    AlreadyClaimed,
    ChangePending,
    ClaimPending,
    NoAssigneeYet,
    NoProviderYet,
    NotAtClaimNode,
    SamePerson,
    SameProvider,
    WrongClaimRole,
)
from project_svc.domain.flow import Flow
from project_svc.domain.kinds import Waits
from project_svc.domain.people import Actor, Person, staff
from project_svc.domain.project import Project
from project_svc.domain.texts import optional_text, required_text
from project_svc.domain.walking import ask_provider, ask_staff


def claim(
    project: Project,
    flow: Flow,
    *,
    person: Person,
    roles: frozenset[str],
    department_id: UUID | None,
    request_id: UUID,
    at: datetime,
) -> None:
    """订单认领: ask dispatch to give the order to the claimer; reserves the visit until the answer (D-46, D-51)."""
    project.check_live()
    node = flow.node(project.node)
    if node.waits_for is not Waits.CLAIM or project.provider_id is None:
        raise AlreadyClaimed if project.claimer_id else NotAtClaimNode
    if project.claimer_id:
        raise AlreadyClaimed
    project.check_goes_on()
    if node.role is None or node.role not in roles:
        raise WrongClaimRole
    if project.claim_pending:
        raise ClaimPending
    ask_staff(
        project,
        kind="claim",
        provider_id=project.provider_id,
        role=node.role,
        request_id=request_id,
        wanted=person.user_id,
        department_id=department_id,
        by=staff(person.user_id, person.party_id, node.role),
        at=at,
    )


def change_assignee(
    project: Project,
    flow: Flow,
    *,
    role: str | None,
    person_id: UUID,
    remark: str | None,
    by: Actor,
    request_id: UUID,
    at: datetime,
) -> None:
    """更换操作人: ask dispatch to give the role – that of the current node unless named – to another person of
    the provider (R-46 … R-54), or 指定操作人 to this one while it waits for whoever is found. Allowed while paused."""
    project.check_live()
    if project.provider_id is None:
        raise NoProviderYet
    waiting = project.waiting_roles(flow)
    if role is None:
        node = flow.node(project.node)
        role = node.role if node.operated else next(iter(waiting), None)
    if role is None or role not in (*project.roles, *waiting):
        raise NoAssigneeYet
    if project.roles.get(role) == person_id:
        raise SamePerson
    if project.change_pending:
        raise ChangePending
    ask_staff(
        project,
        kind="replace",
        provider_id=project.provider_id,
        role=role,
        request_id=request_id,
        wanted=person_id,
        by=by,
        remark=optional_text(remark),
        at=at,
    )


def change_provider(
    project: Project, *, provider_id: UUID, remark: str, by: Actor, request_id: UUID, at: datetime
) -> None:
    """更换服务商: ask dispatch for the wanted provider (R-30, R-42); this run goes on until it agrees. The
    implicit roles of the flow are asked for by the next run."""
    project.check_live()
    if project.provider_id is None:
        raise NoProviderYet
    if project.provider_id == provider_id:
        raise SameProvider
    if project.change_pending:
        raise ChangePending
    ask_provider(
        project,
        kind="change",
        request_id=request_id,
        wanted=provider_id,
        by=by,
        remark=required_text(remark),
        at=at,
    )
