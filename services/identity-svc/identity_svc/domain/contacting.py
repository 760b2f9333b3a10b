"""Decisions about the contacts of orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from identity_svc.domain import facts
from identity_svc.domain.contact import Contact


def name(
    *, project_id: UUID, customer_id: UUID, vendor_id: UUID, product_name: str, version: int, at: datetime
) -> Contact:
    """An order names somebody who can be reached."""
    told = facts.ContactNamed(
        project_id=project_id, customer_id=customer_id, vendor_id=vendor_id, product_name=product_name, version=version
    )
    return Contact.begun(told, id=Contact.stream_of(project_id), at=at)


def name_another(contact: Contact, *, version: int, at: datetime) -> None:
    """Somebody else is named instead of a contact who is gone."""
    told = facts.ContactNamed(
        project_id=contact.project_id,
        customer_id=contact.customer_id,
        vendor_id=contact.vendor_id,
        product_name=contact.product_name,
        version=version,
    )
    contact.tell(told, at=at)


def end(contact: Contact, *, contact_id: UUID, before: datetime, at: datetime) -> bool:
    """Nothing of what let him in does so any more. False: nothing did.

    :param contact_id: who he is in tokens. :param before: later than any that was made: he never gets another one.
    """
    if contact.gone:
        return False
    contact.tell(facts.ContactGone(contact_id=contact_id, version=contact.named, before=before), at=at)
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
