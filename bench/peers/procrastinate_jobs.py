"""Procrastinate: ten jobs in PostgreSQL, each of which writes a row of its own and defers the next in one transaction.

The job itself is marked as done in a second transaction, so it may be carried out twice: its row then stands already,
and it does nothing. Projects are begun in batches.

Tried, 60 to 100 projects, two cores with much other work; CPU milliseconds a project and projects a second: two workers
of eight jobs at once 60.6, 6.3 and 69.5, 5.2 – taken; one worker 64.3, 4.4. Not tried: removing jobs that are done, and
polling instead of notifications, for both of which the worker has a setting.

For its price it has no history of a project but the rows one writes oneself, no answer to a caller, and it tells
nobody.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from delivery_center.stories.story import wait
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from bench.peers import STEPS, Incomplete, Peer, Place

PROCESSES = 2
CONCURRENCY = 8
BATCH = 200
"""Projects begun in one statement, as ours are at the application boundary."""

app = App(
    connector=PsycopgConnector(
        conninfo=os.environ.get("BENCH_DATABASE", ""), min_size=CONCURRENCY + 1, max_size=CONCURRENCY + 1
    )
)


@app.task(name="step")
async def step(project: str, number: int) -> None:
    """Carried out again after a crash it finds its row, and does nothing: the next job was deferred with it."""
    connector: Any = app.connector
    pool: AsyncConnectionPool[Any] = connector.pool
    async with pool.connection() as connection, connection.transaction():
        done = await connection.execute(
            "INSERT INTO step VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (project, number, number)
        )
        if done.rowcount and number < STEPS:
            await step.configure(connection=connection).defer_async(project=project, number=number + 1)


class ProcrastinateJobs:
    """Workers that wait for jobs."""

    def __init__(self, database_url: str, workers: Sequence[subprocess.Popen[bytes]]) -> None:
        self.roots: Mapping[str, Sequence[int]] = {"workers": [worker.pid for worker in workers]}
        self._database_url = database_url

    def run(self, projects: int) -> float:
        """From the first begun to the last whose tenth step is stored."""
        began, (known, _) = time.monotonic(), self._stored()
        with app.open():
            for first in range(0, projects, BATCH):
                step.batch_defer(*({"project": uuid4().hex, "number": 1} for _ in range(min(BATCH, projects - first))))
        wait(f"{projects} projects", lambda: self._stored()[0], known + projects, seconds=max(60, projects))
        took = time.monotonic() - began
        ended, steps = self._stored()
        if steps != ended * STEPS:
            raise Incomplete(f"{ended} projects ended with {steps} steps")
        return projects / took

    def _stored(self) -> tuple[int, int]:
        with psycopg.connect(self._database_url) as connection:
            row = connection.execute(
                "SELECT count(*) FILTER (WHERE number = %s), count(*) FROM step", (STEPS,)
            ).fetchone()
        assert row is not None
        return row


@contextmanager
def started(place: Place) -> Iterator[Peer]:
    """Its workers, its tables, and ours."""
    app.connector = app.job_manager.connector = PsycopgConnector(conninfo=place.database_url)
    with app.open():
        app.schema_manager.apply_schema()
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE step (project text, number integer, value integer, PRIMARY KEY (project, number))"
        )
    command = [sys.executable, "-m", "bench.peers.procrastinate_jobs"]
    environment = {**os.environ, "BENCH_DATABASE": place.database_url}
    workers = [subprocess.Popen(command, env=environment) for _ in range(PROCESSES)]
    try:
        yield ProcrastinateJobs(place.database_url, workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)


if __name__ == "__main__":
    from bench.peers import procrastinate_jobs

    with procrastinate_jobs.app.open():
        procrastinate_jobs.app.run_worker(concurrency=CONCURRENCY)
