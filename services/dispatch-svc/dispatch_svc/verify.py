"""Read-only checks of what must always be true (architecture 9), recomputed from the events, not from counters.

:func:`verify` runs them all on one snapshot of the events and the inbox; each check returns its violations, none =
true. Pools are loaded beside that snapshot, so run it when no dispatcher is at work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast
from uuid import UUID

from delivery_shared.eventstore import EventStore
from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.facts import DispatchFact
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.recount import Recount

T = 30.0
"""Seconds an eligible request, or a wake, may stand before it counts as forgotten."""


EVENT = "originator_id, originator_version, topic, state"


def verify(store: EventStore, older_than: float = T) -> list[str]:
    """All checks on one snapshot of the database; the violations found."""
    with _snapshot(store) as connection:
        recount = _recount(store, connection)
        return [
            *recount.violations,
            *_counts(store, connection, recount),
            *_requests(connection, recount),
            *_idle(store, connection, recount, older_than),
            *_wakes(connection, older_than),
            *_parked(connection),
        ]


def capacity_and_order(store: EventStore) -> list[str]:
    """Invariants 2 and 4: nobody above the maximum at the time of a decision (claims excepted), asks of a class
    served by arrival, every ask answered at most once."""
    with _snapshot(store) as connection:
        return _recount(store, connection).violations


def counts(store: EventStore) -> list[str]:
    """Invariant 3: loads equal a recount of what projects hold, pending releases included; the pools as loaded from
    their snapshots equal their events."""
    with _snapshot(store) as connection:
        return _counts(store, connection, _recount(store, connection))


def requests(store: EventStore) -> list[str]:
    """Invariant 3: requests accepted = waiting + assigned + ended + refused, and those waiting are in the inbox."""
    with _snapshot(store) as connection:
        return _requests(connection, _recount(store, connection))


def idle(store: EventStore, older_than: float = T) -> list[str]:
    """Invariant 4: nobody waits beside idle capacity in a pool that nothing has woken lately."""
    with _snapshot(store) as connection:
        return _idle(store, connection, _recount(store, connection), older_than)


def wakes(store: EventStore, older_than: float = T) -> list[str]:
    """Invariant 9: no pool was left unlooked at for longer."""
    with _snapshot(store) as connection:
        return _wakes(connection, older_than)


def parked(store: EventStore) -> list[str]:
    """Invariant 9: rows put aside after failing."""
    with _snapshot(store) as connection:
        return _parked(connection)


@contextmanager
def _snapshot(store: EventStore) -> Iterator[Connection[DictRow]]:
    with store.connection() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


def _recount(store: EventStore, connection: Connection[DictRow]) -> Recount:
    recount = Recount()
    with connection.cursor("events") as cursor:
        events = store.events_recorder.events_table_name
        cursor.execute(f"SELECT {EVENT} FROM {events} ORDER BY notification_id")  # noqa: S608
        for row in cursor:
            stored = StoredEvent(**{**row, "state": bytes(row["state"])})
            recount.add(cast(DispatchFact, store.mapper.to_domain_event(stored)))
    return recount


def _counts(store: EventStore, connection: Connection[DictRow], recount: Recount) -> list[str]:
    expected = recount.held()
    for row in connection.execute("SELECT pool, provider_id, person_id FROM pool_inbox WHERE kind = 'release'"):
        expected[(PoolKey(row["pool"]).stream, str(row["person_id"] or row["provider_id"]))] += 1
    counted = {key: n for key, n in recount.load.items() if n}
    found = [
        f"{key[1]} of pool {key[0]} holds {expected[key]} but is counted {counted.get(key, 0)}"
        for key in sorted({*expected, *counted}, key=str)
        if expected[key] != counted.get(key, 0)
    ]
    loaded: dict[tuple[UUID, str], int] = {}
    for stream, pool in store.load_all(recount.pools).items():
        if isinstance(pool, ProviderConfiguration):
            loaded |= {(stream, provider): n for provider, n in pool.load.items() if n}
        elif isinstance(pool, ProviderPool):
            loaded |= {(stream, person): m["load"] for person, m in pool.members.items() if m["load"]}
    if loaded != counted:
        found.append(f"pools loaded from snapshots differ from their events: {loaded} is not {counted}")
    return found


def _requests(connection: Connection[DictRow], recount: Recount) -> list[str]:
    rows = {
        row["ask"]: row
        for row in connection.execute(
            "SELECT ask, kind, project_id, suspended, reason, holders FROM pool_inbox WHERE ask IS NOT NULL"
        )
    }
    accepted, closed = len(recount.opened), sum(recount.ended.values())
    found = []
    if accepted != len(recount.waiting) + closed:
        found.append(f"{accepted} requests accepted, {len(recount.waiting)} waiting, {closed} closed")
    found += [f"request {ask} waits but is in no inbox" for ask in sorted(recount.waiting.keys() - rows.keys())]
    found += [f"request {ask} is in the inbox but not open" for ask in sorted(rows.keys() - recount.waiting.keys())]
    found += [
        f"request {ask} is {'suspended' if row['suspended'] else 'not suspended'}, its project is not alike"
        for ask, row in rows.items()
        if row["kind"] == "ask" and row["suspended"] != (row["project_id"] in recount.suspended)
    ]
    found += [
        f"request {ask} does not know who holds its project"
        for ask, row in rows.items()
        if row["kind"] == "ask"
        and row["reason"]
        and set(map(str, row["holders"] or ())) != recount.holders(row["project_id"])
    ]
    return found


def _idle(store: EventStore, connection: Connection[DictRow], recount: Recount, older_than: float) -> list[str]:
    rows = connection.execute(
        "SELECT pool, class, array_agg(DISTINCT project_id) AS projects FROM pool_inbox"
        " WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL AND next_try IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM wake WHERE wake.pool = pool_inbox.pool AND wake.at > now() - %s)"
        " GROUP BY pool, class ORDER BY pool, class",
        (timedelta(seconds=older_than),),
    ).fetchall()
    pools = store.load_all(PoolKey(row["pool"]).stream for row in rows)
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
                if not recount.holders(project).isdisjoint(able.members)
            ]
    return found


def _wakes(connection: Connection[DictRow], older_than: float) -> list[str]:
    rows = connection.execute(
        "SELECT pool, at FROM wake WHERE at < now() - %s ORDER BY at", (timedelta(seconds=older_than),)
    )
    return [f"{row['pool']} was last looked at before {row['at'].isoformat()}" for row in rows]


def _parked(connection: Connection[DictRow]) -> list[str]:
    rows = connection.execute("SELECT ask, kind, pool, error FROM pool_inbox WHERE parked_at IS NOT NULL")
    return [f"{row['kind']} {row['ask'] or ''} of {row['pool']} is parked: {row['error']}" for row in rows]
