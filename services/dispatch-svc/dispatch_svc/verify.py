"""Read-only checks of what must always be true (architecture 9), recomputed from the events, not from counters.

:func:`verify` runs them all on one snapshot of the events and the inbox; each check returns its violations, none =
true. Rows are compared with what follows from the events in ``verification.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from delivery_shared.eventstore import EventStore
from delivery_shared.verifying.stored import stored
from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.recount import Recount

T = 30.0
"""Seconds an eligible request, or a wake, may stand before it counts as forgotten."""

FORGOTTEN: Final[Mapping[str, str]] = {
    "has no wake": "kind <> 'ask' AND parked_at IS NULL AND next_try IS NULL AND NOT EXISTS (SELECT FROM wake"
    " WHERE wake.pool = pool_inbox.pool)",
    "is not tried again when it should be": "parked_at IS NULL"
    " AND next_try > now() + interval '1 second' * (power(2, attempts) + 60)",
    "has failed, but not as it says": "attempts < 0 OR (attempts = 0) <> (error IS NULL)",
}
"""What rows must not be, and when they are."""


@dataclass(frozen=True)
class Queue:
    """The queue at one moment: ``connection`` sees it, ``recount`` has folded all facts."""

    store: EventStore
    connection: Connection[DictRow]
    recount: Recount
    older_than: float = T

    def all(self) -> list[str]:
        return [
            *self.recount.violations,
            *self.counts(),
            *self.requests(),
            *self.idle(),
            *self.forgotten(),
            *self.wakes(),
            *self.parked(),
        ]

    def pools(self, wanted: Iterable[UUID]) -> Mapping[UUID, Any]:
        """Pools as the dispatchers load them: from their snapshots and what was told since."""
        ids = list(dict.fromkeys(wanted))
        snapshots = self.store._snapshots_of(self.connection, ids)
        return self.store.brought_up(self.connection, ids, snapshots)

    def counts(self) -> list[str]:
        """Invariant 3."""
        expected = self.recount.held()
        for row in self.connection.execute(
            "SELECT pool, provider_id, person_id FROM pool_inbox WHERE kind = 'release'"
        ):
            expected[(PoolKey(row["pool"]).stream, str(row["person_id"] or row["provider_id"]))] += 1
        counted = {key: n for key, n in self.recount.load.items() if n}
        found = [
            f"{key[1]} of pool {key[0]} holds {expected[key]} but is counted {counted.get(key, 0)}"
            for key in sorted({*expected, *counted}, key=str)
            if expected[key] != counted.get(key, 0)
        ]
        loaded: dict[tuple[UUID, str], int] = {}
        for stream, pool in self.pools(self.recount.pools).items():
            if isinstance(pool, ProviderConfiguration):
                loaded |= {(stream, provider): n for provider, n in pool.load.items() if n}
            elif isinstance(pool, ProviderPool):
                loaded |= {(stream, person): m["load"] for person, m in pool.members.items() if m["load"]}
        if loaded != counted:
            found.append(f"pools loaded from snapshots differ from their events: {loaded} is not {counted}")
        return found

    def requests(self) -> list[str]:
        """Invariant 3."""
        rows = {
            row["ask"]: row
            for row in self.connection.execute(
                "SELECT ask, kind, project_id, suspended, reason, holders FROM pool_inbox WHERE ask IS NOT NULL"
            )
        }
        recount = self.recount
        accepted, closed = len(recount.opened), sum(recount.ended.values())
        found = []
        if accepted != len(recount.waiting) + closed:
            found.append(f"{accepted} requests accepted, {len(recount.waiting)} waiting, {closed} closed")
        found += [
            f"dispatch: request {ask} waits but is in no inbox" for ask in sorted(recount.waiting.keys() - rows.keys())
        ]
        found += [
            f"dispatch: request {ask} is in the inbox but not open"
            for ask in sorted(rows.keys() - recount.waiting.keys())
        ]
        found += [
            f"dispatch: request {ask} {'rests' if row['suspended'] else 'does not rest'}, its project is not alike"
            for ask, row in rows.items()
            if row["kind"] == "ask" and row["suspended"] != (row["project_id"] in recount.suspended)
        ]
        found += [
            f"dispatch: request {ask} does not know who holds its project"
            for ask, row in rows.items()
            if row["kind"] == "ask"
            and (row["reason"] or row["holders"])
            and set(map(str, row["holders"] or ())) != recount.holders(row["project_id"])
        ]
        return found

    def idle(self) -> list[str]:
        """Invariant 4."""
        rows = self.connection.execute(
            "SELECT pool, class, array_agg(DISTINCT project_id) AS projects FROM pool_inbox"
            " WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL AND next_try IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM wake WHERE wake.pool = pool_inbox.pool AND wake.at > now() - %s)"
            " GROUP BY pool, class ORDER BY pool, class",
            (timedelta(seconds=self.older_than),),
        ).fetchall()
        pools = self.pools(PoolKey(row["pool"]).stream for row in rows)
        found = []
        for row in rows:
            pool = pools.get(PoolKey(row["pool"]).stream)
            if isinstance(pool, ProviderConfiguration):
                if pool.blocked is None:
                    found.append(f"asks wait in {row['pool']} beside idle capacity")
            elif isinstance(pool, ProviderPool):
                able = pool.able(StaffClass(row["class"]))
                if able.blocked() is None:
                    found.append(f"asks of class {row['class']!r} wait in {row['pool']} beside idle capacity")
                found += [
                    f"project {project} waits in {row['pool']} for one of class {row['class']!r} who holds it"
                    for project in row["projects"]
                    if not self.recount.holders(project).isdisjoint(able.members)
                ]
        return found

    def forgotten(self) -> list[str]:
        """Releases, claims and wanted candidates are done with the wake of their pool; what failed is tried again
        within seconds, or parked."""
        return [
            f"dispatch: table pool_inbox: arrival={row['arrival']}, {row['kind']} of {row['pool']}, {what}"
            for what, condition in FORGOTTEN.items()
            for row in self.connection.execute(
                f"SELECT arrival, pool, kind FROM pool_inbox WHERE {condition} ORDER BY arrival"  # noqa: S608 - ours
            )
        ]

    def wakes(self) -> list[str]:
        """Invariant 9."""
        rows = self.connection.execute(
            "SELECT pool, at, at > clock_timestamp() + interval '1 minute' AS ahead FROM wake"
            " WHERE at < now() - %s OR at > clock_timestamp() + interval '1 minute' ORDER BY at",
            (timedelta(seconds=self.older_than),),
        )
        return [
            f"dispatch: table wake: {row['pool']} was last looked at {'at' if row['ahead'] else 'before'}"
            f" {row['at'].isoformat()}{', which is still to come' if row['ahead'] else ''}"
            for row in rows
        ]

    def parked(self) -> list[str]:
        """Invariant 9."""
        rows = self.connection.execute("SELECT ask, kind, pool, error FROM pool_inbox WHERE parked_at IS NOT NULL")
        return [
            f"dispatch: table pool_inbox: {row['kind']} {row['ask'] or ''} of {row['pool']} is parked: {row['error']}"
            for row in rows
        ]


def verify(store: EventStore, older_than: float = T) -> list[str]:
    """All checks of the queue on one snapshot of the database; the violations found."""
    with _queue(store, older_than) as queue:
        return queue.all()


def capacity_and_order(store: EventStore) -> list[str]:
    """Invariants 2 and 4: nobody above the maximum at the time of a decision (claims excepted), asks of a class
    served by arrival, every ask answered at most once."""
    with _queue(store) as queue:
        return queue.recount.violations


def counts(store: EventStore) -> list[str]:
    """Invariant 3: loads equal a recount of what projects hold, pending releases included; the pools as loaded from
    their snapshots equal their events."""
    with _queue(store) as queue:
        return queue.counts()


def requests(store: EventStore) -> list[str]:
    """Invariant 3: requests accepted = waiting + assigned + ended + refused, and those waiting are in the inbox."""
    with _queue(store) as queue:
        return queue.requests()


def idle(store: EventStore, older_than: float = T) -> list[str]:
    """Invariant 4: nobody waits beside idle capacity in a pool that nothing has woken lately."""
    with _queue(store, older_than) as queue:
        return queue.idle()


def wakes(store: EventStore, older_than: float = T) -> list[str]:
    """Invariant 9: no pool was left unlooked at for longer."""
    with _queue(store, older_than) as queue:
        return queue.wakes()


def parked(store: EventStore) -> list[str]:
    """Invariant 9: rows put aside after failing."""
    with _queue(store) as queue:
        return queue.parked()


@contextmanager
def _queue(store: EventStore, older_than: float = T) -> Iterator[Queue]:
    with store.connection() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        recount = Recount()
        for told in stored(store, connection, lambda line, _: recount.violations.append(line)):
            recount.add(told.fact)
        yield Queue(store, connection, recount, older_than)
