"""Lays out a data set, leads its lives batch by batch, stores them, and brings every feed to where it belongs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Final
from uuid import UUID

from delivery_shared.service import Settings
from dispatch_svc.application import DispatchApplication
from dispatch_svc.domain import employing
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from project_svc.domain.flow import Flow
from project_svc.flows import Flows
from template_svc.application import TemplateApplication

from delivery_center.composition import Center
from delivery_center.seeding.bulk import Bulk, Say
from delivery_center.seeding.company import EIGHT, Company, Founder, Isv, Listed
from delivery_center.seeding.filling import following
from delivery_center.seeding.lives import End, Lives, Plan

SPAN: Final = timedelta(days=90)
"""The past the projects began in."""

BATCH: Final = 500
"""Projects stored in one transaction per service."""

REJECTS: Final = 130
"""How often the requirement of the project with a long log was sent back: some 650 rows."""

SHARES: Final[Mapping[End, float]] = MappingProxyType(
    {"completed": 0.80, "cancelled": 0.07, "paused": 0.02, "running": 0.11}
)


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much of everything. ``waiting`` orders are among the ``projects``; the others end in ``shares``.

    :raises ValueError: there are not more projects than orders that wait.
    """

    projects: int = 200_000
    staff: int = 2_000
    waiting: int = 5_000
    isvs: int = 50
    customers: int = 20_000
    products_of_large: int = 40
    products_of_others: int = 3
    shares: Mapping[End, float] = field(default_factory=lambda: SHARES)

    def __post_init__(self) -> None:
        if self.projects <= self.waiting:
            raise ValueError(f"{self.projects} projects are not more than the {self.waiting} orders that wait")


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
        self.bulk = Bulk(center, say)
        self.amounts = amounts
        self.say = say
        self.draw = draw
        self.flows = Flows(self.bulk.project.connection, default_messages=False)
        self.now = datetime.now(UTC)

    def run(self) -> Seeded:
        company = self._company()
        lives = Lives(
            dispatch=self.bulk.dispatch,
            flows=cache(self._flow),
            pools=self.bulk.pools(
                products=[product.product_id for product in company.products],
                providers=[isv.party_id for isv in company.isvs],
            ),
            calendar=self.bulk.project.calendar.current(fresh=True).calendar,
            draw=self.draw,
        )
        self._all_may_take(lives, company.isvs)
        with following(self.bulk.center.settings):
            long, ordinary = self._lead(lives, company)
        self.bulk.finish(lives)
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
                self.bulk.store(lives)
            if number - last >= 10_000 or number == self.amounts.projects:
                last = number
                self.say(f"{number} projects after {time.monotonic() - started:.0f} s")
        return long, ordinary

    def _company(self) -> Company:
        a = self.amounts
        founder = Founder(
            template=TemplateApplication(self.bulk.template),
            identity=self.bulk.identity,
            dispatch=DispatchApplication(self.bulk.dispatch),
            at=self.now - SPAN - timedelta(days=2),
        )
        self.bulk.read("template")
        isvs, customers = founder.people(isvs=a.isvs, staff=a.staff, customers=a.customers)
        self.bulk.read("identity")
        products = founder.products(
            isvs, founder.templates(isvs), of_large=a.products_of_large, of_others=a.products_of_others
        )
        self.bulk.read("template")
        founder.configure(isvs, products)
        self.bulk.read("dispatch")
        self.say(f"{len(isvs)} ISVs with {a.staff} staff, {len(customers)} customers, {len(products)} products")
        return Company(isvs=isvs, customers=customers, products=products)

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
