"""Several dispatchers, feeds and settings at once on real PostgreSQL: no capacity exceeded, nobody forgotten beside
idle capacity, first in first out, whatever the interleaving."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.commands import Command, execute
from delivery_shared.contracts import dispatch, identity
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.testing.fixtures import eventually
from dispatch_svc import dispatcher as dispatcher_module
from dispatch_svc import sweep
from dispatch_svc.domain import asking, asks, configuring, employing
from dispatch_svc.domain.asks import OrderShown
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey, StaffClass
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.inbox import Inbox
from dispatch_svc.inbox_sql import INSERT, read_work
from dispatch_svc.verify import verify

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


class Dispatchers:
    """Threads that compete for keys, as processes do; every key is delivered to one of them, some get lost."""

    def __init__(self, world: Any, threads: int, seed: int) -> None:
        self.world = world
        self.stopping = threading.Event()
        self.random = random.Random(seed)
        self.keys: list[str] = []
        self.lock = threading.Lock()
        world.store.hint = self.hint
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def hint(self, pool: str) -> None:
        with self.lock:
            if self.random.random() > 0.1:
                self.keys.insert(self.random.randrange(len(self.keys) + 1), pool)

    def run(self) -> None:
        mine = self.world.dispatcher(stopping=self.stopping.is_set)
        while not self.stopping.is_set():
            with self.lock:
                key = self.keys.pop() if self.keys else None
            if key is None:
                self.stopping.wait(0.002)
            else:
                mine.handle(key)
        mine.close()

    def quiet(self) -> None:
        """Wait until no wake is left, sending lost keys again as the sweep does."""

        def settled() -> bool:
            sweep.resend(self.world.store, older_than=0.1)
            return not self.world.rows("SELECT 1 FROM wake")

        eventually(settled, every=0.1)

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def retry(world: Any, decide: Callable[[Any], None]) -> None:
    """A setting, saved over HTTP."""

    def command(unit: Any) -> tuple[int, dict[str, Any]]:
        decide(unit)
        return 200, {}

    execute(world.store, Command(), command)


@pytest.mark.requirement("D-12", "D-02", "D-24", "D-37")
@pytest.mark.parametrize("seed", range(3))
def test_no_interleaving_breaks_capacity_order_or_patience(shop: Any, seed: int) -> None:
    """Orders come, are staffed, pause, resume, change provider, end and are cancelled while settings change, with
    three dispatchers; at the end every invariant is recomputed from the events."""
    rng = random.Random(seed)
    providers = ["provider", "other"]
    shop.isv("other")
    shop.configure("product", provider=(20, 3), other=(30, 3))
    people = [(f"{p} {n}", p) for p in providers for n in range(3)]
    for n, (name, provider) in enumerate(people):
        shop.person(name, "designer", *(["engineer"] if n % 2 else []), provider=provider, maximum=2)
    running = Dispatchers(shop, 3, seed)
    projects: dict[str, int] = {}
    told = 0
    try:
        for step in range(150):
            action = rng.random()
            names = list(projects)
            name = rng.choice(names) if names else ""
            if action < 0.3 or not names:
                name = f"order {step}"
                projects[name] = 1
                shop.order(name, implicit_roles=["engineer"] if rng.random() < 0.3 else [])
            elif action < 0.45:
                shop.complete(name, run=projects.pop(name))
            elif action < 0.5:
                shop.cancel(name, run=projects.pop(name))
            elif action < 0.57:
                shop.pause(name, run=projects[name])
            elif action < 0.67:
                shop.resume(name, run=projects[name])
            elif action < 0.75:
                wanted = rng.choice(providers)
                shop.order(name, wanted=id_of(wanted), run=projects[name], request_id=id_of(f"change {step}"))
            elif action < 0.88:
                free = rng.randrange(4)

                def configure(unit: Any, free: int = free) -> None:
                    found = unit.get(ProviderConfiguration, PoolKey.of_product(id_of("product")).stream)
                    configuring.configure(
                        found, providers=[(id_of("provider"), 20, 3), (id_of("other"), 30, free)], at=NOON
                    )
                    Inbox.of(unit).wake(PoolKey.of_product(id_of("product")))

                retry(shop, configure)
            elif action < 0.93:
                holder = shop.assignment(name)
                held = holder.provider_id if holder else None
                provider = next((p for p in providers if str(id_of(p)) == held), None)
                if provider is not None:
                    wanted = rng.choice([person for person, works_for in people if works_for == provider])
                    shop.ask(name, rng.choice(["designer", "engineer"]), provider=provider, run=projects[name],
                             kind="replace", wanted=id_of(wanted), request_id=id_of(f"choice {step}"))  # fmt: skip
            else:
                person, provider = rng.choice(people)
                maximum, receiving = rng.randrange(4), rng.random() < 0.8

                def set_load(
                    unit: Any, person: str = person, provider: str = provider, maximum: int = maximum,
                    receiving: bool = receiving,
                ) -> None:  # fmt: skip
                    pool = PoolKey.of_provider(id_of(provider))
                    found = unit.get(ProviderPool, pool.stream)
                    employing.set_load(found, person_id=id_of(person), maximum=maximum, receiving=receiving, at=NOON)
                    Inbox.of(unit).wake(pool)

                retry(shop, set_load)
            answers = shop.published()
            for answer in answers[told:]:
                if not isinstance(answer, dispatch.ProviderAssigned):
                    continue
                name = next((n for n in projects if id_of(n) == answer.project_id), "")
                provider = next(p for p in providers if id_of(p) == answer.provider_id)
                if name and answer.request_id == uuid5(id_of(name), "provider"):
                    shop.ask(name, rng.choice(["designer", "engineer"]), provider=provider, run=projects[name])
                elif name:
                    projects[name] += 1
                    shop.restart(name, provider, run=projects[name])
                    shop.ask(name, "designer", provider=provider, run=projects[name],
                             request_id=id_of(f"again {name} {projects[name]}"))  # fmt: skip
            told = len(answers)
        running.quiet()
        assert verify(shop.store, older_than=0) == []
        for name in projects:
            shop.complete(name, run=projects[name])
        running.quiet()
    finally:
        running.stop()
    assert verify(shop.store, older_than=0) == []
    assert shop.configuration().load == {}
    assert {m["load"] for p in providers for m in shop.staff(p).members.values()} == {0}
    assert shop.rows("SELECT count(*) AS n FROM pool_inbox") == [{"n": 0}]
    assert len(shop.answers()) > 50


@pytest.mark.requirement("D-12")
def test_a_rush_on_one_pool_fills_it_exactly_and_in_order(shop: Any) -> None:
    """60 orders for 25 places, four dispatchers: exactly the first 25 get one."""
    shop.configure("product", provider=(20, 10), other=(30, 15))
    running = Dispatchers(shop, 4, 1)
    try:
        for n in range(60):
            shop.order(f"order {n}")
        running.quiet()
    finally:
        running.stop()
    assert verify(shop.store, older_than=0) == []
    assert {a.project_id for a in shop.published(dispatch.ProviderAssigned)} == {id_of(f"order {n}") for n in range(25)}
    assert shop.configuration().load == {str(id_of("provider")): 10, str(id_of("other")): 15}
    assert list(shop.waiting()) == [f"order {n}" for n in range(25, 60)]


def at_commit(monkeypatch: pytest.MonkeyPatch, place: str, act: Callable[[], None]) -> list[str]:
    """Have ``act`` happen once at a failpoint; returns the list of places passed."""
    passed: list[str] = []

    def failpoint(name: str) -> None:
        passed.append(name)
        if name == place and passed.count(name) == 1:
            act()

    monkeypatch.setattr(dispatcher_module, "failpoint", failpoint)
    return passed


@pytest.mark.requirement("D-12", "D-28", "R-54")
def test_a_choice_that_comes_during_the_dispatchers_own_decision_is_decided_instead(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change the project, so one of them is decided anew, and the choice goes first; afterwards it is a change."""
    shop.tell(identity.DepartmentSaved(department_id=id_of("d1"), party_id=id_of("provider"), name="d1"))
    shop.ask("A", rule="department_first", department_id=id_of("d1"))
    shop.person("two", "designer", provider="provider", maximum=1)
    shop.serve()
    shop.person("one", "designer", provider="provider", department="d1", maximum=1)
    at_commit(monkeypatch, "dispatcher.before_commit", lambda: shop.ask("A", kind="replace", wanted=id_of("two")))
    shop.serve()
    assert [a.person_id for a in shop.published(dispatch.StaffAssigned)] == [id_of("two")] * 2
    assert (shop.load("one"), shop.load("two"), shop.waiting()) == (0, 1, {})
    assert verify(shop.store, older_than=0) == []


@pytest.mark.requirement("D-38")
@pytest.mark.parametrize("how", ["cancel", "pause"])
def test_a_choice_of_an_order_that_ends_or_rests_meanwhile(
    shop: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Cancelled it holds nobody; paused it has its person, who goes on when it is resumed."""
    shop.ask("A")
    shop.serve()
    shop.person("one", "designer", provider="provider", maximum=1)
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("one"), receiving=False, at=NOON))
    shop.serve()
    shop.change(shop.staff(), lambda p: employing.set_load(p, person_id=id_of("one"), receiving=True, at=NOON))
    shop.ask("A", kind="replace", wanted=id_of("one"))
    at_commit(monkeypatch, "dispatcher.before_commit", lambda: getattr(shop, how)("A"))
    shop.serve()
    given = [] if how == "cancel" else [id_of("one")] * 2
    assert [a.person_id for a in shop.published(dispatch.StaffAssigned)] == given
    assert (shop.load("one"), shop.waiting()) == (0 if how == "cancel" else 1, {})
    assert verify(shop.store, older_than=0) == []


def test_a_row_that_arrives_during_a_decision_is_served(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No lost wake-up: the wake was read, then another ask came, then the decision is saved."""
    passed = at_commit(monkeypatch, "dispatcher.before_commit", lambda: shop.order("B"))
    shop.order("A")
    dispatcher = shop.dispatcher()
    dispatcher.serve(PoolKey.of_product(id_of("product")))
    dispatcher.close()
    assert len(shop.published(dispatch.ProviderAssigned)) == 2
    assert passed.count("dispatcher.after_commit") == 2
    assert shop.rows("SELECT * FROM wake") == []


def test_a_turned_away_dispatcher_is_not_needed(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that comes while another dispatcher holds the pool is dropped, and its row is served all the same."""
    pool = PoolKey.of_product(id_of("product"))
    turned_away = shop.dispatcher()
    stored: list[int] = []

    def meanwhile() -> None:
        shop.order("B")
        turned_away.serve(pool)
        stored.append(len(shop.published(dispatch.ProviderAssigned)))

    at_commit(monkeypatch, "dispatcher.before_commit", meanwhile)
    shop.order("A")
    first = shop.dispatcher()
    first.serve(pool)
    for each in (first, turned_away):
        each.close()
    assert stored == [0]
    assert [a.project_id for a in shop.published(dispatch.ProviderAssigned)] == [id_of("A"), id_of("B")]


@pytest.mark.requirement("D-37")
def test_arrival_follows_the_order_of_commits(shop: Any) -> None:
    """An ask numbered first is never stored behind one numbered later: while a save that took a number is not
    committed, another one to the same pool waits before it takes its own."""
    unit = UnitOfWork(shop.store)
    assignment = asking.begin(project_id=id_of("first"), run=1, at=NOON)
    order = OrderShown(vendor_id=id_of("v"), customer_id=id_of("c"), product_id=id_of("product"), order_number="first")
    ask = asks.for_provider(request_id=id_of("r"), run=1, product_id=id_of("product"), implicit_roles=[], wanted=None)
    asking.ask(assignment, ask, order, at=NOON)
    Inbox.of(unit).ask(assignment, ask, at=NOON)
    second = threading.Thread(target=shop.order, args=("second",))
    with shop.store.connection() as connection, connection.transaction():
        for change in sorted(unit.rows, key=lambda change: (change.rank, change.key)):
            connection.execute(change.sql, change.params)
            if change.sql == INSERT:
                break
        second.start()
        second.join(0.25)
        assert second.is_alive()
    second.join()
    assert list(shop.waiting()) == ["first", "second"]


def test_a_row_that_arrives_while_unlocking_is_served(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last look and the unlocking a wake is raised and its key turned away: the dispatcher looks once
    more after unlocking."""
    pool = PoolKey.of_product(id_of("product"))
    first, turned_away = shop.dispatcher(), shop.dispatcher()
    work_off = first.work_off

    def then_late(key: str) -> None:
        work_off(key)
        if not shop.published(dispatch.ProviderAssigned)[1:]:
            shop.order("B")
            turned_away.serve(pool)

    monkeypatch.setattr(first, "work_off", then_late)
    shop.order("A")
    first.serve(pool)
    for each in (first, turned_away):
        each.close()
    assert len(shop.published(dispatch.ProviderAssigned)) == 2


def test_a_cancellation_during_a_decision_wins_or_frees(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is cancelled between decision and save: the decision is taken back, nothing is held."""
    at_commit(monkeypatch, "dispatcher.before_commit", lambda: shop.cancel("A"))
    shop.order("A")
    shop.order("B")
    shop.serve()
    assert [a.project_id for a in shop.published(dispatch.ProviderAssigned)] == [id_of("B")]
    assert sum(shop.configuration().load.values()) == 1
    assert verify(shop.store, older_than=0) == []


def test_a_pause_during_a_decision_lets_the_ask_rest(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at_commit(monkeypatch, "dispatcher.before_commit", lambda: shop.pause("A"))
    shop.order("A")
    shop.serve()
    assert shop.published(dispatch.ProviderAssigned) == []
    assert verify(shop.store, older_than=0) == []


def test_two_deciders_of_one_pool_store_one_decision(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the lock lost – its connection cut –, a second dispatcher could decide the same row; only one decision
    is stored."""
    pool = PoolKey.of_product(id_of("product"))
    first, second = shop.dispatcher(), shop.dispatcher()

    def cut() -> None:
        shop.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'delivery-dispatcher'"
            " AND pid = %s",
            first.lock.connection.info.backend_pid,
        )
        second.serve(pool)

    at_commit(monkeypatch, "dispatcher.before_commit", cut)
    shop.order("A")
    first.handle(pool)
    first.handle(pool)
    for each in (first, second):
        each.close()
    assert len(shop.published(dispatch.ProviderAssigned)) == 1
    assert sum(shop.configuration().load.values()) == 1


def test_a_dispatcher_survives_the_loss_of_its_connections(shop: Any) -> None:
    pool = PoolKey.of_product(id_of("product"))
    dispatcher = shop.dispatcher()
    dispatcher.handle(pool)
    shop.order("A")
    with shop.store.connection() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    dispatcher.handle(pool)
    dispatcher.handle(pool)
    dispatcher.close()
    assert len(shop.published(dispatch.ProviderAssigned)) == 1


def test_a_stopping_dispatcher_finishes_its_batch_and_passes_the_pool_on(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch_svc.dispatcher.LIMIT", 2)
    stopping = threading.Event()
    at_commit(monkeypatch, "dispatcher.before_commit", stopping.set)
    for n in range(5):
        shop.order(f"order {n}")
    shop.hinted.clear()
    dispatcher = shop.dispatcher(stopping=stopping.is_set)
    dispatcher.serve(PoolKey.of_product(id_of("product")))
    dispatcher.close()
    assert len(shop.published(dispatch.ProviderAssigned)) == 2
    assert shop.hinted == [PoolKey.of_product(id_of("product"))]
    shop.serve()
    assert len(shop.published(dispatch.ProviderAssigned)) == 5


def test_pools_are_snapshotted_and_read_from_there(shop: Any) -> None:
    shop.configure("product", provider=(10, 2000))
    for start in range(0, 600, 100):
        for n in range(start, start + 100):
            shop.order(f"order {n}")
    began = time.monotonic()
    shop.serve()
    assert time.monotonic() - began < 30
    (snapshots,) = shop.rows("SELECT count(*) AS n FROM dispatch_snapshots")
    assert snapshots["n"] == 1
    assert shop.configuration().load == {str(id_of("provider")): 600}
    assert verify(shop.store, older_than=0) == []


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_row_that_arrives_between_two_reads_leaves_the_wake_changed(shop: Any, after: int) -> None:
    """Either the row is read, or the wake read is no longer the present one and so will not be deleted."""

    class Interrupted:
        """The connection, with an ask arriving after the statement numbered ``after``."""

        def __init__(self, connection: Any) -> None:
            self.connection = connection
            self.statements = 0

        def pipeline(self) -> Any:
            return nullcontext()

        def execute(self, sql: Any, params: Any) -> Any:
            found = list(self.connection.execute(sql, params))
            self.statements += 1
            if self.statements == after:
                shop.order("B")
            return Fetched(found)

    class Fetched(list[Any]):
        def fetchone(self) -> Any:
            return self[0] if self else None

    shop.order("A")
    with shop.store.connection() as connection:
        interrupted: Any = Interrupted(connection)
        work = read_work(interrupted, PoolKey.of_product(id_of("product")), 100, 20)
    assert work is not None
    (present,) = shop.rows("SELECT seq FROM wake")
    read = [row.project_id for row in work.asks[StaffClass("")]]
    assert read in ([id_of("A")], [id_of("A"), id_of("B")])
    assert id_of("B") in read or work.seq != present["seq"]


def test_a_row_taken_out_during_a_decision_is_not_decided(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row of a batch is gone at the save: the whole batch is decided again without it."""
    at_commit(
        monkeypatch,
        "dispatcher.before_commit",
        lambda: shop.rows("DELETE FROM pool_inbox WHERE order_number = 'A'"),
    )
    shop.order("A")
    shop.order("B")
    shop.serve()
    assert [a.project_id for a in shop.published(dispatch.ProviderAssigned)] == [id_of("B")]
    assert sum(shop.configuration().load.values()) == 1
