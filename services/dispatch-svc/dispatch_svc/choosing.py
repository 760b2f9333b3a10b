"""Where the rows of one pool are decided: pool and assignments in memory, the dispatcher does the rest.

A choosing applies releases, claims and wanted candidates, and places asks. It takes seeds and time as arguments and
gathers what follows: releases and asks for the inbox, and which fact decided which ask.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.tracing import Trace

from dispatch_svc.domain import asking, drawing, facts, staffing
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.errors import NotAsked
from dispatch_svc.domain.keys import StaffClass
from dispatch_svc.domain.pool import Able, ProviderPool
from dispatch_svc.inbox import Inbox
from dispatch_svc.inbox_sql import InboxRow

Seed = Callable[[], int]


Decided = TypedDict(
    "Decided",
    {
        "ask": str,
        "request_id": str,
        "level": str,
        "outcome": str,
        "pool": str,
        "stream": str,
        "version": int,
        "class": str,
        "project_id": str,
        "vendor_id": str,
        "provider_id": str | None,
        "person_id": str | None,
        "role": str | None,
        "reason": str | None,
        "decided_at": str,
    },
)
"""A row of ``decision``: which fact of which pool decided an ask."""


class Choosing(ABC):
    """What a dispatcher does with the rows of a pool."""

    level: str
    pool: ProviderConfiguration | ProviderPool

    def __init__(self, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        self.unit = unit
        self.inbox = inbox
        self.seed = seed
        self.decisions: list[Decided] = []
        self.moved: dict[UUID, Assignment] = {}
        """Projects whose holders have changed."""
        self.answered: set[str] = set()
        """Asks that waited and were answered by another: their rows are gone with the save."""
        self.freed = False
        """Whether somebody's place was given back by an assignment: asks told to wait before could have it."""

    @abstractmethod
    def blocked(self, cls: StaffClass) -> str | None:
        """The queue reason of the class if nobody can be found for it now."""

    @abstractmethod
    def held(self, row: InboxRow) -> bool:
        """Whether somebody who holds its project can take the ask, even where its class is blocked (D-28)."""

    @abstractmethod
    def holding(self, cls: StaffClass) -> list[str]:
        """Who can take asks of a class that is blocked, if they hold its project."""

    @abstractmethod
    def room(self, cls: StaffClass) -> int:
        """How many more projects its candidates can take."""

    @abstractmethod
    def place(self, row: InboxRow, at: datetime) -> None:
        """Give an ask that need not wait to a candidate."""

    @abstractmethod
    def apply(self, row: InboxRow, at: datetime) -> None:
        """Carry out a release, claim or wanted candidate."""

    def queue(self, reason: str, row: InboxRow, at: datetime) -> None:
        """Tell an ask why it waits."""
        assignment = self.assignment(row)
        asking.queue(assignment, row.ask, reason=reason, queued_at=row.queued_at, at=at)
        stamp(row.trace, assignment)

    def assignment(self, row: InboxRow) -> Assignment:
        """Of the row's project. :raises NotAsked: there is none."""
        assignment = self.unit.get(Assignment, row.project_id)
        if assignment is None:
            raise NotAsked(f"project {row.project_id} is unknown")
        return assignment

    def _refuse(self, row: InboxRow, assignment: Assignment, reason: str, at: datetime) -> None:
        asking.refuse(assignment, row.ask, reason=reason, at=at)
        stamp(row.trace, assignment)
        self._decided(row, at, provider_id=row.provider_id, person_id=row.person_id, reason=reason)

    def _decided(
        self,
        row: InboxRow,
        at: datetime,
        *,
        provider_id: UUID | None,
        person_id: UUID | None,
        reason: str | None = None,
    ) -> None:
        self.decisions.append(
            {
                "ask": row.ask,
                "request_id": str(row.request_id),
                "level": self.level,
                "outcome": "refused" if reason else "assigned",
                "pool": row.pool,
                "stream": str(self.pool.id),
                "version": self.pool.version,
                "class": row.cls,
                "project_id": str(row.project_id),
                "vendor_id": str(row.vendor_id),
                "provider_id": str(provider_id) if provider_id else None,
                "person_id": str(person_id) if person_id else None,
                "role": row.role,
                "reason": reason,
                "decided_at": at.isoformat(),
            }
        )


class ChoosingProviders(Choosing):
    """Chooses providers of one product."""

    level = "provider"

    def __init__(self, pool: ProviderConfiguration, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        super().__init__(unit, inbox, seed)
        self.pool: ProviderConfiguration = pool

    def blocked(self, cls: StaffClass) -> str | None:
        return self.pool.blocked

    def held(self, row: InboxRow) -> bool:
        return False

    def holding(self, cls: StaffClass) -> list[str]:
        return []

    def room(self, cls: StaffClass) -> int:
        return self.pool.room

    def place(self, row: InboxRow, at: datetime) -> None:
        assignment = self.assignment(row)
        self._assign(row, assignment, drawing.choose(self.pool, row.asked, seed=self.seed(), at=at), at)

    def apply(self, row: InboxRow, at: datetime) -> None:
        assert row.provider_id is not None
        if row.kind == "release":
            drawing.release(self.pool, provider_id=row.provider_id, project_id=row.project_id, at=at)
            stamp(row.trace, self.pool)
            return
        assignment = self.assignment(row)
        taken = drawing.take(self.pool, row.asked, wanted=row.provider_id, present=assignment.provider_id, at=at)
        if isinstance(taken, str):
            self._refuse(row, assignment, taken, at)
        else:
            self._assign(row, assignment, taken, at)

    def _assign(self, row: InboxRow, assignment: Assignment, chosen: facts.ProviderChosen, at: datetime) -> None:
        self._decided(row, at, provider_id=chosen.provider_id, person_id=None)
        follow, freed = asking.assign_provider(
            assignment, row.ask, provider_id=chosen.provider_id, decision=decision_of(chosen), at=at
        )
        self.freed |= bool(freed.providers)
        for _, former_id in freed.providers:
            drawing.release(self.pool, provider_id=former_id, project_id=row.project_id, at=at)
        stamp(row.trace, self.pool, assignment)
        self.inbox.follow(assignment, follow, at)


class ChoosingStaff(Choosing):
    """Chooses people of one provider."""

    level = "staff"

    def __init__(self, pool: ProviderPool, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        super().__init__(unit, inbox, seed)
        self.pool: ProviderPool = pool
        self._able: dict[StaffClass, Able] = {}

    def blocked(self, cls: StaffClass) -> str | None:
        return self.able(cls).blocked()

    def held(self, row: InboxRow) -> bool:
        return not self.assignment(row).holders.isdisjoint(self.able(row.cls).members)

    def holding(self, cls: StaffClass) -> list[str]:
        return list(self.able(cls).members)

    def room(self, cls: StaffClass) -> int:
        return self.able(cls).room

    def able(self, cls: StaffClass) -> Able:
        """Who could serve the class but for their load."""
        found = self._able.get(cls)
        if found is None:
            found = self._able[cls] = self.pool.able(cls)
        return found

    def place(self, row: InboxRow, at: datetime) -> None:
        assignment = self.assignment(row)
        chosen = staffing.choose(
            self.pool,
            self.able(row.cls),
            row.asked,
            cls=row.cls,
            holders=assignment.holders,
            seed=self.seed(),
            at=at,
        )
        self._assign(row, assignment, chosen, None, at)

    def apply(self, row: InboxRow, at: datetime) -> None:
        assert row.person_id is not None
        if row.kind == "release":
            staffing.release(self.pool, person_id=row.person_id, project_id=row.project_id, at=at)
            stamp(row.trace, self.pool)
            return
        assert row.role is not None
        assignment = self.assignment(row)
        waiting = asking.waiting_for(assignment, row.ask) if row.kind == "wanted" else []
        taken = staffing.take(
            self.pool,
            row.asked,
            how="claim" if row.kind == "claim" else "replace",
            wanted=row.person_id,
            role=row.role,
            holders=assignment.holders,
            present=None if waiting else assignment.holder(row.role),
            at=at,
        )
        if isinstance(taken, str):
            self._refuse(row, assignment, taken, at)
            return
        department = self.pool.member(row.person_id)["department"]
        department_id = UUID(department) if department and row.kind == "claim" else None
        self._assign(row, assignment, taken, department_id, at)
        for ask in waiting:
            self._answer_as_well(row, assignment, ask, row.person_id, at)

    def _answer_as_well(self, row: InboxRow, assignment: Assignment, ask: str, person_id: UUID, at: datetime) -> None:
        """An ask that waited for whoever is found has the person that was wanted."""
        waited = replace(row, ask=ask, request_id=assignment.open_ask(ask).request_id)
        self._decided(waited, at, provider_id=row.provider_id, person_id=person_id)
        asking.assign_person(assignment, ask, person_id=person_id, department_id=None, at=at)
        self.answered.add(ask)
        self.inbox.answered(ask)
        stamp(row.trace, assignment)

    def _assign(
        self,
        row: InboxRow,
        assignment: Assignment,
        chosen: facts.PersonChosen,
        department_id: UUID | None,
        at: datetime,
    ) -> None:
        self._decided(row, at, provider_id=row.provider_id, person_id=chosen.person_id)
        former_id = asking.assign_person(
            assignment,
            row.ask,
            person_id=chosen.person_id,
            department_id=department_id,
            decision=decision_of(chosen),
            at=at,
        )
        self.moved[assignment.id] = assignment
        if former_id:
            self.freed = True
            staffing.release(self.pool, person_id=former_id, project_id=row.project_id, at=at)
        stamp(row.trace, self.pool, assignment)


def choosing_of(
    pool: ProviderConfiguration | ProviderPool, unit: UnitOfWork, inbox: Inbox, seed: Seed
) -> ChoosingProviders | ChoosingStaff:
    """What chooses in ``pool``."""
    if isinstance(pool, ProviderConfiguration):
        return ChoosingProviders(pool, unit, inbox, seed)
    return ChoosingStaff(pool, unit, inbox, seed)


def decision_of(chosen: facts.ProviderChosen | facts.PersonChosen) -> facts.Decision:
    """How a pool has chosen, as the project's own fact tells it."""
    return {"how": chosen.how, "candidates": chosen.tied, "excluded": chosen.excluded}


def stamp(trace: Trace, *aggregates: ProviderConfiguration | ProviderPool | Assignment) -> None:
    """The latest facts of ``aggregates`` were caused by ``trace``: those not yet marked."""
    marks = trace.as_dict()
    for aggregate in aggregates:
        for pending in reversed(aggregate.pending_events):
            if "trace" in vars(pending):
                break
            vars(pending)["trace"] = marks
