"""配置服务商, read: who serves a product, and who could."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller
from delivery_shared.pinyin import sort_key

from dispatch_svc.domain.configuration import ListedProvider, ProviderConfiguration, edition_of
from dispatch_svc.domain.errors import NotVisible
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.pages import read_model
from dispatch_svc.store import DispatchStore


class ProviderPages:
    """The providers of products."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store

    def configuration(self, *, by: Caller, product_id: UUID) -> dict[str, Any]:
        """The configured providers with weight, maximum and load, by name. :raises NotVisible: not the caller's
        product."""
        self.product(product_id, by)
        found = self._found(product_id)
        return {
            "product_id": product_id,
            "version": found.edition if found else edition_of({}),
            "providers": self._named(found.listing() if found else []),
        }

    def candidates(self, *, by: Caller, product_id: UUID) -> list[dict[str, Any]]:
        """Who may be configured, by name: the vendor itself and the related providers, each as configured now, or with
        the defaults (P-17, P-20, P-24), and in which roles its people are all full or do not receive.
        :raises NotVisible: not the caller's product."""
        product = self.product(product_id, by)
        found = self._found(product_id)
        ids = found.candidates if found else [str(product["vendor_id"])]
        configured = {row["provider_id"]: row for row in found.listing()} if found else {}
        listed = [read_model.candidate(provider, configured.get(provider), found) for provider in ids]
        full = {provider: self._full_roles(UUID(provider)) for provider in ids}
        with self.store.connection() as connection:
            names = read_model.role_names(connection, {role for roles in full.values() for role in roles})
        return self._named(
            [{**row, "full_roles": [names.get(role, role) for role in full[row["provider_id"]]]} for row in listed]
        )

    def related(self, *, product_id: UUID, provider_id: UUID) -> bool:
        """Whether the operator keeps this relation."""
        found = self._found(product_id)
        return bool(found and str(provider_id) in found.relations)

    def product(self, product_id: UUID, by: Caller) -> dict[str, Any]:
        """A product of the caller's party. :raises NotVisible: there is none."""
        with self.store.connection() as connection:
            product = read_model.product(connection, product_id)
        if product is None or not (by.is_a("platform_operator") or product["vendor_id"] == by.party_id):
            raise NotVisible
        return product

    def _found(self, product_id: UUID) -> ProviderConfiguration | None:
        return self.store.pool(ProviderConfiguration, PoolKey.of_product(product_id))

    def _full_roles(self, provider_id: UUID) -> list[str]:
        """Of those that nodes of providers can be for."""
        pool = self.store.pool(ProviderPool, PoolKey.of_provider(provider_id))
        return [role for role in pool.full_roles() if not role.startswith("vendor_")] if pool else []

    def _named(self, listed: Sequence[ListedProvider] | Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.store.connection() as connection:
            names = read_model.names(connection, "party", [row["provider_id"] for row in listed])
        named = [{**row, "name": names.get(row["provider_id"])} for row in listed]
        return sorted(named, key=lambda row: (sort_key(row["name"] or ""), row["provider_id"]))
