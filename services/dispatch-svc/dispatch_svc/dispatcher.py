"""The dispatcher: serves one pool at a time, as the pool's only writer, until its wake is answered.

Any number of them run; keys of pools come over ``dispatch.work``. A session advisory lock makes a pool's decisions
follow each other; what it protects is order and effort – were it lost, the versions of the aggregates and the rows
of the inbox still let only one of two decisions be stored.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from uuid import UUID

import psycopg
import structlog
from delivery_shared import telemetry
from delivery_shared.clock import Clock
from delivery_shared.eventstore import Conflict, UnitOfWork
from delivery_shared.failpoints import failpoint
from delivery_shared.messaging.consumer import DATABASE_DOWN
from delivery_shared.tracing import current_trace, traced
from prometheus_client import Counter, Histogram
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from dispatch_svc import rows
from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.desks import Desk, ProductDesk, Seed, StaffDesk
from dispatch_svc.domain import pool_stream
from dispatch_svc.inbox import Inbox, PoolStore
from dispatch_svc.pool import ProviderPool
from dispatch_svc.rows import Row

log = structlog.get_logger()

LIMIT = 200
"""How many rows one save serves at most."""
HEADS = 20
"""How many asks of a class a pass reads, so that its cost does not depend on how many wait; where all of them could be
placed, the next pass reads up to ``LIMIT``."""
STUBBORN = 10
"""After so many conflicts in a row on one row alone it is no conflict with others: the row itself is the reason."""
LEASE = 15
"""Seconds a dispatcher may hold a pool's lock without a word to the database; then the database ends its session, so
that one that stalls – a machine that sleeps, a stopped process – does not hold up the pool. Coming back it finds its
connection gone, and the versions refuse what it had decided."""
KEPT = 64
"""How many pools a dispatcher keeps in memory, to read only what is new in them."""

served = Counter("delivery_dispatch_rows_total", "Inbox rows served, told to wait or failed", ["outcome"])
conflicts = Counter("delivery_dispatch_conflicts_total", "Decisions taken again on fresh state")
pass_seconds = Histogram("delivery_dispatch_pass_seconds", "From reading a wake to the stored decisions")


class RowFailed(Exception):
    """The decision of one row raised."""

    def __init__(self, row: Row, error: Exception) -> None:
        super().__init__(repr(error))
        self.row, self.error = row, error


class BatchFailed(Exception):
    """Something in a batch cannot be loaded or stored; which row it is shows one by one."""


class Dispatcher:
    """One dispatcher with its own connection; used by one thread."""

    def __init__(
        self,
        store: PoolStore,
        *,
        database_url: str,
        clock: Clock,
        seed: Seed = lambda: secrets.randbits(63),
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store = store
        self.database_url = database_url
        self.clock = clock
        self.seed = seed
        self.stopping = stopping
        self._connection: Connection[DictRow] | None = None
        self._known: dict[UUID, ProviderConfiguration | ProviderPool] = {}

    def handle(self, pool: str) -> None:
        """Serve a pool; whatever goes wrong leaves its wake, and the sweep sends the key again. Never raises."""
        try:
            self.serve(pool)
        except Exception as error:
            self.close()
            level = log.warning if isinstance(error, DATABASE_DOWN) else log.exception
            level("pool not served", pool=pool, error=repr(error))
            time.sleep(0.2)

    def serve(self, pool: str) -> None:
        """Serve ``pool`` while it has a wake; if another dispatcher has it, that one will look once more."""
        waiting = True
        while waiting and not self.stopping():
            if not self._lock(pool):
                return
            try:
                self._work_off(pool)
            finally:
                waiting = self._unlock(pool)
        if waiting:
            self.store.hint(pool)

    def close(self) -> None:
        """Give up the connection, and with it any lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # The lock

    def _connected(self) -> Connection[DictRow]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self.database_url,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=5,
                application_name="delivery-dispatcher",
                options=f"-c search_path={self.store.schema} -c jit=off",
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
            )
        return self._connection

    def _lock(self, pool: str) -> bool:
        row = (
            self._connected()
            .execute(
                "SELECT got, set_config('idle_session_timeout', CASE WHEN got THEN %s ELSE '0' END, false)"
                " FROM (SELECT pg_try_advisory_lock(hashtextextended(%s, 0)) AS got) AS tried",
                (f"{LEASE}s", f"{self.store.schema}/{pool}"),
            )
            .fetchone()
        )
        return bool(row and row["got"])

    def _unlock(self, pool: str) -> bool:
        """Unlock, then look once more: whoever was turned away in between must not be forgotten."""
        if self._connection is None or self._connection.closed:
            return True
        with self._connection.pipeline():
            self._connection.execute(
                "SELECT pg_advisory_unlock(hashtextextended(%s, 0)), set_config('idle_session_timeout', '0', false)",
                (f"{self.store.schema}/{pool}",),
            )
            left = self._connection.execute(rows.READ_WAKE, {"pool": pool})
        return left.fetchone() is not None

    def held(self) -> Connection[DictRow]:
        """The connection that holds the lock: everything a decision rests on is read through it, so that a lost
        lock ends the decision. :raises OperationalError: it is gone."""
        if self._connection is None:
            raise psycopg.OperationalError("the lock is lost")
        return self._connection

    # The decisions

    def _work_off(self, pool: str) -> None:
        limit, heads, lost = LIMIT, HEADS, 0
        while not self.stopping():
            try:
                many = self._decide(pool, limit, min(limit, heads), alone=limit == 1 and lost >= STUBBORN)
                if many is None:
                    return
                limit, heads, lost = min(limit * 2, LIMIT), LIMIT if many else HEADS, 0
            except Conflict:
                conflicts.inc()
                lost += 1
                if lost >= STUBBORN and limit > 1:
                    limit, lost = 1, 0
                time.sleep(random.uniform(0, 0.002) * lost)  # noqa: S311 - spreads out the losers
            except BatchFailed:
                limit, lost = 1, 0
            except RowFailed as failed:
                parked = rows.postpone(self.held(), failed.row, failed.error)
                served.labels("parked" if parked else "failed").inc()
                log.error("a decision failed", pool=pool, ask=failed.row.ask, kind=failed.row.kind, parked=parked,
                          project=str(failed.row.project_id), error=repr(failed.error))  # fmt: skip
                limit, lost = LIMIT, 0

    @pass_seconds.time()
    def _decide(self, pool: str, limit: int, heads: int, *, alone: bool) -> bool | None:
        """One pass: read, decide, save. Returns whether a class had room for all asks read; None when there is
        no wake."""
        work = rows.read_work(self.held(), pool, limit, heads)
        if work is None:
            return None
        self.held().execute("")  # starts the idle time, which does not count after a pipeline (ADR 0019)
        batch = _Pass(self, pool, work, limit, heads)
        try:
            with batch.span():
                batch.load()
                batch.decide()
                failpoint("dispatcher.before_commit")
                batch.save()
                failpoint("dispatcher.after_commit")
        except Conflict as conflict:
            if alone and (row := batch.only()):
                raise RowFailed(row, conflict) from conflict
            raise
        except (RowFailed, *DATABASE_DOWN):
            raise
        except Exception as error:
            if row := batch.only():
                raise RowFailed(row, error) from error
            if limit > 1 and batch.touched:
                raise BatchFailed from error
            raise
        return batch.many

    def pool_of(self, pool: str) -> ProviderConfiguration | ProviderPool | None:
        """The pool as stored now: the one kept from last time and what is new. It is handed over: only
        :meth:`keep` after a save puts it back, so a failed decision leaves no trace."""
        known = self._known.pop(pool_stream(pool), None)
        if known is None:
            found = self.store.load_all([pool_stream(pool)]).get(pool_stream(pool))
            assert found is None or isinstance(found, ProviderConfiguration | ProviderPool)
            return found
        for event in self.store.events.get(known.id, gt=known.version):
            event.mutate(known)  # type: ignore[attr-defined]
        return known

    def keep(self, pool: ProviderConfiguration | ProviderPool) -> None:
        """Keep a pool as it was just saved."""
        self._known[pool.id] = pool
        if len(self._known) > KEPT:
            del self._known[next(iter(self._known))]


class _Pass:
    """The rows of one save."""

    def __init__(self, dispatcher: Dispatcher, pool: str, work: rows.Work, limit: int, heads: int) -> None:
        self.dispatcher = dispatcher
        self.pool = pool
        self.work = work
        self.limit = limit
        self.heads = heads
        self.unit = UnitOfWork(dispatcher.store)
        self.now = dispatcher.clock.now()
        self.touched: list[Row] = []
        self.done: list[int] = []
        self.told: dict[int, str] = {}
        self.blocked: dict[str, str] = {}
        self.drained = len(work.urgent) < limit
        self.many = False

    def span(self) -> AbstractContextManager[object]:
        """Around the pass, if anything it looks at is traced."""
        if not telemetry.on():
            return nullcontext()
        read = [*self.work.urgent, *(row for found in self.work.asks.values() for row in found)]
        links = [row.trace.traceparent for row in read if telemetry.sampled(row.trace.traceparent)]
        return telemetry.span("dispatch pass", root=True, links=links, pool=self.pool) if links else nullcontext()

    def only(self) -> Row | None:
        """The row, if the pass touched a single one."""
        return self.touched[0] if len(self.touched) == 1 else None

    def load(self) -> None:
        """The pool, made if nobody knew it."""
        first = [*self.work.urgent, *(r for found in self.work.asks.values() for r in found)][:1]
        aggregate = self.dispatcher.pool_of(self.pool)
        level, _, owner = self.pool.partition(":")
        if aggregate is None and first:
            aggregate = (
                ProviderConfiguration(product_id=UUID(owner), vendor_id=first[0].vendor_id, timestamp=self.now)
                if level == "product"
                else ProviderPool(provider_id=UUID(owner), timestamp=self.now)
            )
        self.aggregate = aggregate
        if aggregate is not None:
            self.unit.add(aggregate)

    def decide(self) -> None:
        """Releases, claims and wanted candidates, then asks by arrival per class."""
        if self.aggregate is None:
            return
        inbox = Inbox.of(self.unit)
        seed = self.dispatcher.seed
        self.desk: Desk = (
            ProductDesk(self.aggregate, self.unit, inbox, seed)
            if isinstance(self.aggregate, ProviderConfiguration)
            else StaffDesk(self.aggregate, self.unit, inbox, seed)
        )
        self._touch(self.work.urgent)
        for row in self.work.urgent:
            self._row(row, self.desk.apply, self.now)
            self.done.append(row.arrival)
        if self.drained:
            self._asks()

    def _asks(self) -> None:
        placing: list[Row] = []
        telling: list[Row] = []
        for cls, found in self.work.asks.items():
            reason = self.desk.blocked(cls)
            if reason is None:
                room = min(len(found), self.desk.room(cls))
                placing += found[:room]
                self.drained &= room == len(found) < self.heads
                self.many |= room == self.heads
            else:
                self.blocked[cls] = reason
                telling += self._untold(cls, reason, found)
        placing.sort(key=lambda row: row.arrival)
        chosen = [*placing, *telling][: self.limit - len(self.work.urgent)]
        self.drained &= len(chosen) == len(placing) + len(telling)
        self._touch(chosen)
        for row in chosen:
            reason = self.blocked.get(row.cls) or self.desk.blocked(row.cls)
            if reason is None:
                self._row(row, self.desk.place, self.now)
                self.done.append(row.arrival)
                continue
            self.blocked[row.cls] = reason
            if row.reason != reason:
                self._row(row, self.desk.queue, reason, self.now)
                self.told[row.arrival] = reason

    def _untold(self, cls: str, reason: str, found: list[Row]) -> list[Row]:
        if len(found) < self.heads:
            return [row for row in found if row.reason != reason]
        untold = rows.read_untold(self.dispatcher.held(), self.pool, cls, reason, self.limit)
        self.drained &= len(untold) < self.limit
        return untold

    def _touch(self, found: list[Row]) -> None:
        self.touched += found
        self.unit.preload(row.project_id for row in found if row.kind != "release")

    def _row(self, row: Row, decide: Callable[..., None], *arguments: object) -> None:
        try:
            with traced(row.trace), telemetry.span(f"decide {row.kind}", pool=self.pool) as opened:
                decide(row if opened is None else replace(row, trace=current_trace()), *arguments)
        except DATABASE_DOWN:
            raise
        except Exception as error:
            raise RowFailed(row, error) from error

    def save(self) -> None:
        """Everything in one transaction, the wake included if this was all."""
        answer = rows.answer_wake(self.pool, self.work.seq) if self.drained else rows.keep_wake(self.pool)
        changes = [answer]
        if self.done:
            changes.append(rows.done(self.done))
        if self.told:
            changes.append(rows.told(self.told))
        if self.blocked:
            changes.append(rows.attempted(self.pool, self.blocked, self.now, self.work.seq))
        if self.aggregate is not None and self.desk.decisions:
            changes.append(rows.decided(self.desk.decisions))
        self.unit.commit(changes)
        served.labels("served").inc(len(self.done))
        served.labels("told").inc(len(self.told))
        if self.aggregate is not None:
            self.dispatcher.keep(self.aggregate)


def run_dispatchers(make: Callable[[], Dispatcher], consume: Callable[[Dispatcher], None], threads: int) -> None:
    """Run ``threads`` dispatchers side by side until all of them end."""
    dispatchers = [make() for _ in range(threads)]
    running = [
        threading.Thread(target=consume, args=(dispatcher,), name=f"dispatcher-{n}")
        for n, dispatcher in enumerate(dispatchers)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    for dispatcher in dispatchers:
        dispatcher.close()
