"""Read-only checks of what must always be true (architecture 9), recomputed from the events, not from counters.

:func:`verify` runs them all on one snapshot of the events and the inbox; each check returns its violations, none =
true. Pools are loaded beside that snapshot, so run it when no dispatcher is at work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import EventStore
from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc.configuration import ProviderConfiguration
from dispatch_svc.domain import pool_stream, product_pool, provider_pool
from dispatch_svc.pool import ProviderPool

T = 30.0
"""Seconds an eligible request, or a wake, may stand before it counts as forgotten."""


EVENT = "originator_id, originator_version, topic, state"


@dataclass
class Recount:
    """Everything told by the events, folded anew. Loads are counted by ``(pool stream, holder)``."""

    violations: list[str] = field(default_factory=list)
    maxima: dict[tuple[UUID, str], int] = field(default_factory=dict)
    load: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    product: dict[UUID, UUID] = field(default_factory=dict)
    provider: dict[UUID, UUID] = field(default_factory=dict)
    reserved: dict[UUID, UUID] = field(default_factory=dict)
    roles: dict[UUID, dict[str, tuple[UUID, UUID]]] = field(default_factory=lambda: defaultdict(dict))
    opened: set[str] = field(default_factory=set)
    waiting: dict[str, UUID] = field(default_factory=dict)
    suspended: set[UUID] = field(default_factory=set)
    ever_suspended: set[UUID] = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter)
    reserving: dict[UUID, tuple[str, list[str]]] = field(default_factory=dict)
    last: dict[tuple[UUID, str], int] = field(default_factory=dict)
    pools: set[UUID] = field(default_factory=set)

    def add(self, event: Any) -> None:
        """Fold one event."""
        owner, _, name = type(event).__qualname__.partition(".")
        fold: Callable[[Any], None] | None = getattr(self, f"_{owner}_{name}", None)
        if fold is not None:
            fold(event)

    # Pools

    def _ProviderConfiguration_Opened(self, e: Any) -> None:
        self.pools.add(e.originator_id)

    def _ProviderConfiguration_ProvidersConfigured(self, e: Any) -> None:
        for key in [key for key in self.maxima if key[0] == e.originator_id]:
            del self.maxima[key]
        for provider in e.providers:
            self.maxima[(e.originator_id, str(provider["provider_id"]))] = provider["maximum"]

    def _ProviderConfiguration_ProviderChosen(self, e: Any) -> None:
        self._take(e, str(e.provider_id), counted=True, limited=True)
        self._in_order(e, "", "draw")

    def _ProviderConfiguration_ProviderReleased(self, e: Any) -> None:
        self._give_back(e, str(e.provider_id))

    def _ProviderPool_Opened(self, e: Any) -> None:
        self.pools.add(e.originator_id)

    def _ProviderPool_MemberJoined(self, e: Any) -> None:
        self.maxima[(e.originator_id, str(e.person_id))] = e.maximum

    def _ProviderPool_MemberSet(self, e: Any) -> None:
        self.maxima[(e.originator_id, str(e.person_id))] = e.maximum

    def _ProviderPool_MemberClosed(self, e: Any) -> None:
        self.maxima.pop((e.originator_id, str(e.person_id)), None)

    def _ProviderPool_PersonChosen(self, e: Any) -> None:
        self._take(e, str(e.person_id), counted=e.counted, limited=e.how != "claim")
        self._in_order(e, e.cls, "assign")

    def _ProviderPool_PersonReleased(self, e: Any) -> None:
        self._give_back(e, str(e.person_id))

    def _take(self, e: Any, holder: str, *, counted: bool, limited: bool) -> None:
        key = (e.originator_id, holder)
        maximum = self.maxima.get(key)
        if limited and (maximum is None or self.load[key] >= maximum):
            self.violations.append(
                f"{holder} was chosen for request {e.request_id} holding {self.load[key]} of {maximum}"
            )
        self.load[key] += counted

    def _give_back(self, e: Any, holder: str) -> None:
        key = (e.originator_id, holder)
        self.load[key] -= 1
        if self.load[key] < 0:
            self.violations.append(f"{holder} gave back project {e.project_id} it did not hold")

    def _in_order(self, e: Any, cls: str, how: str) -> None:
        """Arrival order per class; an ask that rested or failed meanwhile may come late."""
        if e.how != how:
            return
        key = (e.originator_id, cls)
        if e.arrival < self.last.get(key, 0) and not e.attempts and e.project_id not in self.ever_suspended:
            self.violations.append(
                f"request {e.request_id}, arrival {e.arrival}, was served after arrival {self.last[key]}"
            )
        self.last[key] = max(e.arrival, self.last.get(key, 0))

    # Assignments

    def _Assignment_ProviderAsked(self, e: Any) -> None:
        self.product[e.originator_id] = e.product_id
        self._open(e, str(e.request_id))

    def _Assignment_StaffAsked(self, e: Any) -> None:
        self.product[e.originator_id] = e.product_id
        self._open(e, str(e.request_id))

    def _Assignment_ProviderAssigned(self, e: Any) -> None:
        self._close(e, e.ask, "assigned")
        self.provider[e.originator_id] = e.provider_id
        self._open_implicit(e, str(e.request_id), e.implicit_roles)

    def _Assignment_ProviderReserved(self, e: Any) -> None:
        self._close(e, e.ask, "assigned")
        self.reserved[e.originator_id] = e.provider_id
        self.reserving[e.originator_id] = (str(e.request_id), e.implicit_roles)

    def _Assignment_StaffAssigned(self, e: Any) -> None:
        self._close(e, e.ask, "assigned")
        self.roles[e.originator_id][e.role] = (e.provider_id, e.person_id)

    def _Assignment_Refused(self, e: Any) -> None:
        self._close(e, e.ask, "refused")

    def _Assignment_Restarted(self, e: Any) -> None:
        self._withdraw(e)
        self.roles.pop(e.originator_id, None)
        self.reserved.pop(e.originator_id, None)
        self.suspended.discard(e.originator_id)
        request_id, implicit = self.reserving.pop(e.originator_id, ("", []))
        if e.provider_id:
            self.provider[e.originator_id] = e.provider_id
            self._open_implicit(e, request_id, implicit)
        else:
            self.provider.pop(e.originator_id, None)

    def _Assignment_Suspended(self, e: Any) -> None:
        self.suspended.add(e.originator_id)
        self.ever_suspended.add(e.originator_id)

    def _Assignment_Resumed(self, e: Any) -> None:
        self.suspended.discard(e.originator_id)

    def _Assignment_Ended(self, e: Any) -> None:
        self._withdraw(e)
        for held in (self.roles, self.provider, self.reserved, self.reserving):
            held.pop(e.originator_id, None)
        self.suspended.discard(e.originator_id)

    def _open(self, e: Any, ask: str) -> None:
        if ask in self.opened:
            self.violations.append(f"request {ask} was accepted twice")
        self.opened.add(ask)
        self.waiting[ask] = e.originator_id

    def _open_implicit(self, e: Any, request_id: str, roles: list[str]) -> None:
        for role in roles:
            self._open(e, f"{request_id}/{role}")

    def _close(self, e: Any, ask: str, how: str) -> None:
        if self.waiting.pop(ask, None) is None:
            self.violations.append(f"request {ask} was {how} though it was not open")
        self.ended[how] += 1

    def _withdraw(self, e: Any) -> None:
        for ask in e.withdrawn:
            self._close(e, ask, "ended")

    def held(self) -> Counter[tuple[UUID, str]]:
        """What the loads should be by what projects hold: one per provider, one per person and project."""
        expected: Counter[tuple[UUID, str]] = Counter()
        for holding in (self.provider, self.reserved):
            for project, provider in holding.items():
                expected[(pool_stream(product_pool(self.product[project])), str(provider))] += 1
        for roles in self.roles.values():
            for provider, person in set(roles.values()):
                expected[(pool_stream(provider_pool(provider)), str(person))] += 1
        return expected


def verify(store: EventStore, older_than: float = T) -> list[str]:
    """All checks on one snapshot of the database; the violations found."""
    with _snapshot(store) as connection:
        recount = _recount(store, connection)
        return [
            *recount.violations,
            *_counts(store, connection, recount),
            *_requests(connection, recount),
            *_idle(store, connection, older_than),
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
        return _idle(store, connection, older_than)


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
            recount.add(store.mapper.to_domain_event(StoredEvent(**{**row, "state": bytes(row["state"])})))
    return recount


def _counts(store: EventStore, connection: Connection[DictRow], recount: Recount) -> list[str]:
    expected = recount.held()
    for row in connection.execute("SELECT pool, provider_id, person_id FROM pool_inbox WHERE kind = 'release'"):
        expected[(pool_stream(row["pool"]), str(row["person_id"] or row["provider_id"]))] += 1
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
        for row in connection.execute("SELECT ask, kind, project_id, suspended FROM pool_inbox WHERE ask IS NOT NULL")
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
    return found


def _idle(store: EventStore, connection: Connection[DictRow], older_than: float) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT pool, class FROM pool_inbox WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL"
        " AND next_try IS NULL AND NOT EXISTS (SELECT 1 FROM wake WHERE wake.pool = pool_inbox.pool"
        " AND wake.at > now() - %s)",
        (timedelta(seconds=older_than),),
    ).fetchall()
    pools = store.load_all(pool_stream(row["pool"]) for row in rows)
    found = []
    for row in rows:
        pool = pools.get(pool_stream(row["pool"]))
        if isinstance(pool, ProviderConfiguration):
            blocked = pool.blocked() is not None
        elif isinstance(pool, ProviderPool):
            blocked = pool.blocked(pool.able(row["class"])) is not None
        else:
            blocked = True
        if not blocked:
            found.append(f"asks of class {row['class']!r} wait in {row['pool']} beside idle capacity")
    return found


def _wakes(connection: Connection[DictRow], older_than: float) -> list[str]:
    rows = connection.execute(
        "SELECT pool, at FROM wake WHERE at < now() - %s ORDER BY at", (timedelta(seconds=older_than),)
    )
    return [f"{row['pool']} was last looked at before {row['at'].isoformat()}" for row in rows]


def _parked(connection: Connection[DictRow]) -> list[str]:
    rows = connection.execute("SELECT ask, kind, pool, error FROM pool_inbox WHERE parked_at IS NOT NULL")
    return [f"{row['kind']} {row['ask'] or ''} of {row['pool']} is parked: {row['error']}" for row in rows]
