"""What a decision of dispatch costs while many orders wait: it must not grow with their number."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from delivery_shared.clock import Clock
from delivery_shared.contracts import Contract, identity, project
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import encode, open_message
from delivery_shared.migrate import migrate
from delivery_shared.testing.fixtures import scratch_database
from dispatch_svc.dispatcher import Dispatcher
from dispatch_svc.domain import employing
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.inbox_sql import RAISE_WAKE
from dispatch_svc.policies import consumers
from dispatch_svc.store import DispatchStore

PEOPLE = 200


class Shop:
    """One provider whose designers are all full, and ``waiting`` orders that ask for one."""

    def __init__(self, database_url: str, waiting: int) -> None:
        self.store = DispatchStore(database_url=database_url, schema=f"bench_{uuid4().hex[:8]}")
        migrate(
            database_url=database_url,
            schema=self.store.schema,
            package="dispatch_svc",
            driver="psycopg",
            store=self.store,
        )
        self.feeds = {feed.source: feed for feed in consumers(self.store)}
        self.provider, self.vendor, self.people = uuid4(), uuid4(), [uuid4() for _ in range(PEOPLE)]
        self.pool = PoolKey.of_provider(self.provider)
        self.dispatcher = Dispatcher(self.store, database_url=database_url, clock=Clock())
        self.tell([self.hired(n) for n in range(PEOPLE)])
        self.change(lambda pool: [employing.set_load(pool, person_id=p, maximum=0, at=now()) for p in self.people])
        self.tell([self.asked() for _ in range(waiting)])
        self.serve()
        with self.store.connection() as connection:
            connection.execute("ANALYZE pool_inbox")

    def tell(self, contracts: list[Contract]) -> None:
        feed = self.feeds[contracts[0].producer()]
        for start in range(0, len(contracts), 200):
            batch, old = contracts[start : start + 200], feed.position()
            messages = [
                open_message(
                    encode(
                        contract,
                        notification_id=old.id + n,
                        prev=old.id + n - 1,
                        subject=str(uuid4()),
                        subject_version=1,
                        time=now(),
                        correlation_id="bench",
                        causation_id="bench",
                    )
                )
                for n, contract in enumerate(batch, start=1)
            ]
            feed.apply(messages, old, Position(old.id + len(batch), None))

    def hired(self, n: int) -> Contract:
        return identity.UserSaved(
            user_id=self.people[n],
            party_id=self.provider,
            side="provider",
            main=False,
            login_name=f"designer{n}",
            name=f"designer{n}",
            roles=["designer"],
            saved_at=now(),
        )

    def asked(self) -> Contract:
        return project.StaffRequested(
            project_id=uuid4(),
            run=1,
            request_id=uuid4(),
            kind="assign",
            vendor_id=self.vendor,
            customer_id=uuid4(),
            product_id=uuid4(),
            provider_id=self.provider,
            order_number=uuid4().hex[:12],
            role="designer",
            requested_at=now(),
        )

    def change(self, step: Callable[[ProviderPool], object]) -> None:
        """Change the pool and wake it."""
        found = self.store.pool(ProviderPool, self.pool)
        assert found is not None
        step(found)
        self.store.save_all([found])
        with self.store.connection() as connection:
            connection.execute(RAISE_WAKE, {"pool": self.pool})

    def serve(self) -> float:
        """Serve the pool; returns milliseconds."""
        start = time.perf_counter()
        self.dispatcher.serve(self.pool)
        return (time.perf_counter() - start) * 1000

    def close(self) -> None:
        self.dispatcher.close()
        self.store.close()


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Milliseconds: medians of a decision that gives one order to a person who has become free and of an attempt that
    finds nobody, and how long after a place was freed the next order had it."""

    assigned: float
    nobody: float
    freed_p50: float
    freed_p99: float


def run(waiting: int) -> Decisions:
    """One place after the other becomes free, with ``waiting`` orders before and after it."""
    assigned, nobody, freed = [], [], []
    with scratch_database() as database_url:
        shop = Shop(database_url, waiting)
        for person in shop.people:
            shop.tell([shop.asked()])
            shop.serve()
            shop.change(lambda pool: None)
            nobody.append(shop.serve())
            start = time.perf_counter()
            shop.change(lambda pool, person=person: employing.set_load(pool, person_id=person, maximum=1, at=now()))  # type: ignore[misc]
            assigned.append(shop.serve())
            freed.append((time.perf_counter() - start) * 1000)
        shop.close()
    return Decisions(
        assigned=statistics.median(assigned),
        nobody=statistics.median(nobody),
        freed_p50=statistics.median(freed),
        freed_p99=statistics.quantiles(freed, n=100)[-1],
    )
