"""Celery: a chain of ten tasks over RabbitMQ, acknowledged late, published with confirms; its outcome in PostgreSQL.

A step's outcome travels in the message of the next; the last stores it in a row of its own, under the project's id,
as a task acknowledged late may be carried out twice. Results are ignored, as its documentation advises where nobody
reads them, and workers neither gossip, mingle, beat nor send events.

Two processes of eight threads, since a publication waits for the broker's disk; a durable classic queue. Tried: the
pool `solo` with a prefetch of 32, of which 20 chains did not end in 20 seconds.

For its price it keeps no state of a project one could ask for: where it is, only its message knows. A step may be
done twice, and publishing the next is not one transaction with what a step writes. Nobody can wait for, refuse or
undo a step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from celery import Celery, chain
from delivery_center.stories.story import wait
from psycopg_pool import ConnectionPool

from bench.peers import STEPS, Incomplete, Peer, Place

PROCESSES = 2
THREADS = 8
CLIENTS = 8

app = Celery("bench", broker=os.environ.get("BENCH_BROKER"))
app.conf.update(
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=THREADS,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_delivery_mode="persistent",
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_create_missing_queues=True,
    worker_prefetch_multiplier=4,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_heartbeat=0,
)
_pool: list[ConnectionPool[Any]] = []


def _database() -> ConnectionPool[Any]:
    """Of a worker process."""
    if not _pool:
        _pool.append(
            ConnectionPool(os.environ["BENCH_DATABASE"], min_size=1, max_size=8, kwargs={"autocommit": True}, open=True)
        )
    return _pool[0]


@app.task
def step(value: int, project: str, number: int) -> int:
    value += 1
    if number == STEPS:
        with _database().connection() as connection:
            connection.execute("INSERT INTO project VALUES (%s, %s) ON CONFLICT DO NOTHING", (project, value))
    return value


class CeleryChain:
    """Worker processes that wait for tasks."""

    def __init__(self, database_url: str, workers: Sequence[subprocess.Popen[bytes]]) -> None:
        self.roots: Mapping[str, Sequence[int]] = {"workers": [worker.pid for worker in workers]}
        self._database_url = database_url

    def run(self, projects: int) -> float:
        """From the first begun to the last whose outcome is stored."""
        began, known = time.monotonic(), self._stored()[0]

        def begin(_: int) -> None:
            project = uuid4().hex
            chain(step.s(0, project, 1), *(step.s(project, number) for number in range(2, STEPS + 1))).apply_async()

        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(begin, range(projects)))
        wait(f"{projects} projects", lambda: self._stored()[0], known + projects, seconds=max(60, projects))
        took = time.monotonic() - began
        if self._stored()[1]:
            raise Incomplete("a chain ended with something other than the sum of its steps")
        return projects / took

    def _stored(self) -> tuple[int, int]:
        with psycopg.connect(self._database_url) as connection:
            row = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE value <> %s) FROM project", (STEPS,)
            ).fetchone()
        assert row is not None
        return row


@contextmanager
def started(place: Place) -> Iterator[Peer]:
    """Its workers, and its table."""
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE project (id text PRIMARY KEY, value integer)")
    app.conf.broker_url = place.amqp_url
    command = [
        sys.executable, "-m", "celery", "-A", "bench.peers.celery_chain", "worker", "--pool", "threads", "-c",
        str(THREADS), "--loglevel", "error",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "-n",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "BENCH_BROKER": place.amqp_url,
        "BENCH_DATABASE": place.database_url,
        "PYTHONWARNINGS": "ignore",
    }
    workers = [
        subprocess.Popen([*command, f"bench-{n}@localhost"], env=environment, stdout=subprocess.DEVNULL)
        for n in range(PROCESSES)
    ]
    try:
        yield CeleryChain(place.database_url, workers)
    finally:
        app.close()
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)
