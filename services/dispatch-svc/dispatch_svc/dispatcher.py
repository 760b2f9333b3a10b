"""The dispatcher: serves one pool at a time, as the pool's only writer, until its wake is answered.

Any number of them run; keys of pools come over ``dispatch.work``. The lock of a pool makes its decisions follow each
other; what one pass decides stands in ``dispatch_pass``.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable

import structlog
from delivery_shared.clock import Clock
from delivery_shared.eventstore import Conflict
from delivery_shared.failpoints import failpoint
from delivery_shared.messaging.consumer import DATABASE_DOWN
from prometheus_client import Counter, Histogram

from dispatch_svc import inbox_sql
from dispatch_svc.choosing import Seed
from dispatch_svc.dispatch_pass import Limits, Pass, RowFailed, served
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.pool_lock import PoolLock
from dispatch_svc.pool_memory import PoolMemory
from dispatch_svc.store import DispatchStore

log = structlog.get_logger()

LIMIT = 200
"""How many rows one save serves at most."""
HEADS = 20
"""How many asks of a class a pass reads, so that its cost does not depend on how many wait; where all of them could be
placed, the next pass reads up to ``LIMIT``."""
STUBBORN = 10
"""After so many conflicts in a row on one row alone it is no conflict with others: the row itself is the reason."""

conflicts = Counter("delivery_dispatch_conflicts_total", "Decisions taken again on fresh state")
pass_seconds = Histogram("delivery_dispatch_pass_duration_seconds", "From reading a wake to the stored decisions")


class BatchFailed(Exception):
    """Something in a batch cannot be loaded or stored; which row it is shows one by one."""


class Dispatcher:
    """One dispatcher with its own connection; used by one thread."""

    def __init__(
        self,
        store: DispatchStore,
        *,
        database_url: str,
        clock: Clock,
        seed: Seed = lambda: secrets.randbits(63),
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.store = store
        self.clock = clock
        self.seed = seed
        self.stopping = stopping
        self.lock = PoolLock(database_url, store.schema)
        self.memory = PoolMemory(store)

    def handle(self, pool: str) -> None:
        """Serve a pool; whatever goes wrong leaves its wake, and the sweep sends the key again. Never raises."""
        try:
            self.serve(PoolKey(pool))
        except Exception as error:
            self.close()
            level = log.warning if isinstance(error, DATABASE_DOWN) else log.exception
            level("pool not served", pool=pool, error=repr(error))
            time.sleep(0.2)

    def serve(self, pool: PoolKey) -> None:
        """Serve ``pool`` while it has a wake; if another dispatcher has it, that one will look once more."""
        waiting = True
        while waiting and not self.stopping():
            if not self.lock.take(pool):
                return
            try:
                self.work_off(pool)
            finally:
                waiting = self.lock.release(pool)
        if waiting:
            self.store.hint(pool)

    def close(self) -> None:
        """Give up the connection, and with it any lock."""
        self.lock.close()

    def work_off(self, pool: PoolKey) -> None:
        """Pass after pass until the wake is answered. The lock is held."""
        limit, heads, lost = LIMIT, HEADS, 0
        while not self.stopping():
            try:
                limits = Limits(rows=limit, heads=min(limit, heads))
                many = self._pass(pool, limits, alone=limit == 1 and lost >= STUBBORN)
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
                parked = inbox_sql.postpone(self.lock.held(), failed.row, failed.error)
                served.labels("parked" if parked else "failed").inc()
                log.error("a decision failed", pool=pool, ask=failed.row.ask, kind=failed.row.kind, parked=parked,
                          project=str(failed.row.project_id), error=repr(failed.error))  # fmt: skip
                limit, lost = LIMIT, 0

    @pass_seconds.time()
    def _pass(self, pool: PoolKey, limits: Limits, *, alone: bool) -> bool | None:
        """One pass: read, decide, save. Returns whether a class had room for all asks read; None when there is
        no wake."""
        work = inbox_sql.read_work(self.lock.held(), pool, limits.rows, limits.heads)
        if work is None:
            return None
        self.lock.renew()
        one = Pass(
            self.store,
            self.memory,
            self.lock.held(),
            pool=pool,
            work=work,
            limits=limits,
            seed=self.seed,
            now=self.clock.now(),
        )
        try:
            with one.span():
                one.load()
                one.decide()
                failpoint("dispatcher.before_commit")
                one.save()
                failpoint("dispatcher.after_commit")
        except Conflict as conflict:
            if alone and (row := one.only()):
                raise RowFailed(row, conflict) from conflict
            raise
        except (RowFailed, *DATABASE_DOWN):
            raise
        except Exception as error:
            if row := one.only():
                raise RowFailed(row, error) from error
            if limits.rows > 1 and one.touched:
                raise BatchFailed from error
            raise
        return one.many


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
