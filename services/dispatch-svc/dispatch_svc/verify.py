"""Read-only checks of what must always be true (architecture 9), recomputed from the events, not from counters.

:func:`verify` runs them all on one snapshot of the events and the inbox; each check returns its violations, none =
true. Pools are loaded beside that snapshot, so run it when no dispatcher is at work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never, cast
from uuid import UUID

from delivery_shared.eventstore import EventStore
from eventsourcing.persistence import StoredEvent
from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc.domain import facts
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.facts import AssignmentFact, DispatchFact
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool

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
    reserving: dict[UUID, tuple[UUID, list[str]]] = field(default_factory=dict)
    last: dict[tuple[UUID, str], int] = field(default_factory=dict)
    pools: set[UUID] = field(default_factory=set)

    def add(self, fact: DispatchFact) -> None:
        """Fold one fact."""
        match fact:
            case facts.ConfigurationOpened() | facts.PoolOpened():
                self.pools.add(fact.originator_id)
            case facts.ProvidersConfigured():
                for key in [key for key in self.maxima if key[0] == fact.originator_id]:
                    del self.maxima[key]
                for provider in fact.providers:
                    self.maxima[(fact.originator_id, str(provider["provider_id"]))] = provider["maximum"]
            case facts.ProviderChosen():
                self._take(fact, str(fact.provider_id), counted=True, limited=True)
                if fact.how == "draw":
                    self._in_order(fact, "")
            case facts.ProviderReleased():
                self._give_back(fact, str(fact.provider_id))
            case facts.MemberJoined() | facts.MemberSet():
                self.maxima[(fact.originator_id, str(fact.person_id))] = fact.maximum
            case facts.MemberClosed():
                self.maxima.pop((fact.originator_id, str(fact.person_id)), None)
            case facts.PersonChosen():
                self._take(fact, str(fact.person_id), counted=fact.counted, limited=fact.how != "claim")
                if fact.how == "assign":
                    self._in_order(fact, fact.cls)
            case facts.PersonReleased():
                self._give_back(fact, str(fact.person_id))
            case (
                facts.RelationSet()
                | facts.DepartmentPlaced()
                | facts.DepartmentRemoved()
                | facts.MemberMoved()
                | facts.MemberCloseRefused()
            ):
                pass
            case _:
                self._assignment(fact)

    # Pools

    def _take(
        self, fact: facts.ProviderChosen | facts.PersonChosen, holder: str, *, counted: bool, limited: bool
    ) -> None:
        key = (fact.originator_id, holder)
        maximum = self.maxima.get(key)
        if limited and (maximum is None or self.load[key] >= maximum):
            self.violations.append(
                f"{holder} was chosen for request {fact.request_id} holding {self.load[key]} of {maximum}"
            )
        self.load[key] += counted

    def _give_back(self, fact: facts.ProviderReleased | facts.PersonReleased, holder: str) -> None:
        key = (fact.originator_id, holder)
        self.load[key] -= 1
        if self.load[key] < 0:
            self.violations.append(f"{holder} gave back project {fact.project_id} it did not hold")

    def _in_order(self, fact: facts.ProviderChosen | facts.PersonChosen, cls: str) -> None:
        """Arrival order per class; an ask that rested or failed meanwhile may come late."""
        key = (fact.originator_id, cls)
        if fact.arrival < self.last.get(key, 0) and not fact.attempts and fact.project_id not in self.ever_suspended:
            self.violations.append(
                f"request {fact.request_id}, arrival {fact.arrival}, was served after arrival {self.last[key]}"
            )
        self.last[key] = max(fact.arrival, self.last.get(key, 0))

    # Assignments

    def _assignment(self, fact: AssignmentFact) -> None:
        project = fact.originator_id
        match fact:
            case facts.AssignmentOpened() | facts.Queued():
                pass
            case facts.ProviderAsked() | facts.StaffAsked():
                self.product[project] = fact.product_id
                self._open(project, str(fact.request_id))
            case facts.ProviderAssigned():
                self._close(fact.ask, "assigned")
                self.provider[project] = fact.provider_id
                self._open_implicit(project, fact.request_id, fact.implicit_roles)
            case facts.ProviderReserved():
                self._close(fact.ask, "assigned")
                self.reserved[project] = fact.provider_id
                self.reserving[project] = (fact.request_id, fact.implicit_roles)
            case facts.StaffAssigned():
                self._close(fact.ask, "assigned")
                self.roles[project][fact.role] = (fact.provider_id, fact.person_id)
            case facts.Refused():
                self._close(fact.ask, "refused")
            case facts.Restarted():
                self._restart(project, fact)
            case facts.Suspended():
                self.suspended.add(project)
                self.ever_suspended.add(project)
            case facts.Resumed():
                self.suspended.discard(project)
            case facts.Ended():
                self._withdraw(fact.withdrawn)
                for held in (self.roles, self.provider, self.reserved, self.reserving):
                    held.pop(project, None)
                self.suspended.discard(project)
            case _:
                assert_never(fact)

    def _restart(self, project: UUID, fact: facts.Restarted) -> None:
        self._withdraw(fact.withdrawn)
        self.roles.pop(project, None)
        self.reserved.pop(project, None)
        self.suspended.discard(project)
        reserving = self.reserving.pop(project, None)
        self.provider.pop(project, None)
        if fact.provider_id:
            self.provider[project] = fact.provider_id
            if reserving:
                self._open_implicit(project, *reserving)

    def _open(self, project: UUID, ask: str) -> None:
        if ask in self.opened:
            self.violations.append(f"request {ask} was accepted twice")
        self.opened.add(ask)
        self.waiting[ask] = project

    def _open_implicit(self, project: UUID, request_id: UUID, roles: list[str]) -> None:
        for role in roles:
            self._open(project, f"{request_id}/{role}")

    def _close(self, ask: str, how: str) -> None:
        if self.waiting.pop(ask, None) is None:
            self.violations.append(f"request {ask} was {how} though it was not open")
        self.ended[how] += 1

    def _withdraw(self, asks: list[str]) -> None:
        for ask in asks:
            self._close(ask, "ended")

    def held(self) -> Counter[tuple[UUID, str]]:
        """What the loads should be by what projects hold: one per provider, one per person and project."""
        expected: Counter[tuple[UUID, str]] = Counter()
        for holding in (self.provider, self.reserved):
            for project, provider in holding.items():
                expected[(PoolKey.of_product(self.product[project]).stream, str(provider))] += 1
        for roles in self.roles.values():
            for provider, person in set(roles.values()):
                expected[(PoolKey.of_provider(provider).stream, str(person))] += 1
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
    pools = store.load_all(PoolKey(row["pool"]).stream for row in rows)
    found = []
    for row in rows:
        pool = pools.get(PoolKey(row["pool"]).stream)
        if isinstance(pool, ProviderConfiguration):
            blocked = pool.blocked is not None
        elif isinstance(pool, ProviderPool):
            blocked = pool.able(StaffClass(row["class"])).blocked() is not None
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
