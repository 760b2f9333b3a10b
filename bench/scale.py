"""How far each layout carries: measured costs, put into a simulation of the ways an order takes.

What is simulated is one cell – a share of the project store, of dispatch's, of reporting's – at its part of the rate:
cells share nothing, and what goes between them is spread evenly, so that one is as good as all. A cell has processors,
the stores of project-svc and dispatch-svc, whose saves travel together (ADR 0022), feeds of one thread each, which take
whatever waits, and pools decided by dispatchers. An order comes in as a request, its provider and staff are asked of
dispatch, and people carry out eight operations; arrivals are Poisson. Times are milliseconds.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import simpy

OPERATIONS: Final = 8
"""Requests of a project after its order."""
ASKED: Final = 2
"""What a project asks of dispatch: its provider, its staff."""
TOGETHER: Final = 32
"""Commands of a save at most."""
A_BATCH: Final = 200
"""Messages a feed takes at once at most."""
PACE: Final = 5.0
"""What relay and feed wait for more, together, while they are busy (ADR 0026)."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """CPU milliseconds a project, by process: ``docs/performance.md``, over HTTP, eight at once."""

    project_api: float = 19.9
    project_worker: float = 6.5
    dispatch_worker: float = 6.8
    dispatcher: float = 4.5
    reporting_worker: float = 6.3
    notify_worker: float = 2.5
    broker: float = 5.6
    database: float = 16.4
    wal: float = 110.0
    """Kilobytes of WAL: twice the rows of ``docs/capacity.md``."""

    @property
    def all(self) -> float:
        return (
            self.project_api
            + self.project_worker
            + self.dispatch_worker
            + self.dispatcher
            + self.reporting_worker
            + self.notify_worker
            + self.broker
            + self.database
        )


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What there is. ``cells`` share the rate evenly; the rest is of one cell.

    :param cores: for processes, servers not counted where they have their own.
    :param database_cores: of the servers; 0: they are among ``cores``.
    :param databases: PostgreSQL servers the services of a cell are spread over.
    :param commit: milliseconds until a commit is durable on its own disk.
    :param standby: milliseconds there and back to the standby each commit waits for.
    """

    name: str
    cells: int = 1
    cores: int
    database_cores: int = 0
    databases: int = 1
    commit: float = 1.0
    standby: float = 0.0
    pools: int = 40


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a run of a layout showed: milliseconds from an order's request to its staff, and how busy each part was."""

    p50: float
    p99: float
    finished: float
    """Of the orders that came in the time that is looked at, the part whose staff was found by its end."""
    busy: dict[str, float] = field(default_factory=dict)


def ceilings(layout: Layout, costs: Costs) -> dict[str, float]:
    """Projects a second at which each part of the whole layout has no time left: what is limited by one thread, by one
    lock or by processors. The least of them is where it ends, if nothing else does."""
    durable = layout.commit + layout.standby
    servers = costs.database + costs.broker
    processors = layout.cores / (costs.all - (servers if layout.database_cores else 0))
    saves = 1 + OPERATIONS + ASKED
    a_save = durable + TOGETHER * costs.database / 3 / saves
    found = {
        "processors": processors,
        "project store: one save at a time": TOGETHER / a_save / saves,
        "project-worker: one thread": 1 / costs.project_worker,
        "dispatch-worker: one thread": 1 / costs.dispatch_worker,
        "reporting-worker: one thread": 1 / costs.reporting_worker,
    }
    if layout.database_cores:
        found["database processors"] = layout.database_cores / servers
    return {name: rate * 1000 * layout.cells for name, rate in found.items()}


def first(layout: Layout, costs: Costs) -> tuple[str, float]:
    """What ends first, and at how many projects a second."""
    return min(ceilings(layout, costs).items(), key=lambda item: item[1])


class Busy:
    """Something that does one thing at a time, or as many as it has processors; tells how busy it was."""

    def __init__(self, env: simpy.Environment, name: str, capacity: int = 1) -> None:
        self.env, self.name, self.capacity = env, name, capacity
        self.resource = simpy.Resource(env, capacity)
        self.worked = 0.0

    def work(self, length: float) -> Generator[simpy.Event, Any, None]:
        with self.resource.request() as request:
            yield request
            yield self.env.timeout(length)
            self.worked += length

    @property
    def busy(self) -> float:
        return self.worked / (self.env.now * self.capacity)


class Together:
    """Takes whatever waits, at most ``most``, carries it out at once and only then looks again: saves of a store,
    batches of a feed."""

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        most: int,
        carry_out: Callable[[int], Generator[simpy.Event, Any, None]],
    ) -> None:
        self.env, self.name, self.most, self.carry_out = env, name, most, carry_out
        self.waiting: list[simpy.Event] = []
        self.wake = env.event()
        self.worked = 0.0
        env.process(self._run())

    def join(self) -> simpy.Event:
        """Happens when it is done."""
        done = self.env.event()
        self.waiting.append(done)
        if not self.wake.triggered:
            self.wake.succeed()
        return done

    def _run(self) -> Generator[simpy.Event, Any, None]:
        while True:
            if not self.waiting:
                self.wake = self.env.event()
                yield self.wake
            batch, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
            began = self.env.now
            yield self.env.process(self.carry_out(len(batch)))
            self.worked += self.env.now - began
            for done in batch:
                done.succeed()

    @property
    def busy(self) -> float:
        return self.worked / self.env.now


class Cell:
    """One cell of a layout, at its part of the rate."""

    def __init__(self, layout: Layout, costs: Costs, draw: random.Random) -> None:
        self.layout, self.costs, self.draw = layout, costs, draw
        self.env = env = simpy.Environment()
        self.processors = Busy(env, "processors", layout.cores)
        own = layout.database_cores
        self.servers = [
            Busy(env, f"database {n}", max(1, own // layout.databases)) if own else self.processors
            for n in range(layout.databases)
        ]
        self.project = self._store("project store", 0)
        self.dispatch = self._store("dispatch store", min(1, layout.databases - 1))
        self.project_feed = self._feed("project-worker", costs.project_worker / ASKED, self.project)
        self.dispatch_feed = self._feed("dispatch-worker", costs.dispatch_worker / (ASKED + 1), self.dispatch)
        self.reporting_feed = self._feed("reporting-worker", costs.reporting_worker / (1 + OPERATIONS + ASKED), None)
        self.pools = [Busy(env, "pool") for _ in range(layout.pools)]
        self.assigned: list[tuple[float, float]] = []
        """When an order came, and what passed until its staff was found."""

    def _store(self, name: str, server: int) -> Together:
        """Saves that travel together: what the server does for each, then one commit for all."""
        each = self.costs.database / 3 / (1 + OPERATIONS + ASKED)

        def save(many: int) -> Generator[simpy.Event, Any, None]:
            yield from self.servers[server].work(each * many)
            yield self.env.timeout(self.layout.commit + self.layout.standby)

        return Together(self.env, name, TOGETHER, save)

    def _feed(self, name: str, each: float, store: Together | None) -> Together:
        """One thread: a batch at a time, each message its time on a processor, then one save of all."""

        def apply(many: int) -> Generator[simpy.Event, Any, None]:
            yield from self.processors.work(each * many)
            if store is not None:
                yield store.join()

        return Together(self.env, name, A_BATCH, apply)

    def command(self) -> Generator[simpy.Event, Any, None]:
        """A request at project-svc: its process, what reading takes of the server, a save with others."""
        yield from self.processors.work(self.costs.project_api / (1 + OPERATIONS))
        yield from self.servers[0].work(self.costs.database / 3 / (1 + OPERATIONS))
        yield self.project.join()
        self.env.process(self.told())

    def told(self) -> Generator[simpy.Event, Any, None]:
        """What follows in the broker, in lists and in messages."""
        share = 1 + OPERATIONS
        yield self.env.timeout(PACE)
        yield from self.servers[-1].work(self.costs.broker / share)
        yield self.reporting_feed.join()
        yield from self.servers[-1].work(self.costs.database / 3 / share)
        yield from self.processors.work(self.costs.notify_worker / share)

    def decision(self) -> Generator[simpy.Event, Any, None]:
        """One answer of dispatch: its feed, the pool, its store, the feed of project-svc."""
        yield self.env.timeout(PACE)
        yield self.dispatch_feed.join()
        with self.draw.choice(self.pools).resource.request() as request:
            yield request
            yield from self.processors.work(self.costs.dispatcher / ASKED)
            yield self.dispatch.join()
        yield self.env.timeout(PACE)
        yield self.project_feed.join()

    def order(self) -> Generator[simpy.Event, Any, None]:
        came = self.env.now
        yield self.env.process(self.command())
        for _ in range(ASKED):
            yield self.env.process(self.decision())
        self.assigned.append((came, self.env.now - came))

    def arrivals(self, rate: float, what: Callable[[], Any]) -> Generator[simpy.Event, Any, None]:
        while True:
            yield self.env.timeout(self.draw.expovariate(rate / 1000))
            self.env.process(what())

    def run(self, rate: float, seconds: float) -> Seen:
        """At ``rate`` orders a second in this cell; the first third is left out."""
        came = 0

        def order() -> Generator[simpy.Event, Any, None]:
            nonlocal came
            came += self.env.now >= seconds * 1000 / 3
            return self.order()

        self.env.process(self.arrivals(rate, order))
        self.env.process(self.arrivals(rate * OPERATIONS, self.command))
        self.env.run(until=seconds * 1000)
        times = sorted(took for at, took in self.assigned if at >= seconds * 1000 / 3)
        parts: Sequence[Busy | Together] = [
            self.processors, *{id(one): one for one in self.servers}.values(), self.project, self.dispatch,
            self.project_feed, self.dispatch_feed, self.reporting_feed,
        ]  # fmt: skip
        return Seen(
            p50=statistics.median(times) if times else float("inf"),
            p99=times[int(len(times) * 0.99)] if times else float("inf"),
            finished=len(times) / max(came, 1),
            busy={part.name: part.busy for part in parts},
        )


def simulate(layout: Layout, rate: float, *, costs: Costs, seconds: float = 12, seed: int = 1) -> Seen:
    """The layout at ``rate`` orders a second in all."""
    return Cell(layout, costs, random.Random(seed)).run(rate / layout.cells, seconds)


def carries(layout: Layout, *, costs: Costs, p99: float = 1000, seed: int = 1) -> tuple[float, Seen]:
    """The most orders a second at which 99 of 100 have their staff within ``p99`` milliseconds and nothing heaps up,
    to a twentieth; and what was seen there."""
    _, top = first(layout, costs)
    low, high, best = 0.0, 1.0, None
    for _ in range(7):
        middle = (low + high) / 2
        seen = simulate(layout, top * middle, costs=costs, seed=seed)
        if seen.p99 <= p99 and seen.finished > 0.9:
            low, best = middle, seen
        else:
            high = middle
    return top * low, best or simulate(layout, top * 0.01, costs=costs, seed=seed)


PER_CELL: Final = Layout(name="a cell", cores=16, database_cores=16, databases=4, commit=1, standby=2)

LADDER: Final = (
    Layout(name="one small machine: 2 cores", cores=2),
    Layout(name="one machine: 16 cores, a standby 2 ms away", cores=16, standby=2),
    Layout(name="servers of their own: 16 + 16 cores", cores=16, database_cores=16, standby=2),
    Layout(name="a database for each of four services", cores=16, database_cores=16, databases=4, standby=2),
    replace(PER_CELL, name="4 cells", cells=4),
    replace(PER_CELL, name="16 cells", cells=16),
    replace(PER_CELL, name="128 cells", cells=128),
)


def table() -> Iterator[str]:
    """The ladder as lines of a document."""
    costs = Costs()
    yield "| layout | ends first | at, orders/s | carries, orders/s | p50 / p99 there, ms |"
    yield "|---|---|---|---|---|"
    for layout in LADDER:
        name, rate = first(layout, costs)
        most, seen = carries(layout, costs=costs)
        yield f"| {layout.name} | {name} | {rate:,.0f} | {most:,.0f} | {seen.p50:.0f} / {seen.p99:.0f} |"
