"""配置服务商: the providers of one product, with weight, maximum and the count of orders they hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypedDict, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from dispatch_svc.domain import facts
from dispatch_svc.domain.choice import provider_reason
from dispatch_svc.domain.facts import ProviderConfigurationFact


class Terms(TypedDict):
    """How a provider takes part: 权重 (P-22) and 最大持单量 (P-23). A dict, as snapshots have it."""

    weight: int
    maximum: int


class ListedProvider(TypedDict):
    """A provider as a candidate; ``excluded`` says why it does not take part."""

    provider_id: str
    weight: int
    maximum: int
    load: int
    excluded: Literal["full"] | None


def edition_of(providers: Mapping[str, Terms]) -> int:
    """The :attr:`ProviderConfiguration.edition` of these providers."""
    rows = sorted((provider, terms["weight"], terms["maximum"]) for provider, terms in providers.items())
    return int.from_bytes(sha256(repr(rows).encode()).digest()[:6])


@stored_as("dispatch", ProviderConfigurationFact)
class ProviderConfiguration(Aggregate[ProviderConfigurationFact]):
    """Pool ``product:<id>``. Counts are per product and provider (D-11, P-31); a provider taken out of the
    configuration keeps what it holds (P-27), so ``load`` may name providers that ``providers`` does not."""

    product_id: UUID
    vendor_id: UUID
    relations: list[str]
    providers: dict[str, Terms]
    load: dict[str, int]

    @property
    def candidates(self) -> list[str]:
        """Who may be configured: the vendor itself, always (P-17, G-09), and the related providers (P-15)."""
        vendor = str(self.vendor_id)
        return [vendor, *(provider for provider in self.relations if provider != vendor)]

    @property
    def free(self) -> list[tuple[str, Terms]]:
        """The providers that can take another project."""
        load = self.load
        return [(p, terms) for p, terms in self.providers.items() if load.get(p, 0) < terms["maximum"]]

    @property
    def blocked(self) -> str | None:
        """The queue reason if no provider can be chosen now, else None."""
        return provider_reason(configured=len(self.providers), free=len(self.free))

    @property
    def room(self) -> int:
        """How many more projects can be given away before everyone is full."""
        return sum(terms["maximum"] - self.load.get(p, 0) for p, terms in self.free)

    @property
    def edition(self) -> int:
        """What is configured, as a number: another for another configuration. Orders given away do not change it."""
        return edition_of(self.providers)

    def listing(self) -> list[ListedProvider]:
        """Every configured provider with weight, maximum, load, and why it does not take part."""
        return [
            {
                "provider_id": provider,
                "weight": terms["weight"],
                "maximum": terms["maximum"],
                "load": self.load.get(provider, 0),
                "excluded": None if self.load.get(provider, 0) < terms["maximum"] else "full",
            }
            for provider, terms in self.providers.items()
        ]

    def change(self, fact: ProviderConfigurationFact, at: datetime) -> None:
        match fact:
            case facts.ConfigurationOpened():
                self.product_id = fact.product_id
                self.vendor_id = fact.vendor_id
                self.relations = []
                self.providers = {}
                self.load = {}
            case facts.RelationSet(related=True):
                self.relations.append(str(fact.provider_id))
            case facts.RelationSet():
                self.relations.remove(str(fact.provider_id))
            case facts.ProvidersConfigured():
                self.providers = {
                    str(p["provider_id"]): {"weight": p["weight"], "maximum": p["maximum"]} for p in fact.providers
                }
            case facts.ProviderChosen():
                provider = str(fact.provider_id)
                self.load[provider] = self.load.get(provider, 0) + 1
            case facts.ProviderReleased():
                provider = str(fact.provider_id)
                self.load[provider] -= 1
                if not self.load[provider]:
                    del self.load[provider]
            case _:
                assert_never(fact)
