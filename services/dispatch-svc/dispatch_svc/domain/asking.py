"""The asks of a project, and their answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import asks, facts
from dispatch_svc.domain.asks import Ask, Freed, OrderShown
from dispatch_svc.domain.assignment import Assignment


def begin(*, project_id: UUID, run: int, at: datetime) -> Assignment:
    """The assignment of a project heard of for the first time."""
    return Assignment.begun(facts.AssignmentOpened(project_id=project_id, run=run), id=project_id, at=at)


def ask(
    assignment: Assignment,
    asked: Ask,
    order: OrderShown,
    *,
    department_id: UUID | None = None,
    unpaid: bool | None = None,
    at: datetime,
) -> bool:
    """A provider or person is asked for – a person of a department, under 部门优先 –; False if the ask is a
    repetition, of an older run or after the end. ``unpaid``: for a trial or test; None: it was not told."""
    if assignment.ended or asked.run < assignment.run or str(asked.request_id) in assignment.seen:
        return False
    if asked.provider_id and asked.role:
        assignment.tell(
            facts.StaffAsked(
                request_id=asked.request_id,
                run=asked.run,
                vendor_id=order.vendor_id,
                customer_id=order.customer_id,
                product_id=order.product_id,
                order_number=order.order_number,
                unpaid=asks.is_unpaid(order.order_number, unpaid),
                kind=asked.kind,
                provider_id=asked.provider_id,
                role=asked.role,
                department_id=department_id,
                wanted=asked.wanted,
            ),
            at=at,
        )
        return True
    assignment.tell(
        facts.ProviderAsked(
            request_id=asked.request_id,
            run=asked.run,
            vendor_id=order.vendor_id,
            customer_id=order.customer_id,
            product_id=order.product_id,
            order_number=order.order_number,
            unpaid=asks.is_unpaid(order.order_number, unpaid),
            implicit_roles=list(asked.implicit_roles),
            wanted=asked.wanted,
        ),
        at=at,
    )
    return True


def queue(assignment: Assignment, key: str, *, reason: str, queued_at: datetime, at: datetime) -> bool:
    """The ask waits for ``reason``; returns whether that is new. :raises NotAsked: it is not open."""
    asked = assignment.open_ask(key)
    if asked.reason == reason:
        return False
    assignment.tell(
        facts.Queued(
            ask=key,
            project_id=assignment.id,
            run=asked.run,
            request_id=asked.request_id,
            provider_id=asked.provider_id,
            role=asked.role,
            reason=reason,
            queued_at=queued_at,
        ),
        at=at,
    )
    return True


def assign_provider(
    assignment: Assignment, key: str, *, provider_id: UUID, at: datetime, decision: facts.Decision | None = None
) -> tuple[list[Ask], Freed]:
    """The ask got its provider. Returns the asks for implicit roles that follow at once, and what is freed: the
    provider held so far. A wanted provider is only reserved: its run, and so its implicit asks, begin with
    a restart. :raises NotAsked: the ask is not open."""
    asked = assignment.open_ask(key)
    roles = list(asked.implicit_roles)
    if asked.wanted:
        reserved = facts.ProviderReserved(
            ask=key,
            project_id=assignment.id,
            run=asked.run,
            request_id=asked.request_id,
            provider_id=provider_id,
            implicit_roles=roles,
            decision=decision,
        )
        former = freed(assignment, assignment.reserved.provider_id if assignment.reserved else None)
        assignment.tell(reserved, at=at)
        return [], former
    assigned = facts.ProviderAssigned(
        ask=key,
        project_id=assignment.id,
        run=asked.run,
        request_id=asked.request_id,
        provider_id=provider_id,
        implicit_roles=roles,
        decision=decision,
    )
    former = freed(assignment, assignment.provider_id)
    assignment.tell(assigned, at=at)
    follow = asks.implied(request_id=asked.request_id, run=asked.run, provider_id=provider_id, roles=roles)
    return follow, former


def assign_person(
    assignment: Assignment,
    key: str,
    *,
    person_id: UUID,
    department_id: UUID | None,
    at: datetime,
    decision: facts.Decision | None = None,
) -> UUID | None:
    """The ask got its person, who takes the place of whoever had the role. Returns whose load falls: the former
    one, holding no other role (D-28, R-54). ``department_id`` is the claimer's (A-46).
    :raises NotAsked: the ask is not open."""
    asked = assignment.open_ask(key)
    assert asked.provider_id is not None
    assert asked.role is not None
    former = assignment.holder(asked.role)
    assignment.tell(
        facts.StaffAssigned(
            ask=key,
            project_id=assignment.id,
            run=asked.run,
            request_id=asked.request_id,
            provider_id=asked.provider_id,
            role=asked.role,
            person_id=person_id,
            department_id=department_id,
            former_id=UUID(former) if former else None,
            claimed=asked.kind == "claim",
            decision=decision,
        ),
        at=at,
    )
    return UUID(former) if former and former not in assignment.holders else None


def waiting_for(assignment: Assignment, key: str) -> list[str]:
    """The asks that wait for whoever is found for the role a person is wanted for by ``key``: 更换操作人 while nobody
    is there answers them, too. :raises NotAsked: the ask is not open."""
    asked = assignment.open_ask(key)
    return [
        other
        for other, ask in assignment.open.items()
        if ask.seeks and (ask.run, ask.role, ask.provider_id) == (asked.run, asked.role, asked.provider_id)
    ]


def refuse(assignment: Assignment, key: str, *, reason: str, at: datetime) -> None:
    """The wanted candidate cannot be had. :raises NotAsked: the ask is not open."""
    asked = assignment.open_ask(key)
    assignment.tell(
        facts.Refused(ask=key, project_id=assignment.id, run=asked.run, request_id=asked.request_id, reason=reason),
        at=at,
    )


def freed(assignment: Assignment, *providers: str | None, everybody: bool = False) -> Freed:
    """What falls when the project leaves ``providers`` – as far as there are any –, and all of its people."""
    order = assignment.order
    held = {(h.provider_id, h.person_id) for h in assignment.roles.values()} if everybody else set()
    return Freed(
        providers=[(order.product_id, UUID(provider)) for provider in providers if provider] if order else [],
        persons=[(UUID(provider), UUID(person)) for provider, person in sorted(held)],
    )
