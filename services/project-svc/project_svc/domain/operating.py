"""What people do at the nodes of a project. Every operation names the visit; a late or repeated one is refused
(R-127)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from project_svc.domain import facts
from project_svc.domain.errors import (
    FileHandedIn,
    FileUnknown,
    NotOperable,
    NotOperator,
    NotParticipant,
    NotRejectable,
    ProjectEnded,
    ProjectFull,
    RequirementMissing,
)
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.people import Actor, Person
from project_svc.domain.project import Project
from project_svc.domain.texts import required_text
from project_svc.domain.walking import complete, enter

QUOTA: Final = 1024 * 1024 * 1024
"""Bytes all files of a project take together unless set otherwise."""


def submit_requirement(
    project: Project, flow: Flow, *, visit: int, person: Person, data: dict[str, Any], at: datetime
) -> None:
    """提交需求: keep the filled form with the node (R-115); it may be filled again until 通过 and after a reject
    (R-122). ``data`` has been validated against the form's schema."""
    node, by = _operated(project, flow, visit, person)
    if not node.fills_form:
        raise NotOperable
    project.tell(
        facts.RequirementSubmitted(run=project.run, visit=visit, node=node.id, form=node.form, data=data, by=by),
        at=at,
    )


def confirm(project: Project, flow: Flow, *, visit: int, person: Person, at: datetime) -> None:
    """通过 / 确认: complete the node and go on (R-118); at the complete-project node the project is finished
    (R-134). Releases the node's files to the customer (R-124).

    :raises RequirementMissing: a submit-requirement node without a filled form (R-116).
    """
    node, by = _operated(project, flow, visit, person)
    if node.fills_form and node.id not in project.filled_nodes:
        raise RequirementMissing
    complete(project, flow, node, by=by, at=at)


def reject(project: Project, flow: Flow, *, visit: int, person: Person, reason: str, at: datetime) -> None:
    """驳回: back to the step before (R-119), which is entered again; the reason is required (A-23)."""
    node, by = _operated(project, flow, visit, person)
    before = flow.step_before(node)
    if not node.rejectable or before is None:
        raise NotRejectable
    project.tell(
        facts.NodeRejected(
            run=project.run,
            visit=visit,
            node=node.id,
            name=node.name,
            by=by,
            reason=required_text(reason),
            reminders=node.on_reject,
        ),
        at=at,
    )
    enter(project, flow, before, at=at)


def attach_file(
    project: Project,
    flow: Flow,
    *,
    visit: int | None,
    person: Person,
    file_id: UUID,
    name: str,
    size: int,
    quota: int = QUOTA,
    at: datetime,
) -> None:
    """A file uploaded at ``visit`` (R-123), or – None – of an operator of the project by 添加附件, outside a node's
    upload, whose 上传节点 is the node current then (R-84), also while the project is paused.

    What the provider adds at a node it operates is held back from the customer until that node is confirmed
    (R-124); what is added while no such node is open is seen by everybody at once.

    :raises ProjectFull: all files together would take more than ``quota`` bytes. And as :func:`uploader`.
    """
    node = flow.node(project.node)
    by = uploader(project, flow, visit=visit, person=person)
    if project.stored_bytes + size > quota:
        raise ProjectFull(quota)
    held_back = by["kind"] != "customer" and node.operated and not node.by_customer
    project.tell(
        facts.FileAttached(
            run=project.run,
            visit=project.visit,
            node=node.id,
            name=node.name,
            file_id=file_id,
            file_name=name,
            size=size,
            by=by,
            released=not held_back,
        ),
        at=at,
    )


def withdraw_file(project: Project, flow: Flow, *, file_id: UUID, person: Person, at: datetime) -> None:
    """A file added by mistake is taken away again, as long as the node is open that it was added at: by who added it,
    or by who operates the node meanwhile, on the same side.

    :raises FileUnknown: there is none. :raises FileHandedIn: its node is confirmed or left. :raises NotOperator: it is
        somebody else's. :raises NotParticipant, ProjectEnded: as :func:`uploader`.
    """
    added = project.added.get(file_id)
    if added is None:
        raise FileUnknown
    by = uploader(project, flow, visit=None, person=person)
    if added.visit != project.visit:
        raise FileHandedIn
    if not _is_of(project, flow, file_id, person):
        raise NotOperator
    project.tell(facts.FileWithdrawn(run=project.run, file_id=file_id, by=by), at=at)


def withdrawable(project: Project, flow: Flow, *, person: Person) -> frozenset[UUID]:
    """The files that :func:`withdraw_file` takes away for this person."""
    try:
        uploader(project, flow, visit=None, person=person)
    except (NotParticipant, ProjectEnded):
        return frozenset()
    return frozenset(
        file_id
        for file_id, added in project.added.items()
        if added.visit == project.visit and _is_of(project, flow, file_id, person)
    )


def _is_of(project: Project, flow: Flow, file_id: UUID, person: Person) -> bool:
    by = project.operator_of(flow.node(project.node), person)
    same_side = by is not None and project.files[file_id].by_customer == (by["kind"] == "customer")
    return same_side or project.added[file_id].user_id == person.user_id


def uploader(project: Project, flow: Flow, *, visit: int | None, person: Person) -> Actor:
    """Who adds a file: at a visit only the operator of a node with 需上传按钮 (R-113, T-73), which a confirm node never
    has (T-57); by 添加附件 any operator of the project.

    :raises NotOperable: the node has no upload. :raises NotOperator: it is somebody else's. :raises NotParticipant,
        ProjectEnded: 添加附件 by anyone else, or when the project is finished (R-85).
    """
    if visit is None:
        project.check_live()
        return project.operator_of(flow.node(project.node), person) or project.participant(person)
    node, by = _operated(project, flow, visit, person)
    if not node.upload:
        raise NotOperable
    return by


def _operated(project: Project, flow: Flow, visit: int, person: Person) -> tuple[FlowNode, Actor]:
    project.check_visit(visit)
    node = flow.node(project.node)
    if not node.operated:
        raise NotOperable
    by = project.operator_of(node, person)
    if by is None:
        raise NotOperator
    return node, by
