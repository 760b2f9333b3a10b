"""分单结果: why this provider, why this person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from delivery_shared.http import Caller

from dispatch_svc.domain.configuration import ListedProvider, ProviderConfiguration
from dispatch_svc.domain.errors import NotVisible
from dispatch_svc.domain.facts import PersonChosen, ProviderChosen
from dispatch_svc.domain.keys import StaffClass
from dispatch_svc.domain.pool import ListedMember, ProviderPool
from dispatch_svc.pages import read_model
from dispatch_svc.store import DispatchStore


class DecisionPages:
    """How asks were decided: the fact, and all candidates as they stood before it, got by replaying the pool. The
    vendor sees providers of its products, the provider admin its own staff, the operator all."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store

    def of_request(self, *, by: Caller, request_id: UUID) -> list[dict[str, Any]]:
        """How the asks of a request were decided. :raises NotVisible: nothing decided that the caller may see."""
        return self._explain(by, self.decided(request_id))

    def of_project(self, *, by: Caller, project_id: UUID) -> list[dict[str, Any]]:
        """Everybody a project was ever given. :raises NotVisible: as for :meth:`of_request`."""
        with self.store.connection() as connection:
            decisions = read_model.decisions_of(connection, project_id)
        return self._explain(by, decisions)

    def decided(self, request_id: UUID) -> list[read_model.Decision]:
        """The decisions of a request, in order, not explained."""
        with self.store.connection() as connection:
            return read_model.decisions(connection, request_id)

    def _explain(self, by: Caller, decisions: list[read_model.Decision]) -> list[dict[str, Any]]:
        decisions = [decision for decision in decisions if explainable(decision, by)]
        if not decisions:
            raise NotVisible
        explained = [self._explained(decision) for decision in decisions]
        with self.store.connection() as connection:
            read_model.name_candidates(connection, explained)
        return explained

    def _explained(self, decision: read_model.Decision) -> dict[str, Any]:
        stream, version = decision["stream"], decision["version"]
        chosen = self._chosen(stream, version) if decision["outcome"] == "assigned" else None
        pool: object = self.store.repository.get(stream, version=version - 1 if chosen else version)
        return {
            **decision,
            "how": chosen.how if chosen else None,
            "seed": str(chosen.seed) if chosen and chosen.seed is not None else None,
            "tied": chosen.tied if chosen else [],
            "excluded": chosen.excluded if chosen else {},
            "arrival": chosen.arrival if chosen else None,
            "candidates": [
                {**candidate, "id": candidate.get("provider_id") or candidate.get("person_id")}
                for candidate in listed(pool, StaffClass(decision["class"]), _holders(chosen))
            ],
        }

    def _chosen(self, stream: UUID, version: int) -> ProviderChosen | PersonChosen:
        (fact,) = self.store.events.get(stream, gt=version - 1, lte=version)
        assert isinstance(fact, ProviderChosen | PersonChosen)
        return fact


def _holders(chosen: ProviderChosen | PersonChosen | None) -> set[str]:
    """Who, as far as the fact tells, held the project already: if anybody full took part, it was for that (D-28)."""
    if not isinstance(chosen, PersonChosen):
        return set()
    return {*chosen.tied, *(() if chosen.counted else (str(chosen.person_id),))}


def listed(pool: object, cls: StaffClass, holders: Collection[str] = ()) -> list[ListedProvider] | list[ListedMember]:
    """All candidates of a pool for an ask of class ``cls`` of a project held by ``holders``; none of a pool that does
    not exist."""
    match pool:
        case ProviderConfiguration():
            return pool.listing()
        case ProviderPool():
            return pool.listing(cls, holders)
    return []


def explainable(decision: read_model.Decision, by: Caller) -> bool:
    """Whether the caller may see who else was a candidate."""
    if by.is_a("platform_operator"):
        return True
    if decision["level"] == "provider":
        return by.is_a("vendor_admin") and decision["vendor_id"] == by.party_id
    return by.is_a("provider_admin") and decision["provider_id"] == by.party_id
