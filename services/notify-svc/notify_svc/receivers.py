"""Who a reminder rule means (N-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery_shared.messaging.feed import NotYet
from sqlalchemy import ColumnElement, Connection, select

from notify_svc.tables import holder, person

CUSTOMERS = frozenset({"submit_requirement", "complete_project"})
"""Node types operated by the customer (T-54, T-79)."""


@dataclass(frozen=True)
class Person:
    """Somebody a message is meant for."""

    user_id: UUID
    party_id: UUID
    mobile: str | None
    email: str | None
    deleted: bool


@dataclass(frozen=True)
class Receivers:
    """The people meant; ``reason`` says why there is nobody."""

    people: Sequence[Person]
    reason: str = "no_receiver"


def receivers_of(connection: Connection, receiver: str, project: Mapping[str, Any]) -> Receivers:
    """The people ``receiver`` of a rule means in ``project`` now (its row with the node entered last).

    :raises NotYet: somebody named by the project or a main account is not known here yet.
    """
    if receiver == "customer":
        return _all(connection, person.c.party_id == project["customer_id"])
    if receiver == "assignee":
        return _assignee(connection, project)
    if receiver == "vendor_admin":
        return _main_account(connection, project["vendor_id"])
    if receiver == "vendor_project_manager":
        return _of_role(connection, project["vendor_id"], "vendor_project_manager")
    if receiver == "provider_admin":
        if project["provider_id"] is None:
            return Receivers((), "no_provider_yet")
        return _main_account(connection, project["provider_id"])
    kind, _, role = receiver.partition(":")
    if kind != "role" or not role:
        return Receivers((), "unknown_receiver")
    return _role(connection, role, project)


def _assignee(connection: Connection, project: Mapping[str, Any]) -> Receivers:
    """当前节点操作人; nobody at an automatic node, at an unclaimed node all who may claim it."""
    if project["side"] == "customer" or project["node_type"] in CUSTOMERS:
        return _all(connection, person.c.party_id == project["customer_id"])
    if project["assignee_id"] is not None:
        return _named(connection, project["assignee_id"])
    if project["node_type"] == "claim_order" and project["role"]:
        return _role(connection, project["role"], project)
    return Receivers((), "no_assignee")


def _role(connection: Connection, role: str, project: Mapping[str, Any]) -> Receivers:
    """Who holds ``role`` in the project; at an unclaimed node of this role all its holders in the provider."""
    if role in ("customer", "vendor_admin", "vendor_project_manager"):
        return receivers_of(connection, role, project)
    held_by = connection.execute(
        select(holder.c.person_id).where(
            holder.c.project_id == project["project_id"],
            holder.c.role == role,
            holder.c.run == project["run"],
        )
    ).scalar()
    if held_by is not None:
        return _named(connection, held_by)
    if project["provider_id"] is None:
        return Receivers((), "no_provider_yet")
    if role == "provider_admin":
        return _main_account(connection, project["provider_id"])
    if project["node_type"] == "claim_order" and project["role"] == role:
        return _of_role(connection, project["provider_id"], role)
    return Receivers((), "role_not_filled")


def _named(connection: Connection, user_id: UUID) -> Receivers:
    """A person a project names: identity knew him before, so his copy is on its way if it is not here."""
    found = _all(connection, person.c.user_id == user_id, with_deleted=True)
    if not found.people:
        raise NotYet(f"user {user_id}")
    return found


def _main_account(connection: Connection, party_id: UUID) -> Receivers:
    found = _all(connection, person.c.party_id == party_id, person.c.main)
    if not found.people:
        raise NotYet(f"main account of {party_id}")
    return found


def _of_role(connection: Connection, party_id: UUID, role: str) -> Receivers:
    return _all(connection, person.c.party_id == party_id, person.c.roles.contains([role]))


def _all(connection: Connection, *where: ColumnElement[bool], with_deleted: bool = False) -> Receivers:
    columns = (person.c.user_id, person.c.party_id, person.c.mobile, person.c.email, person.c.deleted)
    query = select(*columns).where(*where).order_by(person.c.user_id)
    if not with_deleted:
        query = query.where(~person.c.deleted)
    return Receivers([Person(*row) for row in connection.execute(query)])
