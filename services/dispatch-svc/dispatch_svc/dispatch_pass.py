"""One pass over a pool: read what waits, decide, save – all of it in one transaction, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from delivery_shared import telemetry
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.messaging.consumer import DATABASE_DOWN
from delivery_shared.tracing import current_trace, traced
from prometheus_client import Counter, Histogram
from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc import inbox_sql
from dispatch_svc.choosing import Choosing, Seed, choosing_of
from dispatch_svc.domain import configuring, employing
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.inbox import Inbox
from dispatch_svc.inbox_sql import InboxRow, Work
from dispatch_svc.pool_memory import Pool, PoolMemory
from dispatch_svc.store import DispatchStore

served = Counter("delivery_dispatch_rows_total", "Inbox rows served, told to wait or failed", ["outcome"])
PROMPT = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Bounds in seconds; five are what is promised (deploy/monitoring/slos.yml)."""
assigned = Histogram(
    "delivery_dispatch_assigned_seconds",
    "From a project's ask to the stored assignment, where somebody was free: with a new order, from its acceptance",
    ["level"],
    buckets=PROMPT,
)
refilled = Histogram(
    "delivery_dispatch_refilled_seconds",
    "From a place that became free to the stored assignment of the next that waited for one",
    ["level"],
    buckets=PROMPT,
)
for _level in ("product", "provider"):
    assigned.labels(_level)
    refilled.labels(_level)


class RowFailed(Exception):
    """The decision of one row raised."""

    def __init__(self, row: InboxRow, error: Exception) -> None:
        super().__init__(repr(error))
        self.row, self.error = row, error


@dataclass(frozen=True, kw_only=True)
class Limits:
    """``rows``: how many one save serves at most; ``heads``: how many asks of a class a pass reads."""

    rows: int
    heads: int


class Pass:
    """The rows of one save. ``connection`` is the one that holds the pool's lock."""

    def __init__(
        self,
        store: DispatchStore,
        memory: PoolMemory,
        connection: Connection[DictRow],
        *,
        pool: PoolKey,
        work: Work,
        limits: Limits,
        seed: Seed,
        now: datetime,
    ) -> None:
        self.memory = memory
        self.connection = connection
        self.pool = pool
        self.work = work
        self.limits = limits
        self.seed = seed
        self.now = now
        self.began = time.perf_counter()
        self.unit = UnitOfWork(store)
        self.aggregate: Pool | None = None
        self.choosing: Choosing | None = None
        self.touched: list[InboxRow] = []
        self.done: list[int] = []
        self.placed: list[InboxRow] = []
        self.told: dict[int, str] = {}
        self.blocked: dict[StaffClass, str] = {}
        self.held: dict[UUID, Assignment] = {}
        self.drained = len(work.urgent) < limits.rows
        """Whether this pass does all the wake called for."""
        self.many = False
        """Whether a class had room for all asks read, so that it is worth reading more."""

    def span(self) -> AbstractContextManager[object]:
        """Around the pass, if anything it looks at is traced."""
        if not telemetry.on():
            return nullcontext()
        links = [row.trace.traceparent for row in self.work.rows if telemetry.sampled(row.trace.traceparent)]
        return telemetry.span("dispatch pass", root=True, links=links, pool=self.pool) if links else nullcontext()

    def only(self) -> InboxRow | None:
        """The row, if the pass touched a single one."""
        return self.touched[0] if len(self.touched) == 1 else None

    def load(self) -> None:
        """The pool, made if nobody knew it."""
        aggregate = self.memory.take(self.pool, self.connection)
        first = next(iter(self.work.rows), None)
        if aggregate is None and first is not None:
            aggregate = (
                configuring.begin(product_id=self.pool.owner, vendor_id=first.vendor_id, at=self.now)
                if self.pool.level == "product"
                else employing.begin(provider_id=self.pool.owner, at=self.now)
            )
        self.aggregate = aggregate
        if aggregate is not None:
            self.unit.add(aggregate)

    def decide(self) -> None:
        """Releases, claims and wanted candidates, then asks by arrival per class."""
        if self.aggregate is None:
            return
        choosing = self.choosing = choosing_of(self.aggregate, self.unit, Inbox.of(self.unit), self.seed)
        self._touch(self.work.urgent)
        for row in self.work.urgent:
            self._carry_out(row, choosing.apply)
            self.done.append(row.arrival)
        if self.drained:
            self._asks(choosing)

    def _asks(self, choosing: Choosing) -> None:
        placing: list[InboxRow] = []
        telling: list[InboxRow] = []
        for cls, found in self.work.asks.items():
            reason = choosing.blocked(cls)
            if reason is None:
                room = min(len(found), choosing.room(cls))
                placing += found[:room]
                self.drained &= room == len(found) < self.limits.heads
                self.many |= room == self.limits.heads
            else:
                self.blocked[cls] = reason
                telling += self._waiting(choosing, cls, reason, found)
        placing.sort(key=lambda row: row.arrival)
        chosen = [*placing, *telling][: self.limits.rows - len(self.work.urgent)]
        self.drained &= len(chosen) == len(placing) + len(telling) and not choosing.answered
        chosen = [row for row in chosen if row.ask not in choosing.answered]
        self._touch(chosen)
        choosing.freed = False
        for row in chosen:
            self._carry_out(row, partial(self._ask, choosing))
            if choosing.freed:
                self.drained = False
                break
        self.drained &= not any(self._seeks(assignment) for assignment in choosing.moved.values())

    def _ask(self, choosing: Choosing, row: InboxRow, at: datetime) -> None:
        reason = self.blocked.get(row.cls) or choosing.blocked(row.cls)
        if reason is None or choosing.held(row):
            choosing.place(row, at)
            self.done.append(row.arrival)
            self.placed.append(row)
            return
        self.blocked[row.cls] = reason
        known = row.holders
        if row.reason != reason:
            choosing.queue(reason, row, at)
            self.told[row.arrival] = reason
            known = known or frozenset()  # as `told` writes it down
        if known is None or choosing.assignment(row).holders != known:
            self.held[row.project_id] = choosing.assignment(row)

    def _waiting(self, choosing: Choosing, cls: StaffClass, reason: str, found: list[InboxRow]) -> list[InboxRow]:
        """Of a class that is blocked: asks to be told so, those that one who holds their project may take, and those
        that are still to learn who that is."""
        people = choosing.holding(cls)
        if len(found) < self.limits.heads:
            return [
                row
                for row in found
                if row.reason != reason or row.holders is None or not row.holders.isdisjoint(people)
            ]
        room = self.limits.rows
        untold = inbox_sql.read_untold(self.connection, self.pool, cls, reason, room)
        unlearnt = inbox_sql.read_unlearnt(self.connection, self.pool, cls, room)
        held = inbox_sql.read_held(self.connection, self.pool, cls, people, room) if people else []
        self.drained &= max(len(untold), len(unlearnt), len(held)) < room
        return list({row.arrival: row for row in [*held, *unlearnt, *untold]}.values())

    def _seeks(self, assignment: Assignment) -> bool:
        """Whether other asks of the project wait in this pool, which its new holder may take."""
        return any(ask.seeks and ask.pool == self.pool for ask in assignment.open.values())

    def _touch(self, found: list[InboxRow]) -> None:
        self.touched += found
        self.unit.preload(row.project_id for row in found if row.kind != "release")

    def _carry_out(self, row: InboxRow, decide: Callable[[InboxRow, datetime], None]) -> None:
        try:
            with traced(row.trace), telemetry.span(f"decide {row.kind}", pool=self.pool) as opened:
                decide(row if opened is None else replace(row, trace=current_trace()), self.now)
        except DATABASE_DOWN:
            raise
        except Exception as error:
            raise RowFailed(row, error) from error

    def _held(self) -> dict[UUID, set[str]]:
        """Who holds the projects whose asks wait, as far as these do not know it yet."""
        moved = self.choosing.moved.values() if self.choosing is not None else ()
        changed = {assignment.id: assignment for assignment in moved if self._seeks(assignment)} | self.held
        return {project_id: assignment.holders for project_id, assignment in changed.items()}

    def save(self) -> None:
        """Everything in one transaction, the wake included if this was all."""
        answer = inbox_sql.answer_wake(self.pool, self.work.seq) if self.drained else inbox_sql.keep_wake(self.pool)
        changes = [answer]
        if self.done:
            changes.append(inbox_sql.done(self.done))
        if self.told:
            changes.append(inbox_sql.told(self.told))
        if held := self._held():
            changes.append(inbox_sql.held_by(self.pool, held))
        if self.blocked:
            changes.append(inbox_sql.attempted(self.pool, self.blocked, self.now, self.work.seq))
        if self.choosing is not None and self.choosing.decisions:
            changes.append(inbox_sql.decided(self.choosing.decisions))
        self.unit.commit(changes)
        served.labels("served").inc(len(self.done))
        served.labels("told").inc(len(self.told))
        self._measure(time.perf_counter() - self.began)
        if self.aggregate is not None:
            self.memory.put(self.aggregate)

    def _measure(self, seconds: float) -> None:
        """How prompt the assignments were, ``seconds`` after the pool was read."""
        for row in self.placed:
            if row.reason:
                refilled.labels(self.pool.level).observe(self.work.age + seconds)
            else:
                since = max((self.now - row.queued_at).total_seconds(), 0.0)
                assigned.labels(self.pool.level).observe(since + seconds)
