"""What a project costs, ours and others: milliseconds of CPU by process, and how long its requests take.

The rate of a run depends on whatever else the machine does and on what the client itself costs; the CPU time that each
process spent on a project hardly does. So PostgreSQL and RabbitMQ are servers of the bench's own, whose time is theirs
alone. Linux only: it reads ``/proc``.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import psycopg
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.stories.story import wait
from delivery_shared.messaging.topology import Broker
from psycopg.sql import SQL, Identifier

from bench import lifecycles, over_http
from bench.peers import Missing, Place
from tools.private_rabbit import private_rabbitmq
from tools.private_servers import descendants, private_postgres

WARM_UP = 100
"""Projects before the clocks are read: connections, caches, statistics of tables."""

PEERS: Mapping[str, str] = {
    "DBOS": "dbos_workflow",
    "Restate": "restate_steps",
    "Celery": "celery_chain",
    "Procrastinate": "procrastinate_jobs",
    "SpiffWorkflow": "spiff_process",
}
"""Modules of ``bench.peers``; each is loaded when it is its turn, since only the bench has what they need."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Of one run: projects a second; CPU milliseconds a project by process; milliseconds a request took."""

    rate: float
    spent: Mapping[str, float]
    p50: float = 0.0
    p99: float = 0.0
    client: float = 0.0
    """Of the client alone, where it is not the engine itself."""

    @property
    def whole(self) -> float:
        """Milliseconds a project, of everything but the client."""
        return sum(self.spent.values())

    @property
    def parts(self) -> str:
        """What each process spent, the dearest first; what is nothing left out."""
        dearest = sorted(self.spent.items(), key=lambda it: -it[1])
        return ", ".join(f"{name} {ms:.1f}" for name, ms in dearest if ms >= 0.05)

    def __str__(self) -> str:
        asked = f"p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms" if self.p50 else ""
        spent = f"{self.whole:6.1f} ms CPU a project, {self.rate:6.1f}/s  {asked}"
        return f"{spent}\n      {self.parts}; client {self.client:.1f}"


Run = Callable[[], tuple[float, list[float]]]
"""Carries projects out; returns how many a second, and the seconds of each request."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """PostgreSQL and RabbitMQ of the bench's own."""

    database_url: str
    amqp_url: str
    roots: Mapping[str, int]
    """Process id of each, all below it included."""

    def measured(self, projects: int, run: Run, processes: Mapping[str, Sequence[int]]) -> Costs:
        """What ``run`` costs a project, in these servers and ``processes``."""
        roots = {**{name: [pid] for name, pid in self.roots.items()}, **processes}
        before, mine = {name: spent(*pids) for name, pids in roots.items()}, time.process_time()
        rate, seconds = run()
        cost = {name: (spent(*pids) - before[name]) / projects for name, pids in roots.items()}
        client = (time.process_time() - mine) * 1000 / projects
        cuts = statistics.quantiles(seconds, n=100) if seconds else [0.0] * 99
        return Costs(rate=rate, spent=cost, p50=cuts[49] * 1000, p99=cuts[98] * 1000, client=client)

    def database(self) -> str:
        """The address of an empty one."""
        name = f"bench_{uuid4().hex[:12]}"
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return f"{self.database_url.rpartition('/')[0]}/{name}"

    def peer(self, name: str, projects: int) -> Costs:
        """Ten steps by another engine, warm.

        :raises Missing: it is not to be had here.
        """
        started = import_module(f"bench.peers.{PEERS[name]}").started
        with started(Place(database_url=self.database(), amqp_url=self.amqp_url)) as peer:
            peer.run(WARM_UP)
            return self.measured(projects, lambda: (peer.run(projects), []), peer.roots)

    def restate(self, projects: int, *, threads: int) -> Costs:
        """A virtual object with ten durable steps, nine requests, straight to its server.

        :raises Missing: it is not to be had here.
        """
        from bench.peers import restate_steps

        with restate_steps.server() as running:
            drive = partial(
                over_http.drive,
                f"{running.url}/project",
                requests=over_http.MESSAGES + 1,
                threads=threads,
                operation="/operate",
            )
            drive(WARM_UP)
            return self.measured(projects, lambda: drive(projects), running.roots)

    @contextmanager
    def ours(self) -> Iterator[Installed]:
        """All our services, warm."""
        broker = Broker(url=self.amqp_url, namespace=f"bench-{uuid4().hex[:8]}.")
        with (
            tempfile.TemporaryDirectory() as folder,
            lifecycles.installation(self.database(), broker, Path(folder)) as installation,
        ):
            lifecycles.over_http(installation, WARM_UP)
            yield Installed(servers=self, installation=installation)

    def floor(self, projects: int, *, threads: int) -> Costs:
        """One insert a request, and nothing else."""
        with over_http.served("floor", self.database_url) as (address, pid):
            requests = over_http.OPERATIONS + 1
            over_http.drive(address, WARM_UP, requests=requests, threads=threads)
            return self.measured(
                projects,
                lambda: over_http.drive(address, projects, requests=requests, threads=threads),
                {"server": [pid]},
            )

    def dbos(self, projects: int, *, threads: int) -> Costs:
        """Ten durable steps, nine requests; until every workflow has ended."""
        url = self.database()
        over_http.prepare_dbos(url)
        with over_http.served("dbos", url) as (address, pid):

            def run(number: int, known: int) -> tuple[float, list[float]]:
                began = time.monotonic()
                _, took = over_http.drive(address, number, requests=over_http.MESSAGES + 1, threads=threads)
                wait(f"{number} workflows", over_http.until_stored(url, known + number), True, seconds=300)
                return number / (time.monotonic() - began), took

            run(WARM_UP, 0)
            return self.measured(projects, lambda: run(projects, WARM_UP), {"server": [pid]})


@dataclass(frozen=True, kw_only=True)
class Installed:
    """Our services, with the bench's servers."""

    servers: Servers
    installation: PreparedSystem

    @property
    def roots(self) -> dict[str, Sequence[int]]:
        return {name: [process.pid] for name, process in self.installation.system.running.items()}

    def over_http(self, projects: int, *, threads: int) -> Costs:
        """Until every message has arrived everywhere."""
        run = partial(lifecycles.over_http_timed, self.installation, projects, threads=threads)
        return self.servers.measured(projects, run, self.roots)

    def at_the_application(self, projects: int) -> Costs:
        """The same; what runs in the client's process – loading, deciding, saving – is ours and counted."""
        seen = self.servers.measured(
            projects, lambda: (lifecycles.at_the_application(self.installation, projects)[0], []), self.roots
        )
        return with_its_caller(seen)


@contextmanager
def servers() -> Iterator[Servers]:
    """Both started; they go with their data."""
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        assert postgres.process is not None
        assert rabbit.process is not None
        roots = {"PostgreSQL": postgres.process.pid, "RabbitMQ": rabbit.process.pid}
        yield Servers(database_url=postgres.url, amqp_url=rabbit.url, roots=roots)


def spent(*roots: int) -> float:
    """CPU milliseconds of processes and all below them, those that have ended included."""
    ticks = 0
    for pid in {pid for root in roots for pid in (root, *descendants(root))}:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def with_its_caller(seen: Costs) -> Costs:
    """Of an engine that is a library in the client: the client is a part of it. Its process is counted alone, since all
    the others were started by it."""
    return replace(seen, spent={**seen.spent, "caller": seen.client}, client=0.0)


def middle(runs: Sequence[Costs]) -> Costs:
    """The run that cost the median, whole, so that its parts add up."""
    return sorted(runs, key=lambda one: one.whole)[(len(runs) - 1) // 2]


def table(seen: Mapping[str, Sequence[Costs]]) -> Iterator[str]:
    """Of each the median, as Markdown."""
    yield "| what | CPU ms a project | of which | client | projects/s | request p50 / p99 |"
    yield "|---|---|---|---|---|---|"
    for what, runs in seen.items():
        one = middle(runs)
        asked = f"{one.p50:.0f} / {one.p99:.0f} ms" if one.p50 else "–"
        client = f"{one.client:.1f}" if one.client else "in it"
        yield f"| {what} | {one.whole:.1f} | {one.parts} | {client} | {one.rate:.1f} | {asked} |"


def run(*, projects: int, boundary: int, threads: Sequence[int], latency: int, runs: int) -> None:
    """Ours and the others, side by side, on the same servers, so many times; prints each run, and a table.

    :raises SystemExit: at the end, one of them failed.
    """
    seen: dict[str, list[Costs]] = {}
    failed: list[str] = []

    def note(what: str, measure: Callable[[], Costs]) -> None:
        try:
            costs = measure()
        except Missing as missing:
            print(f"{what}: left out; {missing}", flush=True)
            return
        except Exception as error:  # one that fails must not take the others' figures with it
            print(f"{what}: FAILED; {error!r}", flush=True)
            failed.append(what)
            return
        seen.setdefault(what, []).append(costs)
        print(f"{what:<32} load {os.getloadavg()[0]:4.1f}  {costs}", flush=True)

    with servers() as own:
        for _ in range(runs):
            for name in PEERS if boundary else ():
                note(f"{name}, at the boundary", partial(own.peer, name, boundary))
            for at_once in threads:
                for name, measure in {"the floor": own.floor, "DBOS": own.dbos, "Restate": own.restate}.items():
                    note(f"{name}, {at_once} at once", partial(measure, projects, threads=at_once))
            with own.ours() as ours:
                for at_once in threads:
                    note(f"ours, {at_once} at once", partial(ours.over_http, projects, threads=at_once))
                if boundary:
                    note("ours, at the boundary", partial(ours.at_the_application, boundary))
                if latency:
                    p50, p99 = lifecycles.order_to_assignment(ours.installation, latency, per_second=20)
                    print(f"order accepted → staff assigned at 20/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True)
                ours.installation.assert_well()
                print("verify: 0 violations", flush=True)
    print("", *table(seen), sep="\n", flush=True)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")
