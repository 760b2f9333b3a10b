"""Kinds of parties, the sides of their users, and the roles each side can hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal

from identity_svc.domain.errors import RolesNotAssignable

PartyKind = Literal["isv", "customer", "operator", "marketplace"]
Side = Literal["isv", "vendor", "provider", "customer", "operator", "marketplace"]
"""归属 of a user: the kind of its party, or the half of an ISV it works for."""
ManagedSide = Literal["vendor", "provider"]

MAIN_ROLES: Final = ["vendor_admin", "provider_admin"]
"""Roles of the main account of an ISV, 厂商管理员、服务商管理员 (G-15)."""

VENDOR_ROLES: Final = frozenset({"vendor_project_manager"})
"""The only role a vendor's sub-account can get (U-06)."""

MAIN_ONLY: Final = frozenset(MAIN_ROLES)
"""Roles that are never given to a sub-account: they are the main account's (G-13, G-14)."""

OWN_ROLES: Final[dict[PartyKind, list[str]]] = {
    "isv": MAIN_ROLES,
    "customer": ["customer"],
    "operator": ["platform_operator"],
    "marketplace": [],
}
"""Roles of a party's first user."""


def checked_roles(side: Side, roles: Sequence[str], assignable: Collection[str]) -> list[str]:
    """``roles`` without repetition, if a sub-account of ``side`` can have them.

    :param assignable: codes of the roles of the provider side.
    :raises RolesNotAssignable: none given, or one that this side cannot have.
    """
    offered = VENDOR_ROLES if side == "vendor" else frozenset(assignable) - MAIN_ONLY
    wanted = list(dict.fromkeys(roles))
    refused = [role for role in wanted if role not in offered]
    if refused or not wanted:
        raise RolesNotAssignable(refused)
    return wanted
