"""One function per command: what it decides on a unit of work, carried out by :func:`delivery_shared.commands.execute`.

Settings change the pool's aggregate directly and wake the pool; the decisions themselves are the dispatchers'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from delivery_shared.commands import Decide
from delivery_shared.eventstore import UnitOfWork

from dispatch_svc.domain import configuring, employing
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.errors import UnknownMember
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.inbox import Inbox
from dispatch_svc.pages.staff import setting


def any_edition(edition: int) -> None:
    """For callers that did not edit what they had read before."""


class Provider(NamedTuple):
    """A row of 配置服务商."""

    provider_id: UUID
    weight: int
    maximum: int


def configure_providers(
    *,
    product_id: UUID,
    vendor_id: UUID,
    providers: Sequence[Provider],
    at_edition: Callable[[int], None] = any_edition,
    at: datetime,
) -> Decide:
    """Save the whole configuration of a product (P-18…P-28).

    :param at_edition: called with what is in force; raises if the caller edited another configuration.
    :raises OutOfRange, NotRelated, ConfiguredTwice: see :func:`configuring.configure`.
    """

    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        configuration = _configuration(unit, product_id, vendor_id, at)
        at_edition(configuration.edition)
        if configuring.configure(configuration, providers=providers, at=at):
            Inbox.of(unit).wake(PoolKey.of_product(product_id))
        return 200, {
            "product_id": str(product_id),
            "version": configuration.edition,
            "providers": [
                {"provider_id": str(p.provider_id), "weight": p.weight, "maximum": p.maximum} for p in providers
            ],
        }

    return decide


def set_relation(*, product_id: UUID, vendor_id: UUID, provider_id: UUID, related: bool, at: datetime) -> Decide:
    """Let a provider serve a product, or no longer (P-15)."""

    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        configuration = _configuration(unit, product_id, vendor_id, at)
        if configuring.relate(configuration, provider_id=provider_id, related=related, at=at):
            Inbox.of(unit).wake(PoolKey.of_product(product_id))
        if not related:
            return 204, {}
        return 200, {"product_id": str(product_id), "provider_id": str(provider_id)}

    return decide


def set_members(
    *, provider_id: UUID, person_ids: Sequence[UUID], maximum: int | None, receiving: bool | None, at: datetime
) -> Decide:
    """Set maximum and receive status of a provider's people, all or none (D-55, D-60).

    :raises UnknownMember: somebody does not work there. :raises OutOfRange: maximum outside 0–50.
    """
    key = PoolKey.of_provider(provider_id)

    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        pool = unit.get(ProviderPool, key.stream)
        if pool is None:
            raise UnknownMember(person_ids[0])
        freed = [
            employing.set_load(pool, person_id=person, maximum=maximum, receiving=receiving, at=at)
            for person in person_ids
        ]
        if any(freed):
            Inbox.of(unit).wake(key)
        return 200, {"items": [setting(pool, person) for person in person_ids]}

    return decide


def _configuration(unit: UnitOfWork, product_id: UUID, vendor_id: UUID, at: datetime) -> ProviderConfiguration:
    found = unit.get(ProviderConfiguration, PoolKey.of_product(product_id).stream)
    if found is None:
        found = configuring.begin(product_id=product_id, vendor_id=vendor_id, at=at)
        unit.add(found)
    return found
