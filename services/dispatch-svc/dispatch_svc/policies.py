"""What dispatch does when something happens elsewhere: one function per message.

Messages about projects add and take rows of the inbox and wake the pools; nothing is decided here. Repetitions,
messages of an older run and messages after the end change nothing (the ``Assignment`` tells).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from delivery_shared.contracts import identity, project, template
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from delivery_shared.platform_clock import MOVED

from dispatch_svc import copies, holdings
from dispatch_svc.domain import asking, asks, employing, following
from dispatch_svc.domain.asks import OrderShown
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.inbox import Inbox
from dispatch_svc.store import DispatchStore

EMPLOYED = {"isv", "provider"}
"""归属 of the people who work in a provider's pool; the main account of an ISV is one of them (D-63)."""

# From projects


def _assignment(unit: UnitOfWork, project_id: UUID, run: int, at: datetime) -> Assignment:
    found = unit.get(Assignment, project_id)
    if found is None:
        found = asking.begin(project_id=project_id, run=run, at=at)
        unit.add(found)
    return found


def _order(asked: project.ProviderRequested | project.StaffRequested) -> OrderShown:
    return OrderShown(
        vendor_id=asked.vendor_id,
        customer_id=asked.customer_id,
        product_id=asked.product_id,
        order_number=asked.order_number,
    )


def _unpaid(asked: project.ProviderRequested | project.StaffRequested) -> bool | None:
    """Whether the order is a trial or test; None: the message is older than that field."""
    return None if asked.unpaid is msgspec.UNSET else asked.unpaid


def when_provider_requested(unit: UnitOfWork, asked: project.ProviderRequested, message: Message) -> None:
    assignment = _assignment(unit, asked.project_id, asked.run, asked.requested_at)
    ask = asks.for_provider(
        request_id=asked.request_id,
        run=asked.run,
        product_id=asked.product_id,
        implicit_roles=asked.implicit_roles,
        wanted=asked.wanted,
    )
    if asking.ask(assignment, ask, _order(asked), unpaid=_unpaid(asked), at=asked.requested_at):
        Inbox.of(unit).ask(assignment, ask, at=asked.requested_at)


def when_staff_requested(unit: UnitOfWork, asked: project.StaffRequested, message: Message) -> None:
    """Under 部门优先 the department is the claimer's; a claimer without one makes it 服务商优先 (D-54)."""
    assignment = _assignment(unit, asked.project_id, asked.run, asked.requested_at)
    department_id: UUID | None = None
    if asked.kind == "assign" and asked.rule == "department_first":
        claimers = UUID(assignment.claim_department) if assignment.claim_department else None
        department_id = asked.department_id or claimers
    ask = asks.for_person(
        request_id=asked.request_id,
        run=asked.run,
        kind=asked.kind,
        provider_id=asked.provider_id,
        role=asked.role,
        wanted=asked.wanted,
    )
    if asking.ask(
        assignment, ask, _order(asked), department_id=department_id, unpaid=_unpaid(asked), at=asked.requested_at
    ):
        Inbox.of(unit).ask(assignment, ask, department_id=department_id, at=asked.requested_at)


def when_project_restarted(unit: UnitOfWork, said: project.ProjectRestarted, message: Message) -> None:
    assignment = _assignment(unit, said.project_id, said.run - 1, said.restarted_at)
    news = following.restart(assignment, run=said.run, provider_id=said.provider_id, at=said.restarted_at)
    if news is not None:
        follow, freed = news
        inbox = Inbox.of(unit)
        inbox.withdraw(said.project_id, before=said.run)
        inbox.release(assignment, freed, said.restarted_at)
        inbox.follow(assignment, follow, said.restarted_at)


def when_project_paused(unit: UnitOfWork, said: project.ProjectPaused, message: Message) -> None:
    assignment = _assignment(unit, said.project_id, said.run, said.paused_at)
    if following.suspend(assignment, run=said.run, at=said.paused_at):
        Inbox.of(unit).suspend(said.project_id, True)


def when_project_resumed(unit: UnitOfWork, said: project.ProjectResumed, message: Message) -> None:
    assignment = _assignment(unit, said.project_id, said.run, said.resumed_at)
    if following.resume(assignment, run=said.run, at=said.resumed_at):
        _go_on(unit, assignment)


def when_hold_set(unit: UnitOfWork, said: project.HoldSet, message: Message) -> None:
    _hold(unit, said.project_id, said.run, held=bool(said.holds), at=said.held_at)


def when_hold_lifted(unit: UnitOfWork, said: project.HoldLifted, message: Message) -> None:
    _hold(unit, said.project_id, said.run, held=bool(said.holds), at=said.lifted_at)


def _hold(unit: UnitOfWork, project_id: UUID, run: int, *, held: bool, at: datetime) -> None:
    assignment = _assignment(unit, project_id, run, at)
    if following.hold(assignment, run=run, held=held, at=at):
        if held:
            Inbox.of(unit).suspend(project_id, True)
        else:
            _go_on(unit, assignment)


def _go_on(unit: UnitOfWork, assignment: Assignment) -> None:
    """Its asks wait again, unless something else lets them rest."""
    if assignment.rests:
        return
    inbox = Inbox.of(unit)
    inbox.suspend(assignment.id, False)
    for ask in assignment.open.values():
        inbox.wake(ask.pool)


def when_project_completed(unit: UnitOfWork, said: project.ProjectCompleted, message: Message) -> None:
    _end(unit, said.project_id, said.run, "completed", said.completed_at)


def when_project_cancelled(unit: UnitOfWork, said: project.ProjectCancelled, message: Message) -> None:
    _end(unit, said.project_id, said.run, "cancelled", said.cancelled_at)


def _end(unit: UnitOfWork, project_id: UUID, run: int, how: str, at: datetime) -> None:
    assignment = _assignment(unit, project_id, run, at)
    waiting = bool(assignment.open)
    freed = following.end(assignment, how=how, at=at)
    if freed is not None:
        inbox = Inbox.of(unit)
        if waiting:
            inbox.withdraw(project_id)
        inbox.release(assignment, freed, at)


def _project(contract: Any) -> Iterable[UUID]:
    return [contract.project_id]


FROM_PROJECT = [
    Policy(contract=project.ProjectStarted, copy=copies.ordered),
    Policy(contract=project.BuyerErased, copy=copies.buyer_forgotten),
    Policy(contract=project.ProviderRequested, then=when_provider_requested, streams=_project),
    Policy(contract=project.StaffRequested, then=when_staff_requested, streams=_project),
    Policy(contract=project.ProjectRestarted, then=when_project_restarted, streams=_project),
    Policy(contract=project.ProjectPaused, then=when_project_paused, streams=_project),
    Policy(contract=project.ProjectResumed, then=when_project_resumed, streams=_project),
    Policy(contract=project.HoldSet, then=when_hold_set, streams=_project),
    Policy(contract=project.HoldLifted, then=when_hold_lifted, streams=_project),
    Policy(contract=project.ProjectCompleted, then=when_project_completed, streams=_project),
    Policy(contract=project.ProjectCancelled, then=when_project_cancelled, streams=_project),
]

# From identity


def _pool(unit: UnitOfWork, provider_id: UUID, at: datetime) -> ProviderPool:
    found = unit.get(ProviderPool, PoolKey.of_provider(provider_id).stream)
    if found is None:
        found = employing.begin(provider_id=provider_id, at=at)
        unit.add(found)
    return found


def when_party_registered(unit: UnitOfWork, said: identity.PartyRegistered, message: Message) -> None:
    """Every ISV is a provider (G-08), so it has a pool."""
    if said.kind == "isv":
        _pool(unit, said.party_id, message.time)


def when_department_saved(unit: UnitOfWork, said: identity.DepartmentSaved, message: Message) -> None:
    pool = _pool(unit, said.party_id, message.time)
    if employing.place_department(pool, department_id=said.department_id, parent_id=said.parent_id, at=message.time):
        Inbox.of(unit).wake(PoolKey.of_provider(said.party_id))


def when_department_deleted(unit: UnitOfWork, said: identity.DepartmentDeleted, message: Message) -> None:
    """What waits for its people goes to those of the department above, or of the whole provider."""
    pool = _pool(unit, said.party_id, message.time)
    if employing.remove_department(pool, department_id=said.department_id, at=message.time):
        Inbox.of(unit).wake(PoolKey.of_provider(said.party_id))


def when_user_saved(unit: UnitOfWork, said: identity.UserSaved, message: Message) -> None:
    """A person of the provider side joins the pool, or has other roles or another department; both may make
    waiting orders possible (D-32)."""
    if said.side not in EMPLOYED:
        return
    if employing.enlist(
        _pool(unit, said.party_id, said.saved_at),
        person_id=said.user_id,
        roles=sorted(said.roles),
        department_id=said.department_id,
        maximum=said.maximum,
        receiving=said.receiving,
        at=said.saved_at,
    ):
        Inbox.of(unit).wake(PoolKey.of_provider(said.party_id))


def when_user_deletion_requested(unit: UnitOfWork, said: identity.UserDeletionRequested, message: Message) -> None:
    """Close the member, or refuse while it holds projects or is wanted by an ask under way (U-21)."""
    pool = _pool(unit, said.party_id, message.time)
    wanted = holdings.asked_for(unit.store, provider_id=said.party_id, person_id=said.user_id)
    held = holdings.held_by(
        unit, provider_id=said.party_id, person_id=said.user_id, count=employing.held_by(pool, said.user_id)
    )
    employing.close(pool, person_id=said.user_id, asks=wanted.number, orders=held or wanted.first, at=message.time)


def _member(contract: Any) -> Iterable[UUID]:
    return [PoolKey.of_provider(contract.party_id).stream]


FROM_IDENTITY = [
    Policy(contract=identity.PartyRegistered, copy=copies.party, then=when_party_registered, streams=_member),
    Policy(contract=identity.DepartmentSaved, copy=copies.department, then=when_department_saved, streams=_member),
    Policy(
        contract=identity.DepartmentDeleted,
        copy=copies.department_deleted,
        then=when_department_deleted,
        streams=_member,
    ),
    Policy(contract=identity.UserSaved, copy=copies.person, then=when_user_saved, streams=_member),
    Policy(contract=identity.UserDeletionRequested, then=when_user_deletion_requested, streams=_member),
    Policy(contract=identity.PersonErased, copy=copies.person_forgotten),
    Policy(contract=identity.PartyErased, copy=copies.party_forgotten),
    REVOCATION,
]

# From templates

FROM_TEMPLATE = [
    Policy(contract=template.ProductListed, copy=copies.product),
    Policy(contract=template.RoleDefined, copy=copies.role),
    MOVED,
]


def consumers(store: DispatchStore) -> list[ProcessManager]:
    """The feeds of dispatch."""
    return [
        ProcessManager(name="dispatch", source=source, store=store, policies=policies)
        for source, policies in (
            ("project", FROM_PROJECT),
            ("identity", FROM_IDENTITY),
            ("template", FROM_TEMPLATE),
        )
    ]
