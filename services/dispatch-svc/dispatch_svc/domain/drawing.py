"""Which provider gets a project: a draw by weight (D-03), or the one wanted (R-42)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain import facts
from dispatch_svc.domain.asks import Asked
from dispatch_svc.domain.choice import TIED_KEPT, draw
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.errors import NotHeld


def choose(configuration: ProviderConfiguration, asked: Asked, *, seed: int, at: datetime) -> facts.ProviderChosen:
    """Draw a provider for an ask (D-02…D-05). :raises ValueError: nobody takes part."""
    chosen = drawn(configuration, asked, seed=seed)
    configuration.tell(chosen, at=at)
    return chosen


def drawn(configuration: ProviderConfiguration, asked: Asked, *, seed: int) -> facts.ProviderChosen:
    """What :func:`choose` tells; always the same for the same configuration, ask and seed."""
    free = [(provider, terms["weight"]) for provider, terms in configuration.free]
    full = len(configuration.providers) - len(free)
    return facts.ProviderChosen(
        request_id=asked.request_id,
        project_id=asked.project_id,
        run=asked.run,
        arrival=asked.arrival,
        attempts=asked.attempts,
        how="draw",
        provider_id=UUID(draw(free, seed)),
        seed=seed,
        tied=[provider for provider, _ in free[:TIED_KEPT]],
        excluded={"full": full} if full else {},
    )


def take(
    configuration: ProviderConfiguration, asked: Asked, *, wanted: UUID, present: str | None, at: datetime
) -> facts.ProviderChosen | str:
    """Give a project to the provider that is wanted (R-42), or return why not.

    :param present: the provider the project has now.
    """
    chosen = taken(configuration, asked, wanted=wanted, present=present)
    if not isinstance(chosen, str):
        configuration.tell(chosen, at=at)
    return chosen


def taken(
    configuration: ProviderConfiguration, asked: Asked, *, wanted: UUID, present: str | None
) -> facts.ProviderChosen | str:
    """What :func:`take` tells, or why not."""
    terms = configuration.providers.get(str(wanted))
    if str(wanted) == present:
        return "same_provider"
    if terms is None:
        return "provider_not_configured"
    if configuration.load.get(str(wanted), 0) >= terms["maximum"]:
        return "provider_full"
    return facts.ProviderChosen(
        request_id=asked.request_id,
        project_id=asked.project_id,
        run=asked.run,
        arrival=asked.arrival,
        attempts=asked.attempts,
        how="wanted",
        provider_id=wanted,
        seed=None,
        tied=[],
        excluded={},
    )


def release(configuration: ProviderConfiguration, *, provider_id: UUID, project_id: UUID, at: datetime) -> None:
    """A project of the provider ended, was cancelled or went to another. :raises NotHeld: it holds none."""
    if configuration.load.get(str(provider_id), 0) < 1:
        raise NotHeld(f"provider {provider_id} holds nothing of product {configuration.product_id}")
    configuration.tell(facts.ProviderReleased(provider_id=provider_id, project_id=project_id), at=at)
