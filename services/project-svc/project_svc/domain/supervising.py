"""What those who supervise a project do: pause, resume, cancel, remind, name another contact, forget its buyer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from project_svc.domain import facts
from project_svc.domain.errors import (
    BuyerForgotten,
    NotOperable,
    NotPaused,
    ProjectEnded,
    ProjectPaused,
    RemindedAlready,
)
from project_svc.domain.flow import Flow
from project_svc.domain.people import Actor
from project_svc.domain.project import CANCELLED, PAUSED, Project
from project_svc.domain.texts import required_text
from project_svc.domain.walking import go_on

REMINDED_FOR: Final = timedelta(hours=1)
"""How long one 催办 of a visit lasts before the next may follow."""


def pause(project: Project, *, remark: str, by: Actor, at: datetime) -> None:
    """暂停项目, with a remark (R-56, R-57)."""
    project.check_live()
    if project.state == PAUSED:
        raise ProjectPaused
    project.tell(facts.Paused(run=project.run, remark=required_text(remark), by=by), at=at)


def resume(project: Project, flow: Flow, *, by: Actor, at: datetime) -> None:
    """启动项目 (R-60): the clock of the node counts anew (R-59); an automatic node whose assignment came meanwhile
    completes now."""
    project.check_live()
    if project.state != PAUSED or project.paused_at is None:
        raise NotPaused
    clock = project.node_clock
    counted_from = clock.since if clock else None
    project.tell(facts.Resumed(run=project.run, by=by, paused_at=project.paused_at, counted_from=counted_from), at=at)
    if clock and clock.overdue:
        project.tell(
            facts.OverdueWithdrawn(run=project.run, visit=project.visit, node=project.node, reason="resumed"), at=at
        )
    go_on(project, flow, at=at)


def cancel(project: Project, *, remark: str, by: Actor, at: datetime) -> None:
    """取消项目: final (R-139, R-140)."""
    project.check_live()
    project.tell(facts.Cancelled(run=project.run, remark=required_text(remark), by=by), at=at)


def forget_buyer(project: Project, *, at: datetime) -> None:
    """The buyer is a person who wants to be forgotten: nothing opens any more what the order called him."""
    project.tell(facts.BuyerErased(run=project.run), at=at)


def change_contact(
    project: Project,
    flow: Flow,
    *,
    contact: str,
    reachable: bool,
    by: Actor,
    said_at: datetime,
    at: datetime,
) -> bool:
    """更换联系人: ``contact``, sealed as the next of the order, is told and asked for the buyer. False: another was
    named later than ``said_at``, and stays. Also of a completed project, whose customer still looks at it.

    :raises BuyerForgotten: nothing of the buyer is kept. :raises ProjectEnded: it is cancelled.
    """
    if project.state == CANCELLED:
        raise ProjectEnded
    if project.erased:
        raise BuyerForgotten
    if project.contact_said_at is not None and said_at <= project.contact_said_at:
        return False
    node = flow.node(project.node)
    project.tell(
        facts.ContactChanged(
            run=project.run,
            number=project.contact + 1,
            contact=contact,
            reachable=reachable,
            waits=node.name if node.by_customer and not project.ended else None,
            vendor_id=project.vendor_id,
            customer_id=project.customer_id,
            product_name=project.product_name,
            by=by,
            said_at=said_at,
        ),
        at=at,
    )
    return True


def remind(project: Project, flow: Flow, *, visit: int, by: Actor, at: datetime) -> None:
    """催办: ask whoever the open node waits for to go on; at most once in :data:`REMINDED_FOR` and visit.

    :raises NotOperable: it waits for nobody but the system. :raises RemindedAlready: too soon; and as
        ``check_visit``.
    """
    project.check_visit(visit)
    node = flow.node(project.node)
    if not node.waits_for_people:
        raise NotOperable
    last = project.reminded if project.reminded is not None and project.reminded.visit == visit else None
    if last is not None and at - last.at < REMINDED_FOR:
        raise RemindedAlready
    project.tell(
        facts.AssigneeReminded(
            run=project.run,
            visit=visit,
            node=node.id,
            name=node.name,
            role=None if node.by_customer else node.role,
            receiver="customer" if node.by_customer else "assignee",
            number=last.number + 1 if last else 1,
            by=by,
        ),
        at=at,
    )
