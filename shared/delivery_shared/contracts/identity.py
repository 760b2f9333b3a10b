"""What identity-svc tells the others: parties, departments, people. The only messages with personal data."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from delivery_shared.contracts.registry import Contract, contract
from delivery_shared.texts import canonical, key

HOME: Final = ""
"""The marketplace this center belongs to: the space of the numbers of its customers and of ISVs' main account ids."""

MARKETPLACE: Final = r"(huawei|tencent|generic:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?"
"""What else a space of numbers is called: as a kind of marketplace, or as the connection of one shop."""


def party_id_of(number: str, marketplace: str = HOME) -> UUID:
    """The party behind a number of the marketplace: a customer's number or an ISV's main account id, so that an
    order needs no answer of identity, and what an ISV buys belongs to the ISV (S-10). However it is written, it is the
    same party; in another marketplace it is another one."""
    return uuid5(NAMESPACE_URL, f"customer:{_within(canonical(number), marketplace)}")


def buyer_key(number: str, marketplace: str = HOME) -> str:
    """What buyers are compared by where it decides who somebody is: their number, however it is written, in its
    marketplace."""
    return _within(key(number), marketplace)


def _within(number: str, marketplace: str) -> str:
    """No number has a tab in it, so none of the home marketplace reads like another's."""
    return number if marketplace == HOME else f"{number}\t{marketplace}"


@contract
class PartyRegistered(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """An organisation or customer exists. An ISV is vendor and provider at once (G-08); ``account`` is the main
    account id that ends its login names (U-04); ``customer_number`` is the one of ``marketplace`` (A-57)."""

    TYPE: ClassVar[str] = "identity.party_registered"

    party_id: UUID
    name: str
    kind: Literal["isv", "customer", "operator", "marketplace"]
    account: str | None = None
    customer_number: str | None = None
    marketplace: str = HOME


@contract
class DepartmentSaved(Contract, frozen=True, kw_only=True):
    """A department of a provider was created, renamed or moved (U-10); departments nest (A-46)."""

    TYPE: ClassVar[str] = "identity.department_saved"

    department_id: UUID
    party_id: UUID
    name: str
    parent_id: UUID | None = None


@contract
class DepartmentDeleted(Contract, frozen=True, kw_only=True):
    """A department without people was deleted (U-22)."""

    TYPE: ClassVar[str] = "identity.department_deleted"

    department_id: UUID
    party_id: UUID


@contract
class UserSaved(Contract, frozen=True, kw_only=True, omit_defaults=True):
    """A user was created or changed: the whole state, so that copies need no earlier message.

    ``side`` is 归属; ``main`` marks the main account of an ISV (G-15), whose ``roles`` are vendor_admin and
    provider_admin. ``landline`` is area-number-extension as far as given (R-77). With a new person of a provider come
    ``maximum`` – 最大持单量 – and ``receiving`` – 接单状态 – to begin with, which dispatch keeps from then on (D-65).
    """

    TYPE: ClassVar[str] = "identity.user_saved"

    user_id: UUID
    party_id: UUID
    side: Literal["isv", "vendor", "provider", "customer", "operator", "marketplace"]
    main: bool
    login_name: str
    name: str
    roles: list[str]
    department_id: UUID | None = None
    mobile: str | None = None
    landline: str | None = None
    email: str | None = None
    saved_at: datetime
    maximum: int | None = None
    receiving: bool | None = None


@contract
class UserDeletionRequested(Contract, frozen=True, kw_only=True):
    """A user is blocked and waits for dispatch to close or to refuse (architecture 4)."""

    TYPE: ClassVar[str] = "identity.user_deletion_requested"

    user_id: UUID
    party_id: UUID


@contract
class UserDeleted(Contract, frozen=True, kw_only=True):
    """A user is gone; the name stays in logs (U-21)."""

    TYPE: ClassVar[str] = "identity.user_deleted"

    user_id: UUID
    party_id: UUID


@contract
class PersonErased(Contract, frozen=True, kw_only=True):
    """The data of a deleted person are to be forgotten: whoever has a copy of name or contacts blanks it. What is
    read anew from identity carries blanks already."""

    TYPE: ClassVar[str] = "identity.person_erased"

    user_id: UUID
    party_id: UUID


@contract
class PartyErased(Contract, frozen=True, kw_only=True):
    """A customer is a person whose data are to be forgotten: whoever has a copy of the party's name blanks it, and so
    do orders with what they brought of it. What is read anew from identity carries a blank already."""

    TYPE: ClassVar[str] = "identity.party_erased"

    party_id: UUID


@contract
class SessionsRevoked(Contract, frozen=True, kw_only=True):
    """Every token of the user issued before ``before`` is void: logout, password or roles changed, deleted."""

    TYPE: ClassVar[str] = "identity.sessions_revoked"

    user_id: UUID
    before: datetime


@contract
class LinkAsked(Contract, frozen=True, kw_only=True):
    """The contact of an order wants a link to its project, since an older one opens it no more. ``number`` counts what
    is asked for this project; ``version`` is the contact's, as ``project.project_started`` began it with 1."""

    TYPE: ClassVar[str] = "identity.link_asked"

    project_id: UUID
    version: int
    number: int
    asked_at: datetime


@contract
class CodeAsked(Contract, frozen=True, kw_only=True):
    """A device that came by a link is to show a code sent to the contact. The code is in no message: it follows from
    these fields and a key."""

    TYPE: ClassVar[str] = "identity.code_asked"

    project_id: UUID
    version: int
    number: int
    asked_at: datetime
