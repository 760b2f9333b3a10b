"""Comparator: a durable workflow of ten steps in DBOS Transact, at its fastest on one small machine.

Each workflow calls ten durable steps of one trivial pure function, so what is measured is the durability:
the workflow's row, ten step checkpoints, the workflow's outcome. Calling the workflow function from a
thread pool of two processes is what DBOS 3.4.0 does fastest here; it is bound by the processor (Python and
server together), so beyond that more processes, threads or connections move nothing.

Tried with 200 workflows each on two cores shared with other work, PostgreSQL 15 on the same machine,
synchronous_commit and fsync on; complete workflows per second, one figure per run. No other load was
seen beside the runs marked q (looked at by hand, now and then); pip installations ran beside the others, so
only the figures of one round compare: the n-th figures of the interleaved rounds belong together.

    1 process q:   direct call, 1 thread 37.5 34.9; 2 threads 43.3 43.2; 4 threads 50.1 52.4;
                   8 threads 53.1 48.9; 16 threads 44.8 45.7
    1 process q:   8 threads with pool_pre_ping (the default) 42.2 50.1; 8 without LISTEN/NOTIFY 52.3 47.6
    1 process q:   start_workflow + get_result from 8 threads 46.6 47.3
    1 process q:   queue, worker_concurrency 8, polled every 50 ms: sync 37.2 36.7; async 30.9 29.6
    1 process q:   async workflows and steps, 8 at a time 39.3 39.9; 16 at a time 44.1 38.7
    2 processes q: direct call, 2 threads each 71.0 76.8; 4 threads each 70.7 72.7 70.6 67.3
    2 processes:   8 threads each 67.6 58.0; 16 threads each 60.6 56.4
    2 processes:   start_workflow, 4 threads each 51.1 47.5; queue, 4 each 39.6 37.9; async, 4 each 42.4 42.3
    interleaved:   three rounds under changing load, processes x threads: 2x1 41.1 47.1 60.7;
                   2x2 44.5 44.7 66.1; 2x4 46.6 51.9 70.9; 3x1 71.1 43.5 69.6; 3x2 65.8 44.5 70.3;
                   4x1 70.1 49.9 63.9; 4x2 66.0 65.6 69.7;
                   2x2 with pool_pre_ping 57.1 60.7 53.4, with pools of 40 44.1 64.6 52.2

    python -m bench.peers.dbos_workflow --database-url postgresql://postgres@127.0.0.1:5432/postgres \\
        --workflows 500
"""

import argparse
import os
import statistics
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import psycopg
from dbos import DBOS, DBOSConfig
from psycopg import sql
from sqlalchemy import make_url

from bench.peers import STEPS, Incomplete, Peer, Place
from bench.peers.crew import Work, crew

PROCESSES = 2
THREADS = 4  # of each process
WARM_UP = THREADS  # workflows of each process before the clock starts: connections, prepared statements


def _step(number: int) -> Callable[[int], int]:
    """A durable step whose function is trivial and pure: what it costs is its checkpoint."""

    def add_one(value: int) -> int:
        return value + 1

    step: Callable[[int], int] = DBOS.step(name=f"step_{number}")(add_one)
    return step


_STEPS = [_step(number) for number in range(1, STEPS + 1)]


@DBOS.workflow(name="ten_steps")
def ten_steps(value: int) -> int:
    for step in _STEPS:
        value = step(value)
    return value


def run(database_url: str, workflows: int) -> float:
    """Complete workflows per second, from the first start to the last completion stored.

    The system database is created beside the one `database_url` names and dropped at the end, also on
    error; the role must be allowed to create databases. Raises Incomplete, and whatever a process raised.
    """
    name = f"bench_dbos_{uuid.uuid4().hex[:12]}"
    system_url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        with started(Place(database_url=system_url, amqp_url="")) as peer:
            peer.run(PROCESSES * WARM_UP)
            rate = peer.run(workflows)
        _check_stored(system_url, workflows + PROCESSES * WARM_UP)
    finally:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    return rate


@contextmanager
def started(place: Place) -> Iterator[Peer]:
    """Its processes, with its tables."""
    DBOS.migrate(place.database_url)
    starting: AbstractContextManager[Peer] = crew(engine, place.database_url, processes=PROCESSES)
    with starting as peer:
        yield peer


@contextmanager
def engine(system_url: str) -> Iterator[Work]:
    """DBOS in one process, its workflows called from threads."""
    DBOS(config=_config(system_url))
    try:
        DBOS.launch()
        with ThreadPoolExecutor(THREADS) as threads:

            def work(workflows: int) -> None:
                if list(threads.map(ten_steps, range(workflows))) != [value + STEPS for value in range(workflows)]:
                    raise Incomplete("a workflow returned something other than the sum of its steps")

            yield work
    finally:
        DBOS.destroy()


def _config(system_url: str) -> DBOSConfig:
    """Nothing but PostgreSQL: no Conductor (no key), no OpenTelemetry; DBOS 3 has no admin server."""
    return {
        "name": "bench",
        "system_database_url": system_url,
        "sys_db_pool_size": 20,
        "db_engine_kwargs": {"pool_pre_ping": False},  # saves DBOS a round trip at each checkout
        "run_migrations": False,  # done once, before the processes start
        "executor_id": f"bench-{os.getpid()}",
        "application_version": "bench",
        "enable_otlp": False,
        "log_level": "ERROR",
    }


def _check_stored(system_url: str, workflows: int) -> None:
    """The figure counts what the database holds, not what the processes believe."""
    with psycopg.connect(system_url) as connection:
        stored = connection.execute(
            "SELECT (SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'),"
            " (SELECT count(*) FROM dbos.operation_outputs)"
        ).fetchall()[0]
    if stored != (workflows, workflows * STEPS):
        raise Incomplete(f"{workflows} workflows ran; stored are (workflows, steps) {stored}")


def main() -> None:
    parser = argparse.ArgumentParser(description="complete ten-step DBOS workflows per second")
    parser.add_argument("--database-url", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--workflows", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3, help="the median of them is the figure")
    arguments = parser.parse_args()
    rates = [run(arguments.database_url, arguments.workflows) for _ in range(max(1, arguments.runs))]
    print(
        f"{statistics.median(rates):.1f} workflows/s of {STEPS} durable steps"
        f"  (runs: {', '.join(f'{rate:.1f}' for rate in rates)})"
    )


if __name__ == "__main__":
    main()
