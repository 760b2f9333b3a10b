"""What identity-svc does when it hears of other services' events."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from delivery_shared.contracts.dispatch import MemberClosed, MemberCloseRefused
from delivery_shared.contracts.project import BuyerErased, ContactChanged, ProjectCancelled, ProjectStarted
from delivery_shared.contracts.template import RoleDefined
from delivery_shared.copying import copy_of
from delivery_shared.eventstore import RowChange, UnitOfWork
from delivery_shared.http.tokens import LIFETIME, real_now
from delivery_shared.links import FIRST, contact_id
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy, ProcessManager

from identity_svc import guests, read_model
from identity_svc.commands.users import gone
from identity_svc.domain import accounts, contacting, facts
from identity_svc.domain.contact import Contact
from identity_svc.domain.user import User
from identity_svc.store import IdentityStore


def when_role_defined_then_copy_it(role: RoleDefined) -> RowChange:
    """Users get roles out of this copy (U-17)."""
    return copy_of(role, "role", key="role", columns=("name", "side", "active"))


def when_member_closed_then_delete_user(unit: UnitOfWork, closed: MemberClosed, message: Message) -> None:
    """The user whose deletion was asked for is free: it goes. Anything else is an answer to an older question."""
    user = unit.get(User, closed.person_id)
    if user is not None and accounts.member_closed(user, at=message.time):
        unit.rows += gone(user)


def when_member_close_refused_then_keep_user(unit: UnitOfWork, refused: MemberCloseRefused, message: Message) -> None:
    """The user still holds projects and may sign in again (U-21)."""
    user = unit.get(User, refused.person_id)
    orders = [facts.HeldOrder(project_id=o.project_id, order_number=o.order_number) for o in refused.orders]
    told = facts.DeletionRefused(held=refused.held, asks=refused.asks, orders=orders)
    if user is not None and accounts.member_close_refused(user, refused=told, at=message.time):
        unit.rows.append(read_model.deletion_refused(user, told, at=message.time))


def when_project_started_then_name_contact(unit: UnitOfWork, started: ProjectStarted, message: Message) -> None:
    """Whom the order names comes in by links from now on, if any message reaches him (G-10)."""
    if _reachable(started) and unit.get(Contact, Contact.stream_of(started.project_id)) is None:
        unit.rows.append(guests.contact_saved(_named(unit, started, version=FIRST)))


def _reachable(told: ProjectStarted | ContactChanged) -> bool:
    """Whether it names somebody whom a message reaches."""
    return told.contact is not None and bool(told.contact.mobile or told.contact.email)


def _named(unit: UnitOfWork, told: ProjectStarted | ContactChanged, *, version: int) -> Contact:
    """The first contact of the order who can be reached."""
    contact = contacting.name(
        project_id=told.project_id,
        customer_id=told.customer_id,
        vendor_id=told.vendor_id,
        product_name=told.product_name,
        version=version,
        at=real_now(),
    )
    unit.add(contact)
    return contact


def when_order_ended_then_close_links(
    unit: UnitOfWork, ended: ProjectCancelled | BuyerErased, message: Message
) -> None:
    """Nobody comes in by a link any more."""
    contact = unit.get(Contact, Contact.stream_of(ended.project_id))
    if contact is not None:
        _end(unit, contact)


def _end(unit: UnitOfWork, contact: Contact) -> None:
    now, who = real_now(), contact_id(contact.project_id, contact.named)
    if contacting.end(contact, contact_id=who, before=now + LIFETIME, at=now):
        unit.rows += [guests.contact_saved(contact), *guests.all_ended(contact.project_id)]


def when_contact_changed_then_let_him_in(unit: UnitOfWork, changed: ContactChanged, message: Message) -> None:
    """Whoever was let in for the buyer so far is not any more, and the new contact is, if any message reaches him: in
    one save. One of before, or heard again, changes nothing."""
    contact = unit.get(Contact, Contact.stream_of(changed.project_id))
    if contact is not None and changed.number <= contact.named:
        return
    if contact is not None:
        _end(unit, contact)
    if not _reachable(changed):
        return
    if contact is None:
        contact = _named(unit, changed, version=changed.number)
    else:
        contacting.name_another(contact, version=changed.number, at=real_now())
    unit.rows.append(guests.contact_saved(contact))


def of_contact(contract: ProjectStarted | ContactChanged | ProjectCancelled | BuyerErased) -> Iterable[UUID]:
    """The stream a message about a project touches."""
    return (Contact.stream_of(contract.project_id),)


def process_managers(store: IdentityStore) -> list[ProcessManager]:
    """The feeds of this service, one per source."""
    return [
        ProcessManager(
            name="identity",
            source="template",
            store=store,
            policies=[Policy(contract=RoleDefined, copy=when_role_defined_then_copy_it)],
        ),
        ProcessManager(
            name="identity",
            source="dispatch",
            store=store,
            policies=[
                Policy(
                    contract=MemberClosed,
                    then=when_member_closed_then_delete_user,
                    streams=lambda closed: [closed.person_id],
                ),
                Policy(
                    contract=MemberCloseRefused,
                    then=when_member_close_refused_then_keep_user,
                    streams=lambda refused: [refused.person_id],
                ),
            ],
        ),
        ProcessManager(
            name="identity",
            source="project",
            store=store,
            linger=0.1,
            policies=[
                Policy(contract=ProjectStarted, then=when_project_started_then_name_contact, streams=of_contact),
                Policy(contract=ContactChanged, then=when_contact_changed_then_let_him_in, streams=of_contact),
                Policy(contract=ProjectCancelled, then=when_order_ended_then_close_links, streams=of_contact),
                Policy(contract=BuyerErased, then=when_order_ended_then_close_links, streams=of_contact),
            ],
        ),
    ]
