"""Decisions about parties and their departments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from identity_svc.domain import facts
from identity_svc.domain.department import Department
from identity_svc.domain.errors import DepartmentLoop, DepartmentNotEmpty, IsvManagesItself, NotFound
from identity_svc.domain.party import Party
from identity_svc.domain.sides import PartyKind


def register(*, id: UUID, kind: PartyKind, name: str, number: str, at: datetime) -> Party:
    """A new party. ``number``: an ISV's main account id, a customer's number (A-57)."""
    customer_number = number if kind == "customer" else None
    return Party.begun(
        facts.PartyRegistered(kind=kind, name=name, account=number, customer_number=customer_number), id=id, at=at
    )


def users_kept_by_operator(kind: PartyKind) -> None:
    """Of customers and of the platform itself; nobody sees the marketplace's service account.

    :raises NotFound, IsvManagesItself: not of this kind of party.
    """
    if kind == "marketplace":
        raise NotFound
    if kind == "isv":
        raise IsvManagesItself


def create_department(*, id: UUID, party_id: UUID, name: str, parent_id: UUID | None, at: datetime) -> Department:
    """【+】 of the tree (U-10)."""
    return Department.begun(facts.DepartmentCreated(party_id=party_id, name=name, parent_id=parent_id), id=id, at=at)


def change_department(
    department: Department, *, name: str, parent_id: UUID | None, ancestors: Sequence[UUID], at: datetime
) -> None:
    """Rename or move. ``ancestors``: ``parent_id`` and everything above it.

    :raises DepartmentLoop: the new parent stands below this department.
    """
    if department.id in ancestors:
        raise DepartmentLoop
    if (name, parent_id) != (department.name, department.parent_id):
        department.tell(facts.DepartmentChanged(party_id=department.party_id, name=name, parent_id=parent_id), at=at)


def delete_department(department: Department, *, occupied: bool, at: datetime) -> None:
    """:raises DepartmentNotEmpty: users or departments belong to it (U-22)."""
    if occupied:
        raise DepartmentNotEmpty
    department.tell(facts.DepartmentDeleted(party_id=department.party_id), at=at)
