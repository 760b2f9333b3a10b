"""What projects ask for, as it goes from the message through the inbox to the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from dispatch_svc.domain.keys import PoolKey


@dataclass(frozen=True, kw_only=True)
class OrderShown:
    """订单: what the queue pages tell about an ask; goes with every ask of a project."""

    vendor_id: UUID
    customer_id: UUID
    product_id: UUID
    order_number: str


def is_unpaid(order_number: str, told: bool | None) -> bool:
    """Whether it is a trial or test order (S-07), which is served after all others. Of an ask older than that word –
    None – the number tells."""
    return order_number.startswith("TEST-") if told is None else told


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A project asks for a provider, or for a person of its provider.

    ``kind``: ``assign`` whoever is found, a ``wanted`` provider (R-42), or a ``claim`` (D-46) or ``replace`` (R-46) by
    a wanted person. ``implicit_roles`` are those that follow from the assignment of a provider (D-44); ``reason`` is
    why it waits, empty as long as it was not told.
    """

    request_id: UUID
    run: int
    pool: PoolKey
    kind: str
    provider_id: UUID | None = None
    role: str | None = None
    wanted: UUID | None = None
    implicit_roles: Sequence[str] = ()
    reason: str = ""

    @property
    def key(self) -> str:
        """Names the ask among all: its request."""
        return str(self.request_id)

    @property
    def seeks(self) -> bool:
        """Whether it waits for whoever is found, rather than for somebody wanted."""
        return self.kind == "assign"


class ImplicitAsk(Ask):
    """An ask for a person that follows from the assignment of a provider (D-44); the request is the provider's."""

    @property
    def key(self) -> str:
        return f"{self.request_id}/{self.role}"


def for_provider(
    *, request_id: UUID, run: int, product_id: UUID, implicit_roles: Sequence[str], wanted: UUID | None
) -> Ask:
    """An ask for a provider of a product – for the one wanted, if any."""
    return Ask(
        request_id=request_id,
        run=run,
        pool=PoolKey.of_product(product_id),
        kind="wanted" if wanted else "assign",
        wanted=wanted,
        implicit_roles=implicit_roles,
    )


def for_person(
    *, request_id: UUID, run: int, kind: str, provider_id: UUID, role: str, wanted: UUID | None = None
) -> Ask:
    """An ask for a person of a provider."""
    return Ask(
        request_id=request_id,
        run=run,
        pool=PoolKey.of_provider(provider_id),
        kind=kind,
        provider_id=provider_id,
        role=role,
        wanted=wanted,
    )


def implied(*, request_id: UUID, run: int, provider_id: UUID, roles: Sequence[str]) -> list[Ask]:
    """The asks that follow when the request for a provider got ``provider_id``."""
    pool = PoolKey.of_provider(provider_id)
    return [
        ImplicitAsk(request_id=request_id, run=run, pool=pool, kind="assign", provider_id=provider_id, role=role)
        for role in roles
    ]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every decision names of the ask it decides: ``arrival`` is its place in the queue, ``attempts`` how often
    its decision failed before."""

    request_id: UUID
    project_id: UUID
    run: int
    arrival: int
    attempts: int


class Holder(NamedTuple):
    """Who has a role of a project, and for which provider."""

    person_id: str
    provider_id: str


@dataclass(frozen=True, kw_only=True)
class Freed:
    """Counts that are to fall: ``(product, provider)`` and ``(provider, person)`` pairs."""

    providers: Sequence[tuple[UUID, UUID]] = ()
    persons: Sequence[tuple[UUID, UUID]] = ()
