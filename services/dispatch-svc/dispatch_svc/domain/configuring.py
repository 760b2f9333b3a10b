"""配置服务商: who may serve a product, with weight and maximum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import facts
from dispatch_svc.domain.configuration import ProviderConfiguration, Terms
from dispatch_svc.domain.errors import ConfiguredTwice, NotRelated
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.limits import PROVIDER_MAXIMA, WEIGHTS, in_range


def begin(*, product_id: UUID, vendor_id: UUID, at: datetime) -> ProviderConfiguration:
    """The pool of a product that nobody configured yet."""
    opened = facts.ConfigurationOpened(product_id=product_id, vendor_id=vendor_id)
    return ProviderConfiguration.begun(opened, id=PoolKey.of_product(product_id).stream, at=at)


def relate(configuration: ProviderConfiguration, *, provider_id: UUID, related: bool, at: datetime) -> bool:
    """Set or end the relation of a provider; returns whether anything changed. A provider without relation
    leaves the configuration (G-06) and keeps its projects (P-27)."""
    provider, product_id = str(provider_id), configuration.product_id
    if related == (provider in configuration.relations):
        return False
    configuration.tell(facts.RelationSet(product_id=product_id, provider_id=provider_id, related=related), at=at)
    if not related and provider in configuration.providers and provider not in configuration.candidates:
        left = {p: terms for p, terms in configuration.providers.items() if p != provider}
        configuration.tell(facts.ProvidersConfigured(product_id=product_id, providers=_rows(left)), at=at)
    return True


def configure(
    configuration: ProviderConfiguration, *, providers: Sequence[tuple[UUID, int, int]], at: datetime
) -> bool:
    """Save ``(provider, weight, maximum)`` as the whole configuration; returns whether anything changed.

    :raises OutOfRange: weight outside 1–100, maximum outside 0–2000 (P-22, P-23).
    :raises NotRelated: a provider that is no candidate.
    :raises ConfiguredTwice: the same provider again.
    """
    allowed = configuration.candidates
    wanted: dict[str, Terms] = {}
    for provider_id, weight, maximum in providers:
        in_range("weight", weight, WEIGHTS)
        in_range("maximum", maximum, PROVIDER_MAXIMA)
        if str(provider_id) in wanted:
            raise ConfiguredTwice(str(provider_id))
        wanted[str(provider_id)] = {"weight": weight, "maximum": maximum}
    if strangers := [provider for provider in wanted if provider not in allowed]:
        raise NotRelated(strangers)
    if list(wanted.items()) == list(configuration.providers.items()):
        return False
    saved = facts.ProvidersConfigured(product_id=configuration.product_id, providers=_rows(wanted))
    configuration.tell(saved, at=at)
    return True


def _rows(providers: dict[str, Terms]) -> list[facts.ConfiguredProvider]:
    return [
        {"provider_id": UUID(p), "weight": terms["weight"], "maximum": terms["maximum"]}
        for p, terms in providers.items()
    ]
