"""What the stored facts add up to, folded anew and beside the aggregates: loads, holders, open asks, and every fact
that contradicts what must always be true."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import assert_never
from uuid import UUID

from dispatch_svc.domain import facts
from dispatch_svc.domain.facts import AssignmentFact, DispatchFact
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.inbox_sql import BEHIND


@dataclass
class Recount:
    """Everything told by the events, folded anew. Loads are counted by ``(pool stream, holder)``."""

    violations: list[str] = field(default_factory=list)
    maxima: dict[tuple[UUID, str], int] = field(default_factory=dict)
    load: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    holding: Counter[tuple[UUID, str, UUID]] = field(default_factory=Counter)
    """How often a person of a pool is counted for a project."""
    product: dict[UUID, UUID] = field(default_factory=dict)
    provider: dict[UUID, UUID] = field(default_factory=dict)
    reserved: dict[UUID, UUID] = field(default_factory=dict)
    roles: dict[UUID, dict[str, tuple[UUID, UUID]]] = field(default_factory=lambda: defaultdict(dict))
    opened: set[str] = field(default_factory=set)
    waiting: dict[str, UUID] = field(default_factory=dict)
    paused: set[UUID] = field(default_factory=set)
    held_back: set[UUID] = field(default_factory=set)
    """Held by the marketplace, whatever people do."""
    ever_suspended: set[UUID] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)
    reserving: dict[UUID, tuple[UUID, list[str]]] = field(default_factory=dict)
    last: dict[tuple[UUID, str, bool], int] = field(default_factory=dict)
    pools: set[UUID] = field(default_factory=set)

    def add(self, fact: DispatchFact) -> None:
        """Fold one fact."""
        match fact:
            case facts.ConfigurationOpened() | facts.PoolOpened():
                self.pools.add(fact.originator_id)
            case facts.ProvidersConfigured():
                for key in [key for key in self.maxima if key[0] == fact.originator_id]:
                    del self.maxima[key]
                for provider in fact.providers:
                    self.maxima[(fact.originator_id, str(provider["provider_id"]))] = provider["maximum"]
            case facts.ProviderChosen():
                self._take(fact, str(fact.provider_id), counted=True, limited=True)
                if fact.how == "draw":
                    self._in_order(fact, "")
            case facts.ProviderReleased():
                self._give_back(fact, str(fact.provider_id))
            case facts.MemberJoined() | facts.MemberSet():
                self.maxima[(fact.originator_id, str(fact.person_id))] = fact.maximum
            case facts.MemberClosed():
                self.maxima.pop((fact.originator_id, str(fact.person_id)), None)
            case facts.PersonChosen():
                self._take(
                    fact, str(fact.person_id), counted=fact.counted, limited=fact.counted and fact.how != "claim"
                )
                self._hold(fact)
                if fact.how == "assign" and fact.counted:
                    self._in_order(fact, fact.cls)
            case facts.PersonReleased():
                self._give_back(fact, str(fact.person_id))
                self.holding[(fact.originator_id, str(fact.person_id), fact.project_id)] -= 1
            case (
                facts.RelationSet()
                | facts.DepartmentPlaced()
                | facts.DepartmentRemoved()
                | facts.MemberMoved()
                | facts.MemberCloseRefused()
            ):
                pass
            case _:
                self._assignment(fact)

    # Pools

    def _take(
        self, fact: facts.ProviderChosen | facts.PersonChosen, holder: str, *, counted: bool, limited: bool
    ) -> None:
        key = (fact.originator_id, holder)
        maximum = self.maxima.get(key)
        if limited and (maximum is None or self.load[key] >= maximum):
            self.violations.append(
                f"{holder} was chosen for request {fact.request_id} holding {self.load[key]} of {maximum}"
            )
        self.load[key] += counted

    def _hold(self, fact: facts.PersonChosen) -> None:
        """Whoever is not counted must be counted for the project already (D-28)."""
        key = (fact.originator_id, str(fact.person_id), fact.project_id)
        if fact.counted:
            self.holding[key] += 1
        elif self.holding[key] < 1:
            self.violations.append(
                f"{fact.person_id} was not counted for request {fact.request_id} without holding its project"
            )

    def _give_back(self, fact: facts.ProviderReleased | facts.PersonReleased, holder: str) -> None:
        key = (fact.originator_id, holder)
        self.load[key] -= 1
        if self.load[key] < 0:
            self.violations.append(f"{holder} gave back project {fact.project_id} it did not hold")

    def _in_order(self, fact: facts.ProviderChosen | facts.PersonChosen, cls: str) -> None:
        """Arrival order per class, of test orders among themselves: paid ones that come later go before them. An ask
        that rested or failed meanwhile may come late, and one that somebody who holds its project could take is not
        looked at: it took no other's place."""
        key = (fact.originator_id, cls, fact.arrival >= BEHIND)
        if fact.arrival < self.last.get(key, 0) and not fact.attempts and fact.project_id not in self.ever_suspended:
            self.violations.append(
                f"request {fact.request_id}, arrival {fact.arrival}, was served after arrival {self.last[key]}"
            )
        self.last[key] = max(fact.arrival, self.last.get(key, 0))

    # Assignments

    def _assignment(self, fact: AssignmentFact) -> None:
        project = fact.originator_id
        match fact:
            case facts.AssignmentOpened() | facts.Queued():
                pass
            case facts.ProviderAsked() | facts.StaffAsked():
                self.product[project] = fact.product_id
                self._open(project, str(fact.request_id))
            case facts.ProviderAssigned():
                self._close(fact.ask, "assigned")
                self.provider[project] = fact.provider_id
                self._open_implicit(project, fact.request_id, fact.implicit_roles)
            case facts.ProviderReserved():
                self._close(fact.ask, "assigned")
                self.reserved[project] = fact.provider_id
                self.reserving[project] = (fact.request_id, fact.implicit_roles)
            case facts.StaffAssigned():
                self._close(fact.ask, "assigned")
                self.roles[project][fact.role] = (fact.provider_id, fact.person_id)
            case facts.Refused():
                self._close(fact.ask, "refused")
            case facts.Restarted():
                self._restart(project, fact)
            case facts.Suspended():
                (self.held_back if fact.hold else self.paused).add(project)
                self.ever_suspended.add(project)
            case facts.Resumed():
                (self.held_back if fact.hold else self.paused).discard(project)
            case facts.Ended():
                self._withdraw(fact.withdrawn)
                for held in (self.roles, self.provider, self.reserved, self.reserving):
                    held.pop(project, None)
                self.paused.discard(project)
                self.held_back.discard(project)
            case _:
                assert_never(fact)

    def _restart(self, project: UUID, fact: facts.Restarted) -> None:
        self._withdraw(fact.withdrawn)
        self.roles.pop(project, None)
        self.reserved.pop(project, None)
        self.paused.discard(project)
        reserving = self.reserving.pop(project, None)
        self.provider.pop(project, None)
        if fact.provider_id:
            self.provider[project] = fact.provider_id
            if reserving:
                self._open_implicit(project, *reserving)

    def _open(self, project: UUID, ask: str) -> None:
        if ask in self.opened:
            self.violations.append(f"request {ask} was accepted twice")
        self.opened.add(ask)
        self.waiting[ask] = project

    def _open_implicit(self, project: UUID, request_id: UUID, roles: list[str]) -> None:
        for role in roles:
            self._open(project, f"{request_id}/{role}")

    def _close(self, ask: str, how: str) -> None:
        if self.waiting.pop(ask, None) is None:
            self.violations.append(f"request {ask} was {how} though it was not open")
        self.ended[how] += 1

    def _withdraw(self, asks: list[str]) -> None:
        for ask in asks:
            self._close(ask, "ended")

    def holders(self, project: UUID) -> set[str]:
        """Who holds a role of the project."""
        return {str(person) for _, person in self.roles[project].values()} if project in self.roles else set()

    @property
    def suspended(self) -> set[UUID]:
        """The projects whose asks rest."""
        return self.paused | self.held_back

    def held(self) -> Counter[tuple[UUID, str]]:
        """What the loads should be by what projects hold: one per provider, one per person and project."""
        expected: Counter[tuple[UUID, str]] = Counter()
        for holding in (self.provider, self.reserved):
            for project, provider in holding.items():
                if project in self.product:  # else its ask could not be read
                    expected[(PoolKey.of_product(self.product[project]).stream, str(provider))] += 1
        for roles in self.roles.values():
            for provider, person in set(roles.values()):
                expected[(PoolKey.of_provider(provider).stream, str(person))] += 1
        return expected
