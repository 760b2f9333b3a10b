"""The inbox of the pools: what waits for a dispatcher, and the wakes that say so.

Every save that adds or frees something goes through :class:`Inbox`, which gathers the rows of a whole unit of work
into a few statements. The wake is touched before the rows: its row lock makes arrival numbers of one pool follow the
order of commits, so a row never becomes visible behind one with a later arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from delivery_shared.clock import Clock
from delivery_shared.eventstore import OTHER, WAKE, EventStore, RowChange, UnitOfWork
from delivery_shared.tracing import Trace, current_trace
from psycopg.types.json import Jsonb

from dispatch_svc.assignment import Assignment, Freed, StaffAsk
from dispatch_svc.domain import pool_stream, product_pool, provider_pool, staff_class

RAISE_WAKE = (
    "INSERT INTO wake (pool, seq) VALUES (%(pool)s, nextval('wake_seq'))"
    " ON CONFLICT (pool) DO UPDATE SET seq = excluded.seq RETURNING seq"
)
"""``at`` stays that of the first of several: the age of a wake is how long its pool was not looked at."""

INSERT = """
INSERT INTO pool_inbox (
    pool, kind, class, ask, request_id, project_id, run, vendor_id, customer_id, product_id, order_number,
    provider_id, role, department_id, person_id, suspended, queued_at, correlation_id, causation_id, traceparent)
SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (
    pool text, kind text, class text, ask text, request_id uuid, project_id uuid, run int, vendor_id uuid,
    customer_id uuid, product_id uuid, order_number text, provider_id uuid, role text, department_id uuid,
    person_id uuid, suspended boolean, queued_at timestamptz, correlation_id text, causation_id text,
    traceparent text)
"""

WITHDRAW = """
WITH gone AS (
    SELECT i.arrival FROM pool_inbox i
    JOIN unnest(%(projects)s::uuid[], %(before)s::int[]) AS p (project_id, before) USING (project_id)
    WHERE i.run < p.before AND i.kind <> 'release' ORDER BY i.arrival FOR UPDATE OF i)
DELETE FROM pool_inbox USING gone WHERE pool_inbox.arrival = gone.arrival
"""

SUSPEND = """
WITH changed AS (
    SELECT i.arrival, p.suspended FROM pool_inbox i
    JOIN unnest(%(projects)s::uuid[], %(flags)s::boolean[]) AS p (project_id, suspended) USING (project_id)
    WHERE i.kind = 'ask' AND i.suspended <> p.suspended ORDER BY i.arrival FOR UPDATE OF i)
UPDATE pool_inbox SET suspended = changed.suspended FROM changed WHERE pool_inbox.arrival = changed.arrival
"""

EVERY_RUN = 2**31 - 1

Hint = Callable[[str], None]
"""Tells the dispatchers that a pool has a wake; may be lost, the sweep repeats it."""


class PoolStore(EventStore):
    """An event store whose saves raise wakes; ``hint`` is told of them after the commit."""

    name = "pools"
    hint: Hint = staticmethod(lambda pool: None)
    clock: Clock

    def pool(self, cls: type[Any], key: str) -> Any:
        """The aggregate of the pool ``key`` as it stands, None before its first event."""
        return self.find(cls, pool_stream(key)).get(pool_stream(key))


class Inbox:
    """The inbox rows and wakes of one unit of work."""

    _of: WeakKeyDictionary[UnitOfWork, Inbox] = WeakKeyDictionary()

    def __init__(self, unit: UnitOfWork, hint: Hint) -> None:
        self._changes = unit.rows
        self._wakes: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._withdrawn: dict[str, list[Any]] = {"projects": [], "before": []}
        self._suspended: dict[str, list[Any]] = {"projects": [], "flags": []}
        unit.after_commit.append(lambda: hint_all(hint, self._wakes))

    @classmethod
    def of(cls, unit: UnitOfWork) -> Inbox:
        """The inbox of ``unit``, made on first use."""
        found = cls._of.get(unit)
        if found is None:
            assert isinstance(unit.store, PoolStore)
            found = cls._of[unit] = cls(unit, unit.store.hint)
        return found

    def wake(self, pool: str) -> None:
        """Have the pool looked at: something there may have become possible."""
        if pool not in self._wakes:
            self._wakes.add(pool)
            self._changes.append(RowChange(rank=WAKE, key=pool, sql=RAISE_WAKE, params={"pool": pool}))

    def ask_provider(
        self, assignment: Assignment, *, request_id: UUID, run: int, wanted: UUID | None, at: datetime
    ) -> None:
        """A project asks for a provider – for the one wanted, if any."""
        self._add(
            assignment,
            pool=product_pool(assignment.order["product_id"]),
            kind="wanted" if wanted else "ask",
            cls="",
            ask=str(request_id),
            request_id=request_id,
            run=run,
            provider_id=wanted,
            at=at,
        )

    def ask_staff(
        self,
        assignment: Assignment,
        *,
        ask: str,
        request_id: UUID,
        run: int,
        kind: str,
        provider_id: UUID,
        role: str,
        department_id: UUID | str | None,
        wanted: UUID | None,
        at: datetime,
    ) -> None:
        """A project asks for a person: ``kind`` as in the contract."""
        self._add(
            assignment,
            pool=provider_pool(provider_id),
            kind={"assign": "ask", "claim": "claim", "replace": "wanted"}[kind],
            cls=staff_class(role, department_id),
            ask=ask,
            request_id=request_id,
            run=run,
            provider_id=provider_id,
            role=role,
            department_id=department_id,
            person_id=wanted,
            at=at,
        )

    def follow(self, assignment: Assignment, asks: Iterable[StaffAsk], at: datetime) -> None:
        """Asks for implicit roles (D-44)."""
        for ask in asks:
            self.ask_staff(
                assignment,
                ask=ask.ask,
                request_id=ask.request_id,
                run=ask.run,
                kind="assign",
                provider_id=ask.provider_id,
                role=ask.role,
                department_id=None,
                wanted=None,
                at=at,
            )

    def release(self, assignment: Assignment, freed: Freed, at: datetime) -> None:
        """Let the pools count down what the project no longer holds."""
        for product_id, provider_id in freed.providers:
            pool = product_pool(product_id)
            self._add(assignment, pool=pool, kind="release", cls="", provider_id=provider_id, at=at)
        for provider_id, person_id in freed.persons:
            pool = provider_pool(provider_id)
            self._add(
                assignment, pool=pool, kind="release", cls="", provider_id=provider_id, person_id=person_id, at=at
            )

    def withdraw(self, project_id: UUID, *, before: int = EVERY_RUN) -> None:
        """Take the project's asks of runs before ``before`` out; releases stay."""
        project = str(project_id)
        self._rows[:] = [
            r for r in self._rows if r["project_id"] != project or r["kind"] == "release" or r["run"] >= before
        ]
        self._withdrawn["projects"].append(project)
        self._withdrawn["before"].append(before)
        self._once("0 withdraw", WITHDRAW, self._withdrawn)

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

    def _add(
        self,
        assignment: Assignment,
        *,
        pool: str,
        kind: str,
        cls: str,
        at: datetime,
        ask: str | None = None,
        request_id: UUID | None = None,
        run: int = 0,
        provider_id: UUID | None = None,
        role: str | None = None,
        department_id: UUID | str | None = None,
        person_id: UUID | None = None,
    ) -> None:
        trace: Trace = current_trace()
        self.wake(pool)
        self._once("2 insert", INSERT, {"rows": Jsonb(self._rows)})
        self._rows.append(
            {
                "pool": pool,
                "kind": kind,
                "class": cls,
                "ask": ask,
                "request_id": _text(request_id),
                "project_id": str(assignment.id),
                "run": run,
                **assignment.order,
                "provider_id": _text(provider_id),
                "role": role,
                "department_id": _text(department_id),
                "person_id": _text(person_id),
                "suspended": assignment.suspended and kind == "ask",
                "queued_at": at.isoformat(),
                "correlation_id": trace.correlation_id,
                "causation_id": trace.causation_id,
                "traceparent": trace.traceparent or None,
            }
        )

    def _once(self, key: str, sql: str, params: dict[str, Any]) -> None:
        """Add a statement whose parameters go on growing until the save."""
        if all(change.key != key for change in self._changes):
            self._changes.append(RowChange(rank=OTHER, key=key, sql=sql, params=params))


def hint_all(hint: Hint, pools: Iterable[str]) -> None:
    """Hint every pool, in a stable order."""
    for pool in sorted(pools):
        hint(pool)


def _text(value: UUID | str | None) -> str | None:
    return str(value) if value else None
