"""Lays out a data set, leads its lives batch by batch, stores them, and brings every feed to where it belongs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from delivery_shared.audit import AuditChain
from delivery_shared.clock import Clock
from delivery_shared.messaging.consumer import Consumer, Position
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.service import Settings
from delivery_shared.texts import key
from delivery_shared.tracing import Trace
from dispatch_svc.application import DispatchApplication
from dispatch_svc.dispatcher import Dispatcher
from dispatch_svc.domain import employing
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.store import DispatchStore
from identity_svc.store import IdentityStore
from project_svc.domain.flow import Flow
from project_svc.flows import Flows
from project_svc.store import ProjectStore
from template_svc.application import TemplateApplication
from template_svc.store import TemplateStore

from delivery_center.composition import Center
from delivery_center.load.seeding.company import EIGHT, Company, Founder, Isv, Listed
from delivery_center.load.seeding.filling import fill, following
from delivery_center.load.seeding.lives import End, Lives, Plan, stamped
from delivery_center.load.seeding.storing import Table, dicts, store_batch

SPAN: Final = timedelta(days=90)
"""The past the projects began in."""

BATCH: Final = 500
"""Projects stored in one transaction per service."""

NOBODY: Final = Trace("seeding", "seeding")
"""What the settings of pools were caused by."""

PURCHASE: Final = ("project_id", "vendor_id", "business_number", "order_number", "business_key", "order_key")
TIMER: Final = ("project_id", "visit", "timeout", "counted_from", "due_at", "overdue", "generation")

REJECTS: Final = 130
"""How often the requirement of the project with a long log was sent back: some 650 rows."""

SHARES: Final[Mapping[End, float]] = MappingProxyType(
    {"completed": 0.80, "cancelled": 0.07, "paused": 0.02, "running": 0.11}
)

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much of everything. ``waiting`` orders are among the ``projects``; the others end in ``shares``."""

    projects: int = 200_000
    staff: int = 2_000
    waiting: int = 5_000
    isvs: int = 50
    customers: int = 20_000
    products_of_large: int = 40
    products_of_others: int = 3
    shares: Mapping[End, float] = field(default_factory=lambda: SHARES)


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """What requests need to know: ``long`` is the project with a long log, ``ordinary`` one that runs."""

    company: Company
    long: UUID
    ordinary: UUID


def seed(settings: Settings, amounts: Amounts, *, say: Say = lambda line: None, draw: int = 1) -> Seeded:
    """Fill a freshly migrated installation whose processes do not run. The same ``draw`` gives the same shape, not
    the same ids. The outboxes count as published: who needs the messages on the broker rewinds them."""
    center = Center(settings)
    try:
        return _Seeder(center, amounts, say, random.Random(draw)).run()  # noqa: S311 - no secret
    finally:
        center.stop()


class _Seeder:
    def __init__(self, center: Center, amounts: Amounts, say: Say, draw: random.Random) -> None:
        self.center = center
        self.amounts = amounts
        self.say = say
        self.draw = draw
        stores = {name: service.store for name, service in center.services.items() if service.store}
        self.outboxes = {name: Outbox(store) for name, store in stores.items()}
        self.template = cast(TemplateStore, stores["template"])
        self.identity = cast(IdentityStore, stores["identity"])
        self.project = cast(ProjectStore, stores["project"])
        self.flows = Flows(self.project.connection, default_messages=False)
        self.dispatch = cast(DispatchStore, stores["dispatch"])
        self.now = datetime.now(UTC)

    def run(self) -> Seeded:
        company = self._company()
        self.calendar = self.project.calendar.current(fresh=True)
        ids = {PoolKey.of_product(p.product_id).stream for p in company.products}
        ids |= {PoolKey.of_provider(isv.party_id).stream for isv in company.isvs}
        pools: Any = self.dispatch.load_all(ids)
        lives = Lives(
            dispatch=self.dispatch,
            flows=cache(self._flow),
            pools=pools,
            calendar=self.calendar.calendar,
            draw=self.draw,
        )
        self._all_may_take(lives, company.isvs)
        with following(self.center.settings):
            long, ordinary = self._lead(lives, company)
        self._finish(lives)
        return Seeded(company=company, long=long, ordinary=ordinary)

    def _lead(self, lives: Lives, company: Company) -> tuple[UUID, UUID]:
        started, last = time.monotonic(), 0
        for number, plan in enumerate(self._plans(company), start=1):
            project = lives.lead(plan)
            if number == 1:
                long = project.id
            elif plan.end == "running" and number < BATCH:
                ordinary = project.id
            if number % BATCH == 0 or number == self.amounts.projects:
                self._store(lives)
            if number - last >= 10_000 or number == self.amounts.projects:
                last = number
                self.say(f"{number} projects after {time.monotonic() - started:.0f} s")
        return long, ordinary

    def _company(self) -> Company:
        a = self.amounts
        founder = Founder(
            template=TemplateApplication(self.template),
            identity=self.identity,
            dispatch=DispatchApplication(self.dispatch),
            at=self.now - SPAN - timedelta(days=2),
        )
        fill(self._consumers("template"), self.outboxes["template"])
        isvs, customers = founder.people(isvs=a.isvs, staff=a.staff, customers=a.customers)
        fill(self._consumers("identity"), self.outboxes["identity"])
        products = founder.products(
            isvs, founder.templates(isvs), of_large=a.products_of_large, of_others=a.products_of_others
        )
        fill(self._consumers("template"), self.outboxes["template"])
        founder.configure(isvs, products)
        fill(self._consumers("dispatch"), self.outboxes["dispatch"])
        self.say(f"{len(isvs)} ISVs with {a.staff} staff, {len(customers)} customers, {len(products)} products")
        return Company(isvs=isvs, customers=customers, products=products)

    def _consumers(self, source: str) -> list[Consumer]:
        return [c for service in self.center.services.values() for c in service.consumers if c.source == source]

    def _flow(self, template_id: UUID) -> Flow:
        return self.flows.version(template_id, 1)

    def _all_may_take(self, lives: Lives, isvs: Sequence[Isv]) -> None:
        """Everybody may hold 50 orders, but nobody of the ISV whose orders wait."""
        at = self.now - SPAN - timedelta(days=1)
        for isv in isvs:
            pool = lives.pools[PoolKey.of_provider(isv.party_id).stream]
            assert isinstance(pool, ProviderPool)
            for person in list(pool.members):
                employing.set_load(pool, person_id=UUID(person), maximum=0 if isv is isvs[-1] else 50, at=at)

    # Plans

    def _plans(self, company: Company) -> Iterator[Plan]:
        """The long log first, then the bulk in any order of times, last those that wait."""
        a, now = self.amounts, self.now
        *bulk, for_provider, for_person = company.products
        eight = {t.template_id for t in bulk if len(self._flow(t.template_id).leaves) == len(EIGHT)}
        large = [p for p in bulk if p.vendor_id == company.isvs[0].party_id]
        others = [p for p in bulk if p.vendor_id != company.isvs[0].party_id]
        yield Plan(
            number="L0000001",
            product=next(p for p in large if p.template_id in eight),
            customer_id=company.customers[0],
            started_at=now - SPAN,
            until=now,
            end="running",
            operations=2 + 2 * REJECTS,
            rejects=REJECTS,
        )
        ends = list(a.shares)
        for n in range(1, a.projects - a.waiting):
            product = self.draw.choice(large if self.draw.random() < 0.3 else others)
            yield self._plan(company, n, product, self.draw.choices(ends, list(a.shares.values()))[0], eight)
        for n in range(a.waiting):
            started = now - timedelta(minutes=self.draw.uniform(5, 60 * 24 * 5))
            yield Plan(
                number=f"W{n:08d}",
                product=for_provider if n % 2 else for_person,
                customer_id=self.draw.choice(company.customers),
                started_at=started,
                until=now,
                end="waiting",
            )

    def _plan(self, company: Company, n: int, product: Listed, end: End, eight: set[UUID]) -> Plan:
        operations = 6 if product.template_id in eight else 3
        if end in ("running", "paused"):
            started = self.now - timedelta(days=self.draw.betavariate(1, 4) * SPAN.days)
            until = self.now
            operations = self.draw.randrange(operations)
        else:
            started = self.now - timedelta(days=self.draw.uniform(0.5, SPAN.days))
            until = started + (self.now - started) * self.draw.uniform(0.05, 0.6)
            if end == "cancelled":
                operations = self.draw.randrange(operations)
        # The second customer is a reseller.
        customer = company.customers[1] if n % 500 == 0 else self.draw.choice(company.customers)
        return Plan(
            number=f"{self.now:%Y}{n:09d}",
            product=product,
            customer_id=customer,
            started_at=started,
            until=until,
            end=end,
            operations=operations,
        )

    # Storing

    def _store(self, lives: Lives) -> None:
        batch = lives.batch
        timers, purchases = [], []
        events: list[Any] = []
        for project in batch.projects:
            events += stamped(project, batch.traces[project.id])
            numbers = (project.business_number, project.order_number)
            purchases.append((project.id, project.vendor_id, *numbers, *map(key, numbers)))
            if clock := project.running_clock:
                due = self.calendar.calendar.due(clock.since, clock.timeout)
                overdue = clock.overdue is not None
                timers.append(
                    (project.id, clock.visit, clock.timeout, clock.since, due, overdue, self.calendar.generation)
                )
        waits = [
            {"project_id": w["project_id"], "request_id": w["request_id"], "reason": w["reason"],
             "queued_at": w["queued_at"]}
            for w in batch.waiting
        ]  # fmt: skip
        tables: dict[str, Table] = {
            "purchase": (PURCHASE, purchases),
            "timer": (TIMER, timers),
            **({"waiting": dicts(waits)} if waits else {}),
        }
        store_batch(self.project, events, tables)
        events = [e for pool in lives.pools.values() for e in stamped(pool, NOBODY)]
        events += [e for a in batch.assignments for e in stamped(a, batch.traces[a.id])]
        tables = {
            **({"decision": dicts(batch.decisions)} if batch.decisions else {}),
            **({"pool_inbox": dicts(batch.waiting)} if batch.waiting else {}),
        }
        store_batch(self.dispatch, events, tables)
        lives.begin()

    def _finish(self, lives: Lives) -> None:
        """What follows from all of it: snapshots, arrivals, wakes, positions, audit chains."""
        with self.dispatch.connection() as connection:
            connection.execute("SELECT setval('arrival_seq', %s)", (lives.arrival + 1,))
            wakes = [row["pool"] for row in connection.execute("SELECT pool FROM wake").fetchall()]
            connection.execute(
                "INSERT INTO pool_class (pool, class, reason, last_attempt, seq)"
                " SELECT pool, class, max(reason), max(queued_at), 0 FROM pool_inbox GROUP BY pool, class"
            )
        for pool in lives.pools:
            self.dispatch.take_snapshot(pool)
        dispatcher = Dispatcher(self.dispatch, database_url=self.center.databases["dispatch"], clock=Clock())
        try:
            for key in wakes:
                dispatcher.serve(PoolKey(key))
        finally:
            dispatcher.close()
        for store in (self.template, self.identity, self.project, self.dispatch):
            with store.connection() as connection:
                connection.execute(
                    "INSERT INTO outbox_position (relay, position) VALUES (%s, %s) ON CONFLICT (relay)"
                    " DO UPDATE SET position = excluded.position",
                    (store.name, self.outboxes[store.name].last()),
                )
        for service, source in (("project", "dispatch"), ("dispatch", "project"), ("identity", "dispatch")):
            (consumer,) = [c for c in self.center.services[service].consumers if c.source == source]
            old = consumer.position()
            consumer.commit([], [consumer.advance(old, Position(self.outboxes[source].last(), None))])
        for source in ("template", "identity", "intake", "dispatch", "project"):
            started = time.monotonic()
            number = fill(self._consumers(source), self.outboxes[source])
            self.say(f"{number} messages of {source} read after {time.monotonic() - started:.0f} s")
        for store in (self.template, self.identity, self.project, self.dispatch):
            chain = AuditChain(store)
            while chain.extend():
                pass
        for url in sorted(set(self.center.databases.values())):
            with psycopg.connect(url, autocommit=True) as database:
                # As autovacuum would have left the tables in so much time; else the first minutes are measured.
                database.execute("VACUUM ANALYZE")
