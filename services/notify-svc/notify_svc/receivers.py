"""Who a reminder rule means (N-14): first decided from the project alone, then looked up for all rules at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from delivery_shared.contacts import mobile_of
from delivery_shared.contracts.firing import PERSON
from delivery_shared.links import contact_id
from delivery_shared.messaging.consumer import NotYet
from sqlalchemy import Connection, Text, Uuid, and_, any_, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from notify_svc.tables import contact, person

HolderOf = Callable[[str], UUID | None]
"""Who holds a role in the project's run."""


@dataclass(frozen=True)
class Audience:
    """Whom a rule means: the ``person``, all of the ``party`` (or the account that placed a test order, S-07), its
    ``main`` account, its people with the ``role``, or nobody, for the ``reason``."""

    kind: Literal["person", "party", "main", "role", "nobody"]
    id: UUID | None = None
    role: str = ""
    reason: str = "no_receiver"
    contact: UUID | None = None
    """Of the customer's party: whom the order names besides."""


@dataclass(frozen=True)
class Person:
    """Somebody a message is meant for."""

    user_id: UUID
    party_id: UUID
    mobile: str | None
    email: str | None
    deleted: bool
    main: bool
    roles: Sequence[str]
    is_contact: bool = False
    """Reads no box here: has to be told outside."""

    def shares_address(self, other: Person) -> bool:
        """Whether a message to one reaches the other. Users have numbers at home without their country, contacts with
        it."""
        mobile = mobile_of(self.mobile or "")
        return bool((mobile and mobile == mobile_of(other.mobile or "")) or (self.email and self.email == other.email))


def audience_of(receiver: str, project: Mapping[str, Any], holder_of: HolderOf) -> Audience:
    """Whom ``receiver`` of a rule means in ``project`` now (its row with the node entered last)."""
    if receiver.startswith(PERSON):
        return Audience("person", UUID(receiver.removeprefix(PERSON)))
    if receiver == "customer":
        return _customer(project)
    if receiver == "assignee":
        return _assignee(project, holder_of)
    if receiver == "vendor_admin":
        return Audience("main", project["vendor_id"])
    if receiver == "vendor_project_manager":
        return Audience("role", project["vendor_id"], receiver)
    if receiver == "provider_admin":
        if project["provider_id"] is None:
            return Audience("nobody", reason="no_provider_yet")
        return Audience("main", project["provider_id"])
    role = role_named(receiver)
    return _role(role, project, holder_of) if role else Audience("nobody", reason="unknown_receiver")


def role_named(receiver: str) -> str:
    """The role of a receiver ``role:<role>``, empty for every other."""
    kind, _, role = receiver.partition(":")
    return role if kind == "role" else ""


def _assignee(project: Mapping[str, Any], holder_of: HolderOf) -> Audience:
    """当前节点操作人; nobody at an automatic node, at an unclaimed node all who may claim it."""
    if project["side"] == "customer":
        return _customer(project)
    if project["assignee_id"] is not None:
        return Audience("person", project["assignee_id"])
    if project["node_type"] == "claim_order" and project["role"]:
        return _role(project["role"], project, holder_of)
    return Audience("nobody", reason="no_assignee")


def _customer(project: Mapping[str, Any]) -> Audience:
    """顾客: who has an account of the customer's, and whom the order names."""
    version = project["contact_version"]
    named = None if version is None else contact_id(project["project_id"], version)
    return Audience("party", project["customer_id"], contact=named)


def _role(role: str, project: Mapping[str, Any], holder_of: HolderOf) -> Audience:
    """Who holds ``role`` in the project; at an unclaimed node of this role all its holders in the provider."""
    if role in ("customer", "vendor_admin", "vendor_project_manager"):
        return audience_of(role, project, holder_of)
    held_by = holder_of(role)
    if held_by is not None:
        return Audience("person", held_by)
    if project["provider_id"] is None:
        return Audience("nobody", reason="no_provider_yet")
    if role == "provider_admin":
        return Audience("main", project["provider_id"])
    if project["node_type"] == "claim_order" and project["role"] == role:
        return Audience("role", project["provider_id"], role)
    return Audience("nobody", reason="role_not_filled")


class People:
    """The people of some audiences, read in one statement."""

    def __init__(self, connection: Connection, audiences: Iterable[Audience]) -> None:
        self._by_id: dict[UUID, Person] = {}
        self._by_party: dict[UUID, list[Person]] = {}
        self._contacts: dict[UUID, Person] = {}
        wanted = {audience for audience in audiences if audience.kind != "nobody"}
        if not wanted:
            return

        c = person.c

        def among(kind: str) -> Any:
            ids = sorted({audience.id for audience in wanted if audience.kind == kind and audience.id})
            return any_(cast(ids, ARRAY(Uuid)))

        roles = sorted({audience.role for audience in wanted if audience.kind == "role"})
        query = select(c.user_id, c.party_id, c.mobile, c.email, c.deleted, c.main, c.roles).where(
            or_(
                c.user_id == among("person"),
                and_(~c.deleted, or_(c.party_id == among("party"), c.user_id == among("party"))),
                and_(~c.deleted, c.party_id == among("main"), c.main),
                and_(~c.deleted, c.party_id == among("role"), c.roles.overlap(cast(roles, ARRAY(Text)))),
            )
        )
        for row in connection.execute(query.order_by(c.user_id)):
            found = Person(*row)
            self._by_id[found.user_id] = found
            if not found.deleted:
                self._by_party.setdefault(found.party_id, []).append(found)
        named = sorted({audience.contact for audience in wanted if audience.contact})
        if named:
            k = contact.c
            ones = select(k.contact_id, k.party_id, k.mobile, k.email, k.deleted)
            for one in connection.execute(ones.where(k.contact_id == any_(cast(named, ARRAY(Uuid))), ~k.deleted)):
                self._contacts[one.contact_id] = Person(*one, False, (), is_contact=True)

    def everybody(self) -> Iterable[UUID]:
        """All of them."""
        return self._by_id.keys()

    def of(self, audience: Audience) -> Sequence[Person]:
        """The people of one of the audiences, by id.

        :raises NotYet: a person a project names, or a main account, is not known here yet. Identity knew them before,
            so their copies are on their way.
        """
        if audience.id is None:
            return ()
        if audience.kind == "person":
            if audience.id not in self._by_id:
                raise NotYet(f"user {audience.id}")
            return (self._by_id[audience.id],)
        people = self._by_party.get(audience.id, ())
        if audience.kind == "party" and (buyer := self._by_id.get(audience.id)) and not buyer.deleted:
            return (buyer,)
        if audience.contact is not None and (named := self._contacts.get(audience.contact)):
            return people if any(map(named.shares_address, people)) else [*people, named]
        if audience.kind == "role":
            return [person for person in people if audience.role in person.roles]
        if audience.kind == "main":
            people = [person for person in people if person.main]
            if not people:
                raise NotYet(f"main account of {audience.id}")
        return people
