"""What a project costs over HTTP: milliseconds of CPU by process, and how long its requests take.

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
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.stories.story import wait
from delivery_shared.messaging.topology import Broker
from psycopg.sql import SQL, Identifier

from bench import lifecycles, over_http
from tools.private_rabbit import private_rabbitmq
from tools.private_servers import descendants, private_postgres

WARM_UP = 100
"""Projects before the clocks are read: connections, caches, statistics of tables."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Of one run: projects a second; CPU milliseconds a project by process; milliseconds a request took."""

    rate: float
    spent: Mapping[str, float]
    p50: float
    p99: float

    @property
    def whole(self) -> float:
        """Milliseconds a project, of everything but the client."""
        return sum(self.spent.values())

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(self.spent.items(), key=lambda it: -it[1]))
        asked = f"p50 {self.p50:.0f} ms, p99 {self.p99:.0f} ms" if self.p50 else ""
        return f"{self.whole:6.1f} ms CPU a project, {self.rate:6.1f}/s  {asked}\n      {parts}"


Run = Callable[[], tuple[float, list[float]]]
"""Carries projects out; returns how many a second, and the seconds of each request."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """PostgreSQL and RabbitMQ of the bench's own."""

    database_url: str
    amqp_url: str
    roots: Mapping[str, int]
    """Process id of each, all below it included."""

    def measured(self, projects: int, run: Run, **processes: int) -> Costs:
        """What ``run`` costs a project, in these servers and ``processes``."""
        roots = {**self.roots, **processes}
        before = {name: spent(pid) for name, pid in roots.items()}
        rate, seconds = run()
        cost = {name: (spent(pid) - before[name]) / projects for name, pid in roots.items()}
        cuts = statistics.quantiles(seconds, n=100) if seconds else [0.0] * 99
        return Costs(rate=rate, spent=cost, p50=cuts[49] * 1000, p99=cuts[98] * 1000)

    @contextmanager
    def ours(self) -> Iterator[Installed]:
        """All our services, warm."""
        broker = Broker(url=self.amqp_url, namespace=f"bench-{uuid4().hex[:8]}.")
        with (
            tempfile.TemporaryDirectory() as folder,
            lifecycles.installation(self.database_url, broker, Path(folder)) as installation,
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
                server=pid,
            )

    def dbos(self, projects: int, *, threads: int) -> Costs:
        """Ten durable steps, nine requests; until every workflow has ended."""
        url = f"{self.database_url.rpartition('/')[0]}/dbos_{uuid4().hex[:8]}"
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(url.rpartition("/")[2])))
        over_http.prepare_dbos(url)
        with over_http.served("dbos", url) as (address, pid):

            def run(number: int, known: int) -> tuple[float, list[float]]:
                began = time.monotonic()
                _, took = over_http.drive(address, number, requests=over_http.MESSAGES + 1, threads=threads)
                wait(f"{number} workflows", over_http.until_stored(url, known + number), True, seconds=300)
                return number / (time.monotonic() - began), took

            run(WARM_UP, 0)
            return self.measured(projects, lambda: run(projects, WARM_UP), server=pid)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """Our services, with the bench's servers."""

    servers: Servers
    installation: PreparedSystem

    @property
    def roots(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.installation.system.running.items()}

    def over_http(self, projects: int, *, threads: int) -> Costs:
        """Until every message has arrived everywhere."""
        run = partial(lifecycles.over_http_timed, self.installation, projects, threads=threads)
        return self.servers.measured(projects, run, **self.roots)

    def at_the_application(self, projects: int) -> Costs:
        """The same; what runs in the client's process – loading, deciding, saving – is counted as project-api."""
        return self.servers.measured(
            projects,
            lambda: (lifecycles.at_the_application(self.installation, projects)[0], []),
            **self.roots,
            client=os.getpid(),
        )


@contextmanager
def servers() -> Iterator[Servers]:
    """Both started; they go with their data."""
    with private_postgres() as postgres, private_rabbitmq() as rabbit:
        assert postgres.process is not None
        assert rabbit.process is not None
        roots = {"PostgreSQL": postgres.process.pid, "RabbitMQ": rabbit.process.pid}
        yield Servers(database_url=postgres.url, amqp_url=rabbit.url, roots=roots)


def spent(root: int) -> float:
    """CPU milliseconds of a process and all below it, those that have ended included."""
    ticks = 0
    for pid in [root, *descendants(root)]:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def run(*, projects: int, boundary: int, threads: Sequence[int], latency: int, runs: int) -> None:
    """Ours and the others, side by side, on the same servers; prints a line for each."""
    with servers() as own:
        for at_once in threads:
            print(f"floor over HTTP, {at_once:>2} at once  {own.floor(projects, threads=at_once)}", flush=True)
            print(f"DBOS  over HTTP, {at_once:>2} at once  {own.dbos(projects, threads=at_once)}", flush=True)
        with own.ours() as ours:
            for _ in range(runs):
                for at_once in threads:
                    print(
                        f"ours  over HTTP, {at_once:>2} at once  {ours.over_http(projects, threads=at_once)}",
                        flush=True,
                    )
                if boundary:
                    print(f"ours  at the boundary         {ours.at_the_application(boundary)}", flush=True)
                if latency:
                    p50, p99 = lifecycles.order_to_assignment(ours.installation, latency, per_second=20)
                    print(f"order accepted → staff assigned at 20/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True)
            ours.installation.assert_well()
            print("verify: 0 violations", flush=True)
