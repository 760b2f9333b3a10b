"""配置服务商: the providers of one product, with weight, maximum and the count of orders they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate, event

from dispatch_svc.choice import TIED_KEPT, draw, provider_reason
from dispatch_svc.domain import (
    PROVIDER_MAXIMA,
    WEIGHTS,
    ConfiguredTwice,
    NotHeld,
    NotRelated,
    in_range,
    pool_stream,
    product_pool,
)


class ProviderConfiguration(Aggregate):
    """Pool ``product:<id>``. Counts are per product and provider (D-11, P-31); a provider taken out of the
    configuration keeps what it holds (P-27), so ``load`` may name providers that ``providers`` does not."""

    @staticmethod
    def create_id(product_id: UUID) -> UUID:
        return pool_stream(product_pool(product_id))

    @event("Opened")
    def __init__(self, *, product_id: UUID, vendor_id: UUID, timestamp: datetime) -> None:
        self.product_id = product_id
        self.vendor_id = vendor_id
        self.relations: list[str] = []
        self.providers: dict[str, dict[str, int]] = {}
        self.load: dict[str, int] = {}

    # Settings

    def candidates(self) -> list[str]:
        """Who may be configured: the vendor itself, always (P-17, G-09), and the related providers (P-15)."""
        vendor = str(self.vendor_id)
        return [vendor, *(provider for provider in self.relations if provider != vendor)]

    def relate(self, *, provider_id: UUID, related: bool, at: datetime) -> bool:
        """Set or end the relation of a provider; returns whether anything changed. A provider without relation
        leaves the configuration (G-06) and keeps its projects (P-27)."""
        provider = str(provider_id)
        if related == (provider in self.relations):
            return False
        self._related(product_id=self.product_id, provider_id=provider_id, related=related, timestamp=at)
        if not related and provider in self.providers and provider not in self.candidates():
            left = [{"provider_id": UUID(p), **v} for p, v in self.providers.items() if p != provider]
            self._configured(product_id=self.product_id, providers=left, timestamp=at)
        return True

    def configure(self, *, providers: Sequence[tuple[UUID, int, int]], at: datetime) -> bool:
        """Save ``(provider, weight, maximum)`` as the whole configuration; returns whether anything changed.

        :raises OutOfRange: weight outside 1–100, maximum outside 0–2000 (P-22, P-23).
        :raises NotRelated: a provider that is no candidate.
        :raises ConfiguredTwice: the same provider again.
        """
        allowed = self.candidates()
        wanted: dict[str, dict[str, int]] = {}
        for provider_id, weight, maximum in providers:
            in_range("weight", weight, WEIGHTS)
            in_range("maximum", maximum, PROVIDER_MAXIMA)
            if str(provider_id) in wanted:
                raise ConfiguredTwice(str(provider_id))
            wanted[str(provider_id)] = {"weight": weight, "maximum": maximum}
        if strangers := [provider for provider in wanted if provider not in allowed]:
            raise NotRelated(strangers)
        if list(wanted.items()) == list(self.providers.items()):
            return False
        saved = [{"provider_id": UUID(p), **v} for p, v in wanted.items()]
        self._configured(product_id=self.product_id, providers=saved, timestamp=at)
        return True

    # Decisions

    def blocked(self) -> str | None:
        """The queue reason if no provider can be chosen now, else None."""
        return provider_reason(configured=len(self.providers), free=len(self._free()))

    def room(self) -> int:
        """How many more projects can be given away before everyone is full."""
        return sum(v["maximum"] - self.load.get(p, 0) for p, v in self._free())

    def listing(self) -> list[dict[str, Any]]:
        """Every configured provider with weight, maximum, load, and why it does not take part (``excluded``)."""
        return [
            {
                "provider_id": provider,
                **settings,
                "load": self.load.get(provider, 0),
                "excluded": None if self.load.get(provider, 0) < settings["maximum"] else "full",
            }
            for provider, settings in self.providers.items()
        ]

    def choose(
        self,
        *,
        request_id: UUID,
        project_id: UUID,
        run: int,
        arrival: int,
        attempts: int,
        seed: int,
        at: datetime,
    ) -> UUID:
        """Draw a provider for an ask (D-02…D-05). :raises ValueError: nobody takes part (see :meth:`blocked`)."""
        free = [(p, v["weight"]) for p, v in self._free()]
        provider = UUID(draw(free, seed))
        full = len(self.providers) - len(free)
        self._chosen(
            request_id=request_id,
            project_id=project_id,
            run=run,
            arrival=arrival,
            attempts=attempts,
            how="draw",
            provider_id=provider,
            seed=seed,
            tied=[p for p, _ in free[:TIED_KEPT]],
            excluded={"full": full} if full else {},
            timestamp=at,
        )
        return provider

    def take(
        self,
        *,
        request_id: UUID,
        project_id: UUID,
        run: int,
        arrival: int,
        attempts: int,
        wanted: UUID,
        present: str | None,
        at: datetime,
    ) -> str | None:
        """Give a project to the provider that is wanted (R-42); returns why not, or None when it is done.

        :param present: the provider the project has now.
        """
        settings = self.providers.get(str(wanted))
        if str(wanted) == present:
            return "same_provider"
        if settings is None:
            return "provider_not_configured"
        if self.load.get(str(wanted), 0) >= settings["maximum"]:
            return "provider_full"
        self._chosen(
            request_id=request_id,
            project_id=project_id,
            run=run,
            arrival=arrival,
            attempts=attempts,
            how="wanted",
            provider_id=wanted,
            seed=None,
            tied=[],
            excluded={},
            timestamp=at,
        )
        return None

    def release(self, *, provider_id: UUID, project_id: UUID, at: datetime) -> None:
        """A project of the provider ended, was cancelled or went to another. :raises NotHeld: it holds none."""
        if self.load.get(str(provider_id), 0) < 1:
            raise NotHeld(f"provider {provider_id} holds nothing of product {self.product_id}")
        self._released(provider_id=provider_id, project_id=project_id, timestamp=at)

    def _free(self) -> list[tuple[str, dict[str, int]]]:
        load = self.load
        return [(p, v) for p, v in self.providers.items() if load.get(p, 0) < v["maximum"]]

    # Events

    @event("RelationSet")
    def _related(self, *, product_id: UUID, provider_id: UUID, related: bool, timestamp: datetime) -> None:
        if related:
            self.relations.append(str(provider_id))
        else:
            self.relations.remove(str(provider_id))

    @event("ProvidersConfigured")
    def _configured(self, *, product_id: UUID, providers: list[dict[str, Any]], timestamp: datetime) -> None:
        self.providers = {str(p["provider_id"]): {"weight": p["weight"], "maximum": p["maximum"]} for p in providers}

    @event("ProviderChosen")
    def _chosen(
        self,
        *,
        request_id: UUID,
        project_id: UUID,
        run: int,
        arrival: int,
        attempts: int,
        how: str,
        provider_id: UUID,
        seed: int | None,
        tied: list[str],
        excluded: dict[str, int],
        timestamp: datetime,
    ) -> None:
        provider = str(provider_id)
        self.load[provider] = self.load.get(provider, 0) + 1

    @event("ProviderReleased")
    def _released(self, *, provider_id: UUID, project_id: UUID, timestamp: datetime) -> None:
        provider = str(provider_id)
        self.load[provider] -= 1
        if not self.load[provider]:
            del self.load[provider]
