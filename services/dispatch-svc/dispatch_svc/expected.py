"""What the facts of dispatch say its rows of work must be: which asks wait, how each was decided, and why classes of
asks were ever told to wait."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery_shared.facts import folded
from delivery_shared.tracing import Trace, traced
from delivery_shared.verifying.stored import Stored

from dispatch_svc.choosing import Decided
from dispatch_svc.domain import facts
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.inbox import row_of

Answer = facts.ProviderAssigned | facts.ProviderReserved | facts.StaffAssigned | facts.Refused


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An open ask: its row as it was put into the inbox, and the id of the fact that did so."""

    row: dict[str, Any]
    id: int


class Expected:
    """Folds the facts about projects, in the order in which they were stored; what has ended is forgotten."""

    def __init__(self) -> None:
        self.assignments: dict[UUID, Assignment] = {}
        self.waiting: dict[UUID, dict[str, Waiting]] = {}
        """By project and ask."""
        self.reasons: dict[tuple[str, str], set[str]] = defaultdict(set)
        """What asks were ever told, by pool and class."""
        self.decided: list[Decided] = []
        """Those decided since somebody took them away."""
        self._chosen: dict[tuple[UUID, str], int] = {}
        self.broken: set[UUID] = set()
        """Projects whose streams do not fold: what they wait for is not known."""
        self._over: set[UUID] = set()

    def add(self, stored: Stored) -> None:
        """The next fact. :raises Exception: it does not fit into its stream, which is left alone from here on."""
        fact, project = stored.fact, stored.stream
        match fact:
            case facts.ProviderChosen():
                self._chosen[(fact.request_id, "")] = stored.version
            case facts.PersonChosen():
                self._chosen[(fact.request_id, fact.cls.partition("/")[0])] = stored.version
            case _ if isinstance(fact, facts.AssignmentFact) and not self._left(project):
                try:
                    self._assignment(stored, project)
                except Exception:
                    self.broken.add(project)
                    self._forget(project)
                    raise

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the inbox that wait for an answer; numbered in the order of their facts."""
        found = []
        for project, asks in self.waiting.items():
            assignment = self.assignments[project]
            for key, waiting in asks.items():
                reason = assignment.open[key].reason
                resting = assignment.rests and waiting.row["kind"] == "ask"
                row = {**waiting.row, "reason": reason, "suspended": resting, "attempts": 0, "holders": []}
                found.append((waiting.id, key, row))
        return [{**row, "arrival": n} for n, (_, _, row) in enumerate(sorted(found, key=lambda one: one[:2]))]

    def _assignment(self, stored: Stored, project: UUID) -> None:
        fact = stored.fact
        assignment = folded(self.assignments.get(project), fact)
        assert isinstance(assignment, Assignment)
        asks = self.waiting.setdefault(project, {})
        if isinstance(fact, Answer):
            self._answered(asks[fact.ask].row, fact)
        elif isinstance(fact, facts.Queued):
            row = asks[fact.ask].row
            self.reasons[(row["pool"], row["class"])].add(fact.reason)
        for key in asks.keys() - assignment.open.keys():
            del asks[key]
        for key, ask in assignment.open.items():
            if key not in asks:
                department = fact.department_id if isinstance(fact, facts.StaffAsked) else None
                trace = vars(fact)["trace"]
                with traced(Trace(trace["correlation_id"], trace["causation_id"], trace.get("traceparent", ""))):
                    row = row_of(assignment, ask, department_id=department, at=fact.timestamp)
                asks[key] = Waiting(row=row, id=stored.id)
        self.assignments[project] = assignment
        if assignment.ended:
            self._over.add(project)
            self._forget(project)

    def _left(self, project: UUID) -> bool:
        return project in self._over or project in self.broken

    def _forget(self, project: UUID) -> None:
        self.waiting.pop(project, None)
        self.assignments.pop(project, None)

    def _answered(self, row: dict[str, Any], fact: Answer) -> None:
        """Refusals name no version: nothing in the pool says when they were made."""
        version = self._chosen.pop((fact.request_id, row.get("role") or ""), 0)
        provider, person = row.get("provider_id"), row.get("person_id")
        if not isinstance(fact, facts.Refused):
            provider = str(fact.provider_id)
            person = str(fact.person_id) if isinstance(fact, facts.StaffAssigned) else None
        self.decided.append(
            {
                "ask": fact.ask,
                "request_id": row["request_id"],
                "level": "staff" if row.get("role") else "provider",
                "outcome": "refused" if isinstance(fact, facts.Refused) else "assigned",
                "pool": row["pool"],
                "stream": str(PoolKey(row["pool"]).stream),
                "version": version,
                "class": row["class"],
                "project_id": row["project_id"],
                "vendor_id": row["vendor_id"],
                "provider_id": provider,
                "person_id": person,
                "role": row.get("role"),
                "reason": fact.reason if isinstance(fact, facts.Refused) else None,
                "decided_at": fact.timestamp.isoformat(),
            }
        )
