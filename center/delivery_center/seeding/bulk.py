"""A fresh installation, written to in bulk: its stores, what lives leave in them, and every feed brought to where it
belongs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from delivery_shared.audit import AuditChain
from delivery_shared.clock import Clock
from delivery_shared.messaging.consumer import Consumer, Position
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.texts import key
from delivery_shared.tracing import Trace
from dispatch_svc.dispatcher import Dispatcher
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.store import DispatchStore
from identity_svc.store import IdentityStore
from project_svc.files import FileStore
from project_svc.main import application_of
from project_svc.store import ProjectStore
from project_svc.timers import next_at
from template_svc.store import TemplateStore

from delivery_center.composition import Center
from delivery_center.seeding.filling import fill
from delivery_center.seeding.lives import Lives, stamped
from delivery_center.seeding.storing import Table, dicts, store_batch

NOBODY: Final = Trace("seeding", "seeding")
"""What the settings of pools were caused by."""

PURCHASE: Final = ("project_id", "vendor_id", "business_number", "order_number", "business_key", "order_key")
TIMER: Final = (
    "project_id", "visit", "timeout", "counted_from", "due_at", "overdue", "generation", "next_at"
)  # fmt: skip

Say = Callable[[str], None]


class Bulk:
    """Writes to an installation whose processes do not run."""

    def __init__(self, center: Center, say: Say) -> None:
        self.center = center
        self.say = say
        stores = {name: service.store for name, service in center.services.items() if service.store}
        self.outboxes = {name: Outbox(store) for name, store in stores.items()}
        self.template = cast(TemplateStore, stores["template"])
        self.identity = cast(IdentityStore, stores["identity"])
        self.project = cast(ProjectStore, stores["project"])
        self.dispatch = cast(DispatchStore, stores["dispatch"])

    @property
    def files(self) -> FileStore:
        """Where files lie."""
        return application_of(self.project, self.center.settings.of("project")).files

    def read(self, source: str) -> int:
        """Have everybody read what a service has told so far; returns how many messages there were."""
        consumers = [c for service in self.center.services.values() for c in service.consumers if c.source == source]
        return fill(consumers, self.outboxes[source])

    def pools(self, *, products: Iterable[UUID], providers: Iterable[UUID]) -> Any:
        """The pools of these products and providers, by stream."""
        ids = {PoolKey.of_product(product_id).stream for product_id in products}
        return self.dispatch.load_all(ids | {PoolKey.of_provider(provider_id).stream for provider_id in providers})

    def store(self, lives: Lives, *, by_time: bool = False) -> None:
        """What lives have brought forth since the last time. ``by_time``: they were led at once, and their facts are
        stored as they happened; else project by project."""
        batch = lives.batch
        calendar = self.project.calendar.current()
        timers, purchases = [], []
        events: list[Any] = []
        for project in batch.projects:
            events += stamped(project, batch.traces[project.id])
            numbers = (project.business_number, project.order_number)
            purchases.append((project.id, project.vendor_id, *numbers, *map(key, numbers)))
            if clock := project.running_clock:
                due = calendar.calendar.due(clock.since, clock.timeout)
                look = next_at(calendar.calendar, project, clock) if lives.tells else None
                overdue = clock.overdue is not None
                timers.append(
                    (project.id, clock.visit, clock.timeout, clock.since, due, overdue, calendar.generation, look)
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
            **({"file": dicts(batch.files)} if batch.files else {}),
        }
        store_batch(self.project, sorted(events, key=_happened) if by_time else events, tables)
        events = [e for pool in lives.pools.values() for e in stamped(pool, NOBODY)]
        events += [e for a in batch.assignments for e in stamped(a, batch.traces[a.id])]
        tables = {
            **({"decision": dicts(batch.decisions)} if batch.decisions else {}),
            **({"pool_inbox": dicts(batch.waiting)} if batch.waiting else {}),
        }
        store_batch(self.dispatch, sorted(events, key=_happened) if by_time else events, tables)
        lives.begin()

    def finish(self, lives: Lives) -> None:
        """What follows from all of it: snapshots, arrivals, wakes, positions, what the others read, audit chains."""
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
            for name in wakes:
                dispatcher.serve(PoolKey(name))
        finally:
            dispatcher.close()
        for store in self._stores:
            with store.connection() as connection:
                connection.execute(
                    "INSERT INTO outbox_position (relay, position) VALUES (%s, %s) ON CONFLICT (relay)"
                    " DO UPDATE SET position = excluded.position",
                    (store.name, self.outboxes[store.name].last()),
                )
        for service, source in (("project", "dispatch"), ("dispatch", "project"), ("identity", "dispatch")):
            consumer = self._consumer(service, source)
            old = consumer.position()
            consumer.commit([], [consumer.advance(old, Position(self.outboxes[source].last(), None))])
        for source in ("template", "identity", "intake", "dispatch", "project"):
            started = time.monotonic()
            number = self.read(source)
            self.say(f"{number} messages of {source} read after {time.monotonic() - started:.0f} s")
        for store in self._stores:
            chain = AuditChain(store)
            while chain.extend():
                pass
        for url in sorted(set(self.center.databases.values())):
            with psycopg.connect(url, autocommit=True) as database:
                # As autovacuum would have left the tables in so much time; else the first minutes are measured.
                database.execute("VACUUM ANALYZE")

    @property
    def _stores(self) -> tuple[TemplateStore, IdentityStore, ProjectStore, DispatchStore]:
        return self.template, self.identity, self.project, self.dispatch

    def _consumer(self, service: str, source: str) -> Consumer:
        (consumer,) = [c for c in self.center.services[service].consumers if c.source == source]
        return consumer


def _happened(event: Any) -> Any:
    return event.timestamp
