"""The inbox of the pools: what waits for a dispatcher, and the wakes that say so.

Every save that adds or frees something goes through :class:`Inbox`, which gathers the rows of a whole unit of work
into a few statements. The wake is touched before the rows: its row lock makes arrival numbers of one pool follow the
order of commits, so a row never becomes visible behind one with a later arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from delivery_shared.eventstore import OTHER, WAKE, RowChange, UnitOfWork
from delivery_shared.tracing import current_trace
from psycopg.types.json import Jsonb

from dispatch_svc.domain.asks import Ask, Freed
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.inbox_sql import ANSWERED, BEHIND, INSERT, RAISE_WAKE, SUSPEND, WITHDRAW
from dispatch_svc.store import DispatchStore, Hint

EVERY_RUN = 2**31 - 1

KINDS = {"assign": "ask", "wanted": "wanted", "claim": "claim", "replace": "wanted"}
"""How an ask of each kind waits."""


class Inbox:
    """The inbox rows and wakes of one unit of work."""

    _of: WeakKeyDictionary[UnitOfWork, Inbox] = WeakKeyDictionary()

    def __init__(self, unit: UnitOfWork, hint: Hint) -> None:
        self._changes = unit.rows
        self._wakes: set[PoolKey] = set()
        self._rows: list[dict[str, Any]] = []
        self._withdrawn: dict[str, list[Any]] = {"projects": [], "before": []}
        self._answered: list[str] = []
        self._suspended: dict[str, list[Any]] = {"projects": [], "flags": []}
        unit.after_commit.append(lambda: hint_all(hint, self._wakes))

    @classmethod
    def of(cls, unit: UnitOfWork) -> Inbox:
        """The inbox of ``unit``, made on first use."""
        found = cls._of.get(unit)
        if found is None:
            assert isinstance(unit.store, DispatchStore)
            found = cls._of[unit] = cls(unit, unit.store.hint)
        return found

    def wake(self, pool: PoolKey) -> None:
        """Have the pool looked at: something there may have become possible."""
        if pool not in self._wakes:
            self._wakes.add(pool)
            self._changes.append(RowChange(rank=WAKE, key=pool, sql=RAISE_WAKE, params={"pool": pool}))

    def ask(self, assignment: Assignment, ask: Ask, *, department_id: UUID | None = None, at: datetime) -> None:
        """A project asks for a provider, or for a person – within a department, under 部门优先."""
        self._add(row_of(assignment, ask, department_id=department_id, at=at))

    def follow(self, assignment: Assignment, asks: Iterable[Ask], at: datetime) -> None:
        """Asks for implicit roles (D-44)."""
        for ask in asks:
            self.ask(assignment, ask, at=at)

    def release(self, assignment: Assignment, freed: Freed, at: datetime) -> None:
        """Let the pools count down what the project no longer holds."""
        for product_id, provider_id in freed.providers:
            row = _row(assignment, PoolKey.of_product(product_id), "release", at)
            self._add(row | {"provider_id": str(provider_id)})
        for provider_id, person_id in freed.persons:
            row = _row(assignment, PoolKey.of_provider(provider_id), "release", at)
            self._add(row | {"provider_id": str(provider_id), "person_id": str(person_id)})

    def withdraw(self, project_id: UUID, *, before: int = EVERY_RUN) -> None:
        """Take the project's asks of runs before ``before`` out; releases stay."""
        project = str(project_id)
        self._rows[:] = [
            r for r in self._rows if r["project_id"] != project or r["kind"] == "release" or r["run"] >= before
        ]
        self._withdrawn["projects"].append(project)
        self._withdrawn["before"].append(before)
        self._once("0 withdraw", WITHDRAW, self._withdrawn)

    def answered(self, ask: str) -> None:
        """Take one ask out that was answered together with another, whether it rests or not."""
        self._answered.append(ask)
        self._once("0 answered", ANSWERED, {"asks": self._answered})

    def suspend(self, project_id: UUID, suspended: bool) -> None:
        """Let the project's asks rest, or wait again with their old arrival."""
        project = str(project_id)
        for row in self._rows:
            if row["project_id"] == project and row["kind"] == "ask":
                row["suspended"] = suspended
        if project in self._suspended["projects"]:
            self._suspended["flags"][self._suspended["projects"].index(project)] = suspended
        else:
            self._suspended["projects"].append(project)
            self._suspended["flags"].append(suspended)
        self._once("1 suspend", SUSPEND, self._suspended)

    def _add(self, row: dict[str, Any]) -> None:
        self.wake(row["pool"])
        self._once("2 insert", INSERT, {"rows": Jsonb(self._rows)})
        self._rows.append(row)

    def _once(self, key: str, sql: str, params: dict[str, Any]) -> None:
        """Add a statement whose parameters go on growing until the save."""
        if all(change.key != key for change in self._changes):
            self._changes.append(RowChange(rank=OTHER, key=key, sql=sql, params=params))


def row_of(assignment: Assignment, ask: Ask, *, department_id: UUID | None = None, at: datetime) -> dict[str, Any]:
    """How an ask waits, as the row of the inbox it is put in as; caused by the current trace."""
    row = _row(assignment, ask.pool, KINDS[ask.kind], at) | {
        "ask": ask.key,
        "request_id": str(ask.request_id),
        "run": ask.run,
    }
    if not ask.role:
        return row | {"provider_id": _text(ask.wanted)}
    return row | {
        "class": StaffClass.of(ask.role, department_id),
        "provider_id": _text(ask.provider_id),
        "role": ask.role,
        "department_id": _text(department_id),
        "person_id": _text(ask.wanted),
    }


def hint_all(hint: Hint, pools: Iterable[PoolKey]) -> None:
    """Hint every pool, in a stable order."""
    for pool in sorted(pools):
        hint(pool)


def _row(assignment: Assignment, pool: PoolKey, kind: str, at: datetime) -> dict[str, Any]:
    order, trace = assignment.order, current_trace()
    assert order is not None
    return {
        "behind": BEHIND if assignment.unpaid and kind != "release" else 0,
        "pool": pool,
        "kind": kind,
        "class": "",
        "project_id": str(assignment.id),
        "run": 0,
        "vendor_id": str(order.vendor_id),
        "customer_id": str(order.customer_id),
        "product_id": str(order.product_id),
        "order_number": order.order_number,
        "suspended": assignment.rests and kind == "ask",
        "queued_at": at.isoformat(),
        "correlation_id": trace.correlation_id,
        "causation_id": trace.causation_id,
        "traceparent": trace.traceparent or None,
    }


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
