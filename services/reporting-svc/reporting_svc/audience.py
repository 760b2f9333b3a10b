"""Who sees a project: in which lists it stands, and whom a change of it concerns.

The lists: a vendor has the projects of its products (R-05), a provider admin those its
provider holds (R-22), staff those they operate, may claim or have handled there (R-128, R-41), a customer what was
bought (S-01), the platform operator all. project-svc opens the same by address: whoever was replaced before handling
anything, and whoever is of an earlier provider, has it in no list any more.

A caller and a project both have keys; a caller is told of a change when they share one: exactly those are in whose
lists the project stands or stood a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

from delivery_shared.http import Caller
from sqlalchemy import and_

from reporting_svc.figures import Entrance
from reporting_svc.read_model import Condition, claimable_by, handled_by, pending_for
from reporting_svc.tables import project

Key = tuple[str | UUID, ...]

EVERYONE: Key = ("operator",)
"""The platform operator's key, of every project."""

STOOD = ("provider_id", "role", "assignee_id")
"""What of a project's row decides who is told and may change."""


def supervised(by: Caller, entrance: Entrance | None) -> list[Condition]:
    """What 项目管理 lists: a vendor the projects of its products (R-05), a provider those it holds now (R-22), the
    operator – without an entrance – all."""
    if entrance is None:
        return []
    return [(project.c.vendor_id if entrance == "vendor" else project.c.provider_id) == by.party_id]


def own(by: Caller, view: Literal["pending", "handled", "claimable"]) -> Condition:
    """What 我的项目 lists (R-128, R-133), of the projects the employee's company holds now (R-41)."""
    mine = {
        "pending": pending_for(by.user_id),
        "handled": handled_by(by.user_id),
        "claimable": claimable_by(by.roles),
    }
    return and_(project.c.provider_id == by.party_id, mine[view])


def bought(by: Caller) -> Condition:
    """What 已购服务 lists: what the caller's party bought, and what the account itself ordered for a test (S-01, S-07,
    S-10)."""
    return project.c.customer_id.in_((by.party_id, by.user_id))


def keys_of_caller(by: Caller) -> frozenset[Key]:
    """The keys of a caller."""
    keys: set[Key] = {("customer", by.party_id), ("customer", by.user_id)}
    if by.is_a("platform_operator"):
        keys.add(EVERYONE)
    if by.is_a("vendor_admin", "vendor_project_manager"):
        keys.add(("vendor", by.party_id))
    if by.is_a("provider_admin"):
        keys.add(("provider", by.party_id))
    if by.is_a("provider_admin", "staff"):
        keys.add(("person", by.party_id, by.user_id))
        keys |= {("role", by.party_id, role) for role in by.roles}
    return frozenset(keys)


def keys_of_project(row: Any) -> Iterator[Key]:
    """The keys of a project by its present row, a mapping by names of columns."""
    yield EVERYONE
    yield "vendor", row["vendor_id"]
    yield "customer", row["customer_id"]
    yield from keys_of_provider(*(row[name] for name in STOOD))


def keys_of_provider(provider_id: UUID | None, role: str | None, assignee_id: UUID | None) -> Iterator[Key]:
    """The keys of a project at its provider. A node of a role nobody holds yet may be claimed by all who have it."""
    if provider_id is None:
        return
    yield "provider", provider_id
    if assignee_id is not None:
        yield "person", provider_id, assignee_id
    elif role is not None:
        yield "role", provider_id, role
