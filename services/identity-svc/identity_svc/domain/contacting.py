"""Decisions about the contacts of orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from delivery_shared.http.tokens import LIFETIME

from identity_svc.domain import facts
from identity_svc.domain.contact import Contact


def name(
    known: Contact | None,
    *,
    project_id: UUID,
    customer_id: UUID,
    vendor_id: UUID,
    product_name: str,
    version: int,
    at: datetime,
) -> Contact | None:
    """An order names somebody; the contact it begins. None: there was one, who is somebody else now, or – told twice,
    or late – still the same."""
    told = facts.ContactNamed(
        project_id=project_id, customer_id=customer_id, vendor_id=vendor_id, product_name=product_name, version=version
    )
    if known is None:
        return Contact.begun(told, id=Contact.stream_of(project_id), at=at)
    if version > known.named:
        end(known, at=at)
        known.tell(told, at=at)
    return None


def end(contact: Contact, *, at: datetime) -> bool:
    """Nothing of what let him in does so any more. False: nothing did. His tokens are void whenever they were made:
    that person never gets another one."""
    if contact.gone:
        return False
    contact.tell(facts.ContactGone(contact_id=contact.person_id, version=contact.named, before=at + LIFETIME), at=at)
    return True


def ask_link(contact: Contact, *, at: datetime) -> None:
    """A new link goes to the contact, who is not gone."""
    number = contact.asked + 1
    contact.tell(facts.LinkAsked(project_id=contact.project_id, version=contact.named, number=number), at=at)


def ask_code(contact: Contact, *, at: datetime) -> int:
    """A code goes to the contact, who is not gone: its number."""
    number = contact.asked + 1
    contact.tell(facts.CodeAsked(project_id=contact.project_id, version=contact.named, number=number), at=at)
    return number
