"""What the marketplace says of an order under way: 续费, 变配, 冻结, 解冻, 释放. All of it may come twice, or late."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from delivery_shared.working_time import Calendar

from project_svc.domain import facts
from project_svc.domain.errors import ProjectEnded
from project_svc.domain.facts import HoldReason
from project_svc.domain.flow import Flow
from project_svc.domain.people import Actor
from project_svc.domain.project import CANCELLED, EXPIRED, FROZEN, Project
from project_svc.domain.walking import go_on

MARKETPLACE: Final[Actor] = {"kind": "marketplace"}

REFUNDED: Final = "云市场订单已退款"
RELEASED: Final = "云市场订单已释放"


def extend_term(
    project: Project, flow: Flow, *, valid_until: date, said_at: datetime, calendar: Calendar, at: datetime
) -> None:
    """续费: the order runs until ``valid_until``, and a hold for having expired ends. Also of a completed project,
    whose order goes on. One that was said before the last one known changes nothing.

    :raises ProjectEnded: it is cancelled.
    """
    _check_not_cancelled(project)
    if project.term_said_at is not None and said_at <= project.term_said_at:
        return
    until = valid_until.isoformat()
    project.tell(
        facts.TermExtended(run=project.run, valid_until=until, former=project.valid_until, said_at=said_at), at=at
    )
    _lift(project, flow, EXPIRED, said_at=said_at, calendar=calendar, at=at)


def change_edition(
    project: Project, *, sku: str | None, edition: str | None, quantity: int, said_at: datetime, at: datetime
) -> None:
    """变配: another SKU, edition or quantity; what is None stays. Late as in :func:`extend_term`.

    :raises ProjectEnded: the project is cancelled.
    """
    _check_not_cancelled(project)
    if project.edition_said_at is not None and said_at <= project.edition_said_at:
        return
    project.tell(
        facts.EditionChanged(
            run=project.run,
            sku=sku or project.sku,
            edition=edition or project.edition,
            quantity=quantity,
            former_edition=project.edition,
            former_quantity=project.quantity,
            said_at=said_at,
        ),
        at=at,
    )


def freeze(project: Project, *, expired: bool, said_at: datetime, at: datetime) -> None:
    """冻结, or 到期: nothing is to be delivered meanwhile; the clock of the open node stands. A project that has ended
    has nothing to hold."""
    reason: HoldReason = EXPIRED if expired else FROZEN
    if project.ended or reason in project.holds:
        return
    lifted = [project.lifted.get(reason), project.term_said_at if expired else None]
    if any(over is not None and said_at <= over for over in lifted):
        return
    project.tell(facts.HoldSet(run=project.run, reason=reason, holds=[*project.holds, reason], said_at=said_at), at=at)


def thaw(project: Project, flow: Flow, *, said_at: datetime, calendar: Calendar, at: datetime) -> None:
    """解冻: delivery goes on, whatever held it, unless that was said later. With the last hold the clock counts on with
    what remains of its time, and what became ready meanwhile is passed."""
    for reason in list(project.holds):
        _lift(project, flow, reason, said_at=said_at, calendar=calendar, at=at)


def end_order(project: Project, *, refund: bool, said_at: datetime, at: datetime) -> None:
    """释放, 退订 or 退款: the project is cancelled by the marketplace (R-139). Where it has ended already, that is kept
    and nothing else."""
    if project.order_ended:
        return
    if project.ended:
        project.tell(facts.OrderEnded(run=project.run, refund=refund, said_at=said_at), at=at)
        return
    remark = REFUNDED if refund else RELEASED
    project.tell(facts.Cancelled(run=project.run, remark=remark, by=MARKETPLACE, refund=refund), at=at)


def _check_not_cancelled(project: Project) -> None:
    if project.state == CANCELLED:
        raise ProjectEnded


def _lift(
    project: Project, flow: Flow, reason: HoldReason, *, said_at: datetime, calendar: Calendar, at: datetime
) -> None:
    since = project.holds.get(reason)
    if since is None or said_at < since:
        return
    left: list[HoldReason] = [other for other in project.holds if other != reason]
    counted_from = None if left else _counted_from(project, calendar, at)
    project.tell(
        facts.HoldLifted(run=project.run, reason=reason, holds=left, counted_from=counted_from, said_at=said_at), at=at
    )
    if not left:
        go_on(project, flow, at=at)


def _counted_from(project: Project, calendar: Calendar, at: datetime) -> datetime | None:
    """From when on the clock has counted as much as it had when the hold began. One that has run out stays as it is."""
    clock, stopped_at = project.node_clock, project.stopped_at
    if clock is None:
        return None
    if stopped_at is None or clock.overdue is not None:
        return clock.since
    return calendar.counting(at, calendar.between(clock.since, max(clock.since, stopped_at)))
