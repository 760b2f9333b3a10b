"""Who wants something of a project, and as whom they act: the one place that makes actors."""

from __future__ import annotations

from typing import Final, Literal, NotRequired, Protocol, TypedDict
from uuid import UUID

Capacity = Literal["system", "customer", "staff", "provider", "vendor", "operator", "marketplace"]
"""系统, 顾客, a person of the provider in a role, a provider's or vendor's company (R-52), 小二 (R-40), 云市场."""


class Actor(TypedDict):
    """Who did it, as facts keep it. ``role`` is known of staff."""

    kind: Capacity
    user_id: NotRequired[UUID]
    party_id: NotRequired[UUID]
    role: NotRequired[str | None]


class Person(Protocol):
    """Who wants something: an account and the party it belongs to, as the caller's token says."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def party_id(self) -> UUID: ...


SYSTEM: Final[Actor] = {"kind": "system"}


def acting(person: Person, kind: Capacity) -> Actor:
    """The person in that capacity."""
    return {"kind": kind, "user_id": person.user_id, "party_id": person.party_id}


def staff(user_id: UUID, party_id: UUID, role: str | None) -> Actor:
    """A person of the provider's side in ``role``."""
    return {"kind": "staff", "user_id": user_id, "party_id": party_id, "role": role}
