"""配置服务商: who may serve a product, with weight and maximum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from dispatch_svc import read_model
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.domain import NotAProvider, NotVisible, pool_stream, product_pool
from dispatch_svc.inbox import Inbox, PoolStore


class Provider(NamedTuple):
    """A row of 配置服务商."""

    provider_id: UUID
    weight: int
    maximum: int


class ProviderSettings(PoolStore):
    """Saves a product's configuration and its relations, and wakes its pool."""

    def configure_providers(
        self, *, command: Command, by: Caller, product_id: UUID, providers: Sequence[Provider]
    ) -> Outcome:
        """Save the whole configuration of a product of the caller's party (P-18…P-28).

        :raises NotVisible: not a product of the caller.
        :raises OutOfRange, NotRelated, ConfiguredTwice: see :meth:`ProviderConfiguration.configure`.
        """
        product = self._product(product_id, by)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            configuration = self._configuration(unit, product_id, product["vendor_id"])
            if configuration.configure(providers=providers, at=self.clock.now()):
                Inbox.of(unit).wake(product_pool(product_id))
            return 200, {
                "product_id": str(product_id),
                "providers": [
                    {"provider_id": str(p.provider_id), "weight": p.weight, "maximum": p.maximum} for p in providers
                ],
            }

        return execute(self, command, decide)

    def set_relation(self, *, command: Command, product_id: UUID, provider_id: UUID, related: bool) -> Outcome:
        """Let a provider serve a product, or no longer (P-15). :raises NotVisible: no such product or relation.
        :raises NotAProvider: no marketplace ISV."""
        with self.connection() as connection:
            product = read_model.product(connection, product_id)
            party = read_model.party(connection, provider_id)
        if product is None:
            raise NotVisible
        if related and (party is None or party["kind"] != "isv"):
            raise NotAProvider

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            configuration = self._configuration(unit, product_id, product["vendor_id"])
            if configuration.relate(provider_id=provider_id, related=related, at=self.clock.now()):
                Inbox.of(unit).wake(product_pool(product_id))
            if not related:
                return 204, {}
            return 200, {"product_id": str(product_id), "provider_id": str(provider_id)}

        return execute(self, command, decide)

    def configuration(self, *, by: Caller, product_id: UUID) -> dict[str, Any]:
        """The configured providers with weight, maximum and load. :raises NotVisible: not the caller's product."""
        self._product(product_id, by)
        return {"product_id": product_id, "providers": self._named(self._listing(product_id))}

    def provider_candidates(self, *, by: Caller, product_id: UUID) -> list[dict[str, Any]]:
        """Who may be configured: the vendor itself and the related providers, each as configured now, or with the
        defaults (P-17, P-20, P-24). :raises NotVisible: not the caller's product."""
        product = self._product(product_id, by)
        found = self.pool(ProviderConfiguration, product_pool(product_id))
        ids = found.candidates() if found else [str(product["vendor_id"])]
        configured = {row["provider_id"]: row for row in found.listing()} if found else {}
        return self._named([read_model.candidate(provider, configured.get(provider), found) for provider in ids])

    def related(self, *, product_id: UUID, provider_id: UUID) -> bool:
        """Whether the operator keeps this relation."""
        found = self.pool(ProviderConfiguration, product_pool(product_id))
        return bool(found and str(provider_id) in found.relations)

    def _product(self, product_id: UUID, by: Caller) -> dict[str, Any]:
        with self.connection() as connection:
            product = read_model.product(connection, product_id)
        if product is None or not (by.is_a("platform_operator") or product["vendor_id"] == by.party_id):
            raise NotVisible
        return product

    def _configuration(self, unit: UnitOfWork, product_id: UUID, vendor_id: UUID) -> ProviderConfiguration:
        found = unit.get(ProviderConfiguration, pool_stream(product_pool(product_id)))
        if found is None:
            found = ProviderConfiguration(product_id=product_id, vendor_id=vendor_id, timestamp=self.clock.now())
            unit.add(found)
        return found

    def _listing(self, product_id: UUID) -> list[dict[str, Any]]:
        found = self.pool(ProviderConfiguration, product_pool(product_id))
        return found.listing() if found else []

    def _named(self, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.connection() as connection:
            names = read_model.names(connection, "party", [row["provider_id"] for row in listed])
        return [{**row, "name": names.get(row["provider_id"])} for row in listed]
