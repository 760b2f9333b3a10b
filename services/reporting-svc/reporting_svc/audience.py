"""Whom a change of a project concerns: exactly those in whose lists it stands or stood a moment ago.

A caller and a project both have keys; a caller is told of a project when they share one. The keys say what the lists
say (:mod:`reporting_svc.application`): a vendor has the projects of its products (R-05), a provider admin those its
provider holds (R-22), staff those they operate, may claim or have handled there (R-128, R-41), a customer what was
bought (S-01), the platform operator all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller

Key = tuple[str | UUID, ...]

EVERYONE: Key = ("operator",)
"""The platform operator's key, of every project."""

STOOD = ("provider_id", "role", "assignee_id")
"""What of a project's row decides who is told and may change."""


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
