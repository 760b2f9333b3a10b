"""Decisions about parties and their departments."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from identity_svc.domain import facts
from identity_svc.domain.department import Department
from identity_svc.domain.errors import (
    DepartmentLoop,
    DepartmentNameTaken,
    DepartmentNotEmpty,
    HasUsers,
    IsvManagesItself,
    NoSecondFactor,
    NotACustomer,
    NotFound,
)
from identity_svc.domain.party import Party
from identity_svc.domain.sides import PartyKind


def register(*, id: UUID, kind: PartyKind, name: str, number: str, marketplace: str = "", at: datetime) -> Party:
    """A new party. ``number``: an ISV's main account id, a customer's number (A-57) in ``marketplace``."""
    registered = facts.PartyRegistered(
        kind=kind,
        name=name,
        account=account_of(number, marketplace),
        customer_number=number if kind == "customer" else None,
        marketplace=marketplace,
    )
    return Party.begun(registered, id=id, at=at)


def account_of(number: str, marketplace: str) -> str:
    """What ends the login names of a party's users: its number, of another marketplace with as much of that as tells it
    from others."""
    kind, _, connection = marketplace.partition(":")
    short = connection.partition("-")[0] or kind
    return f"{number}.{short}" if short else number


def claim(*, id: UUID, name: str, account: str, at: datetime) -> Party:
    """A buyer whom a contact of his orders makes a party. Only the orders know his number at the marketplace.

    :param account: what its login names end with, drawn.
    """
    return Party.begun(
        facts.PartyRegistered(kind="customer", name=name, account=account, customer_number=None), id=id, at=at
    )


def demand_second_factor(party: Party, *, demanded: bool, own: bool, at: datetime) -> None:
    """Demand a second factor of all users of the party, or do so no longer.

    :param own: whether whoever demands it has one, and so will not lock himself out.
    :raises NoSecondFactor: nothing changed.
    """
    if demanded and not own:
        raise NoSecondFactor
    if demanded != party.second_factor_demanded:
        party.tell(facts.SecondFactorDemanded(demanded=demanded), at=at)


def set_link_life(party: Party, *, hours: int, at: datetime) -> None:
    """Links of the vendor's customers open their projects for ``hours``."""
    if hours != party.link_hours:
        party.tell(facts.LinkLifeSet(hours=hours), at=at)


def erase(party: Party, *, users: Sequence[Mapping[str, Any]], total: int, at: datetime) -> bool:
    """The customer's name is to be forgotten; False: it is already.

    :param users: the first of the ``total`` users it has still.
    :raises NotACustomer, HasUsers: nothing changed.
    """
    if party.kind != "customer":
        raise NotACustomer
    if total:
        raise HasUsers(users, total)
    if party.erased:
        return False
    party.tell(facts.PartyErased(), at=at)
    return True


def users_kept_by_operator(kind: PartyKind) -> None:
    """Of customers and of the platform itself; nobody sees the marketplace's service account.

    :raises NotFound, IsvManagesItself: not of this kind of party.
    """
    if kind == "marketplace":
        raise NotFound
    if kind == "isv":
        raise IsvManagesItself


def create_department(
    *, id: UUID, party_id: UUID, name: str, parent_id: UUID | None, siblings: Collection[str], at: datetime
) -> Department:
    """【+】 of the tree (U-10). ``siblings``: names of the other departments below ``parent_id``.

    :raises DepartmentNameTaken: one of them looks the same.
    """
    _distinct(name, siblings)
    return Department.begun(facts.DepartmentCreated(party_id=party_id, name=name, parent_id=parent_id), id=id, at=at)


def change_department(
    department: Department,
    *,
    name: str,
    parent_id: UUID | None,
    ancestors: Sequence[UUID],
    siblings: Collection[str],
    at: datetime,
) -> None:
    """Rename or move. ``ancestors``: ``parent_id`` and everything above it; ``siblings``: names of the other
    departments below it.

    :raises DepartmentLoop: the new parent stands below this department.
    :raises DepartmentNameTaken: one of ``siblings`` looks the same.
    """
    if department.id in ancestors:
        raise DepartmentLoop
    _distinct(name, siblings)
    if (name, parent_id) != (department.name, department.parent_id):
        department.tell(facts.DepartmentChanged(party_id=department.party_id, name=name, parent_id=parent_id), at=at)


def delete_department(department: Department, *, within: Sequence[Mapping[str, Any]], total: int, at: datetime) -> None:
    """``within``: the first of the ``total`` users and departments that belong to it.

    :raises DepartmentNotEmpty: there are any (U-22)."""
    if total:
        raise DepartmentNotEmpty(within, total)
    department.tell(facts.DepartmentDeleted(party_id=department.party_id), at=at)


def _distinct(name: str, siblings: Collection[str]) -> None:
    if _visible(name) in map(_visible, siblings):
        raise DepartmentNameTaken(name)


def _visible(name: str) -> str:
    """One form for names nobody can tell apart."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
