"""A desk is where the rows of one pool are decided: pool and assignments in memory, the dispatcher does the rest.

A desk applies releases, claims and wanted candidates, and places asks. It takes seeds and time as arguments and
gathers what follows: releases and asks for the inbox, and which event decided which ask.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.tracing import Trace

from dispatch_svc.assignment import Assignment
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.domain import NotAsked
from dispatch_svc.inbox import Inbox
from dispatch_svc.pool import Able, ProviderPool
from dispatch_svc.rows import Row

Seed = Callable[[], int]


class Desk(Protocol):
    """What a dispatcher does with the rows of a pool."""

    decisions: list[dict[str, Any]]

    def blocked(self, cls: str) -> str | None:
        """The queue reason of the class if nobody can be found for it now."""

    def room(self, cls: str) -> int:
        """How many more projects its candidates can take."""

    def place(self, row: Row, at: datetime) -> None:
        """Give an ask of a class that is not blocked to a candidate."""

    def apply(self, row: Row, at: datetime) -> None:
        """Carry out a release, claim or wanted candidate."""

    def queue(self, row: Row, reason: str, at: datetime) -> None:
        """Tell an ask why it waits."""


class _Desk:
    """What both desks do alike."""

    pool: ProviderConfiguration | ProviderPool

    def __init__(self, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        self.unit = unit
        self.inbox = inbox
        self.seed = seed
        self.decisions: list[dict[str, Any]] = []

    def queue(self, row: Row, reason: str, at: datetime) -> None:
        assignment = self._assignment(row)
        assignment.queue(ask=row.ask, reason=reason, queued_at=row.queued_at, at=at)
        stamp(row.trace, assignment)

    def _assignment(self, row: Row) -> Assignment:
        assignment = self.unit.get(Assignment, row.project_id)
        if assignment is None:
            raise NotAsked(f"project {row.project_id} is unknown")
        return assignment

    def _decided(self, row: Row, level: str, at: datetime, **outcome: Any) -> None:
        assigned = outcome.get("reason") is None
        self.decisions.append(
            {
                "ask": row.ask,
                "request_id": str(row.request_id),
                "level": level,
                "outcome": "assigned" if assigned else "refused",
                "pool": row.pool,
                "stream": str(self.pool.id),
                "version": self.pool.version,
                "class": row.cls,
                "project_id": str(row.project_id),
                "vendor_id": str(row.vendor_id),
                "provider_id": str(row.provider_id) if row.provider_id else None,
                "person_id": None,
                "role": row.role,
                "reason": None,
                "decided_at": at.isoformat(),
                **outcome,
            }
        )


class ProductDesk(_Desk):
    """Chooses providers of one product."""

    def __init__(self, pool: ProviderConfiguration, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        super().__init__(unit, inbox, seed)
        self.pool: ProviderConfiguration = pool

    def blocked(self, cls: str) -> str | None:
        return self.pool.blocked()

    def room(self, cls: str) -> int:
        return self.pool.room()

    def place(self, row: Row, at: datetime) -> None:
        assignment = self._assignment(row)
        provider_id = self.pool.choose(
            request_id=row.request_id,
            project_id=row.project_id,
            run=row.run,
            arrival=row.arrival,
            attempts=row.attempts,
            seed=self.seed(),
            at=at,
        )
        self._assign(row, assignment, provider_id, at)

    def apply(self, row: Row, at: datetime) -> None:
        assert row.provider_id is not None
        if row.kind == "release":
            self.pool.release(provider_id=row.provider_id, project_id=row.project_id, at=at)
            stamp(row.trace, self.pool)
            return
        assignment = self._assignment(row)
        refusal = self.pool.take(
            request_id=row.request_id,
            project_id=row.project_id,
            run=row.run,
            arrival=row.arrival,
            attempts=row.attempts,
            wanted=row.provider_id,
            present=assignment.provider_id,
            at=at,
        )
        if refusal:
            assignment.refuse(ask=row.ask, reason=refusal, at=at)
            stamp(row.trace, assignment)
            self._decided(row, "provider", at, reason=refusal)
        else:
            self._assign(row, assignment, row.provider_id, at)

    def _assign(self, row: Row, assignment: Assignment, provider_id: UUID, at: datetime) -> None:
        self._decided(row, "provider", at, provider_id=str(provider_id))
        follow, freed = assignment.assign_provider(
            ask=row.ask, provider_id=provider_id, decision=latest_decision(self.pool), at=at
        )
        for _, former_id in freed.providers:
            self.pool.release(provider_id=former_id, project_id=row.project_id, at=at)
        stamp(row.trace, self.pool, assignment)
        self.inbox.follow(assignment, follow, at)


class StaffDesk(_Desk):
    """Chooses people of one provider."""

    def __init__(self, pool: ProviderPool, unit: UnitOfWork, inbox: Inbox, seed: Seed) -> None:
        super().__init__(unit, inbox, seed)
        self.pool: ProviderPool = pool
        self._able: dict[str, Able] = {}

    def blocked(self, cls: str) -> str | None:
        return self.pool.blocked(self._of(cls))

    def room(self, cls: str) -> int:
        return self.pool.room(self._of(cls))

    def place(self, row: Row, at: datetime) -> None:
        assignment = self._assignment(row)
        person_id = self.pool.choose(
            self._of(row.cls),
            holders=assignment.holders(),
            request_id=row.request_id,
            project_id=row.project_id,
            run=row.run,
            cls=row.cls,
            arrival=row.arrival,
            attempts=row.attempts,
            seed=self.seed(),
            at=at,
        )
        self._assign(row, assignment, person_id, None, at)

    def apply(self, row: Row, at: datetime) -> None:
        assert row.person_id is not None
        if row.kind == "release":
            self.pool.release(person_id=row.person_id, project_id=row.project_id, at=at)
            stamp(row.trace, self.pool)
            return
        assert row.role is not None
        assignment = self._assignment(row)
        present, _ = assignment.roles.get(row.role, (None, None))
        refusal = self.pool.take(
            how="claim" if row.kind == "claim" else "replace",
            wanted=row.person_id,
            role=row.role,
            holders=assignment.holders(),
            present=present,
            request_id=row.request_id,
            project_id=row.project_id,
            run=row.run,
            arrival=row.arrival,
            attempts=row.attempts,
            at=at,
        )
        if refusal:
            assignment.refuse(ask=row.ask, reason=refusal, at=at)
            stamp(row.trace, assignment)
            self._decided(row, "staff", at, reason=refusal, person_id=str(row.person_id))
            return
        department = self.pool.member(row.person_id)["department"]
        department_id = UUID(department) if department and row.kind == "claim" else None
        self._assign(row, assignment, row.person_id, department_id, at)

    def _assign(
        self, row: Row, assignment: Assignment, person_id: UUID, department_id: UUID | None, at: datetime
    ) -> None:
        self._decided(row, "staff", at, person_id=str(person_id))
        former_id = assignment.assign_person(
            ask=row.ask,
            person_id=person_id,
            department_id=department_id,
            decision=latest_decision(self.pool),
            at=at,
        )
        if former_id:
            self.pool.release(person_id=former_id, project_id=row.project_id, at=at)
        stamp(row.trace, self.pool, assignment)

    def _of(self, cls: str) -> Able:
        able = self._able.get(cls)
        if able is None:
            able = self._able[cls] = self.pool.able(cls)
        return able


def latest_decision(pool: ProviderConfiguration | ProviderPool) -> dict[str, Any]:
    """How the pool has just chosen, for those who analyse decisions: who took part (up to 20) and how many did not,
    by reason. The draw itself – seed, arrival – stays in the pool's event."""
    chosen: Any = pool.pending_events[-1]
    return {"how": chosen.how, "candidates": chosen.tied, "excluded": chosen.excluded}


def stamp(trace: Trace, *aggregates: ProviderConfiguration | ProviderPool | Assignment) -> None:
    """The latest events of ``aggregates`` were caused by ``trace``: those not yet marked."""
    marks = trace.as_dict()
    for aggregate in aggregates:
        for pending in reversed(aggregate.pending_events):
            if "trace" in vars(pending):
                break
            vars(pending)["trace"] = marks
