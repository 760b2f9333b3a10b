"""Deciding again: every choice of a provider or a person ever stored, by the functions that made it, with its seed, on
the state of its moment. It must come out the same."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.facts import folded

from dispatch_svc.domain import drawing, facts, staffing
from dispatch_svc.domain.asks import Asked
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.facts import DispatchFact
from dispatch_svc.domain.keys import StaffClass
from dispatch_svc.domain.pool import Able, ProviderPool

Choice = facts.ProviderChosen | facts.PersonChosen
Pool = ProviderConfiguration | ProviderPool


class DecidingAgain:
    """Folds the facts of all pools, and who holds which project, in the order in which they were stored."""

    def __init__(self) -> None:
        self.same = 0
        self.differing: list[str] = []
        self.unseeded = 0
        """Choices made at random whose seed was not stored: they cannot be made again."""
        self.unknown = 0
        """Choices in pools that do not fold."""
        self.pools: dict[UUID, Pool] = {}
        self._broken: set[UUID] = set()
        self._able: dict[tuple[UUID, str], Able] = {}
        self._provider: dict[UUID, str] = {}
        self._roles: dict[UUID, dict[str, str]] = {}

    @property
    def figure(self) -> str:
        """What came of it, in words."""
        made = self.same + len(self.differing)
        said = f"{self.same} of {made} decisions came out the same"
        if self.unseeded:
            said += f"; {self.unseeded} older ones were stored without their seed and were not made again"
        if self.unknown:
            said += f"; {self.unknown} stand in streams that cannot be read and were not made again"
        return said

    def add(self, fact: DispatchFact) -> None:
        """The next fact. :raises Exception: it does not fit into its pool, which is left alone from here on."""
        match fact:
            case facts.ProviderChosen() | facts.PersonChosen():
                if fact.originator_id in self._broken:
                    self.unknown += 1
                else:
                    self._again(fact)
                self._take(fact)
                self._fold(fact)
            case facts.ProviderAssigned():
                self._provider[fact.originator_id] = str(fact.provider_id)
            case facts.StaffAssigned():
                self._roles.setdefault(fact.originator_id, {})[fact.role] = str(fact.person_id)
            case facts.Restarted():
                self._leave(fact.originator_id)
                if fact.provider_id:
                    self._provider[fact.originator_id] = str(fact.provider_id)
            case facts.Ended():
                self._leave(fact.originator_id)
            case (
                facts.AssignmentOpened()
                | facts.ProviderReserved()
                | facts.ProviderAsked()
                | facts.StaffAsked()
                | facts.Queued()
                | facts.Refused()
                | facts.Suspended()
                | facts.Resumed()
            ):
                pass
            case _:
                self._fold(fact)

    def _leave(self, project: UUID) -> None:
        self._roles.pop(project, None)
        self._provider.pop(project, None)

    def _fold(self, fact: Any) -> None:
        stream = fact.originator_id
        if stream in self._broken:
            return
        if not isinstance(fact, Choice | facts.PersonReleased | facts.ProviderReleased):
            for key in [key for key in self._able if key[0] == stream]:
                del self._able[key]
        try:
            pool = folded(self.pools.get(stream), fact)
            assert isinstance(pool, Pool)
        except Exception:
            self._broken.add(stream)
            raise
        self.pools[stream] = pool

    def _take(self, fact: Choice) -> None:
        """Whoever is chosen holds the project at once: the same save may have made further choices for it, and its
        facts about the project come after all of its facts about the pool."""
        if isinstance(fact, facts.PersonChosen):
            self._roles.setdefault(fact.project_id, {})[StaffClass(fact.cls).role] = str(fact.person_id)

    def _again(self, fact: Choice) -> None:
        if fact.seed is None and fact.how in ("draw", "assign"):
            self.unseeded += 1
            return
        try:
            made = self._made(fact)
        except Exception as error:
            made = f"{type(error).__name__}: {error}"
        if made == fact:
            self.same += 1
            return
        now = made if isinstance(made, str) else _chosen(made)
        self.differing.append(
            f"dispatch: decision {fact.originator_version} of pool {fact.originator_id}, request {fact.request_id},"
            f" chose {_chosen(fact)}; decided again it is {now if now != _chosen(fact) else 'told otherwise'}"
        )

    def _made(self, fact: Choice) -> Choice | str:
        pool = self.pools[fact.originator_id]
        asked = Asked(
            request_id=fact.request_id,
            project_id=fact.project_id,
            run=fact.run,
            arrival=fact.arrival,
            attempts=fact.attempts,
        )
        if isinstance(fact, facts.ProviderChosen):
            assert isinstance(pool, ProviderConfiguration)
            if fact.seed is not None:
                return drawing.drawn(pool, asked, seed=fact.seed)
            present = self._provider.get(fact.project_id)
            return drawing.taken(pool, asked, wanted=fact.provider_id, present=present)
        assert isinstance(pool, ProviderPool)
        cls = StaffClass(fact.cls)
        roles = self._roles.get(fact.project_id, {})
        holders = set(roles.values())
        if fact.seed is not None:
            return staffing.least(self._able_of(pool, cls), asked, cls=cls, holders=holders, seed=fact.seed)
        return staffing.taken(
            pool,
            asked,
            how=fact.how,
            wanted=fact.person_id,
            role=cls.role,
            holders=holders,
            present=roles.get(cls.role),
        )

    def _able_of(self, pool: ProviderPool, cls: StaffClass) -> Able:
        """Kept until something but loads changes, as in a pass."""
        key = (pool.id, str(cls))
        if key not in self._able:
            self._able[key] = pool.able(cls)
        return self._able[key]


def _chosen(fact: Choice) -> str:
    return str(fact.provider_id if isinstance(fact, facts.ProviderChosen) else fact.person_id)
