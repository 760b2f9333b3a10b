"""Others over HTTP, by the same server and the same client as ours: what a project of ten requests costs them.

- the **floor**: Flask in gunicorn, one row and one commit a request, nothing else;
- **DBOS**: a workflow of ten durable steps, eight of which wait for a message that a request sends; a request is
  answered when its message is stored, which is before the step is done;
- **Restate**: a virtual object (`peers/restate_steps.py`); a request is answered when its step is done.

The first two run in one gunicorn process with eight threads, as project-svc does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from delivery_center.running.ports import free_port
from flask import Flask, Response, jsonify, request

OPERATIONS = 9
"""Requests after the first, of a project: as many as ours has."""
MESSAGES = 8
THREADS = 8


def floor() -> Flask:
    """The least a durable answer costs."""
    from psycopg_pool import ConnectionPool

    pool: Any = ConnectionPool(os.environ["BENCH_DATABASE"], min_size=1, max_size=5, open=True)
    with pool.connection() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS request (id bigserial PRIMARY KEY, project text, body text)")
    app = Flask("floor")

    @app.post("/<project>")
    def store(project: str) -> Response:
        with pool.connection() as connection:
            connection.execute(
                "INSERT INTO request (project, body) VALUES (%s, %s)", (project, request.get_data(as_text=True))
            )
        return jsonify(project=project)

    @app.get("/livez")
    def livez() -> str:
        return ""

    return app


def dbos() -> Flask:
    """Ten durable steps; eight wait for a message each."""
    from dbos import DBOS, SetWorkflowID

    from bench.peers.dbos_workflow import _STEPS, _config

    app = Flask("dbos")
    DBOS(config=_config(os.environ["BENCH_DATABASE"]))

    @DBOS.workflow(name="ten_requests")
    def ten_requests() -> int:
        value = 0
        for number, step in enumerate(_STEPS):
            if number < MESSAGES:
                DBOS.recv("operation", 600)
            value = step(value)
        return value

    DBOS.launch()

    @app.post("/<project>")
    def store(project: str) -> Response:
        if request.args["operation"] == "0":
            with SetWorkflowID(project):
                DBOS.start_workflow(ten_requests)
        else:
            DBOS.send(project, request.get_json(), "operation")
        return jsonify(project=project)

    @app.get("/livez")
    def livez() -> str:
        return ""

    return app


@contextmanager
def served(name: str, database_url: str) -> Iterator[tuple[str, int]]:
    """The address and the process of :func:`floor` or :func:`dbos`."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "1", "--threads", str(THREADS),
               "--log-level", "error", f"bench.over_http:{name}()"]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, "BENCH_DATABASE": database_url})
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _answers(address):
            if time.monotonic() > deadline or server.poll() is not None:
                raise TimeoutError(f"{name} does not answer")
            time.sleep(0.1)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/livez").is_success
    except httpx.HTTPError:
        return False


def drive(
    address: str, projects: int, *, requests: int, threads: int, operation: str = ""
) -> tuple[float, list[float]]:
    """Projects a second of ``requests`` requests each, one after the other; so many projects at once. And the seconds
    each request took."""
    took: list[float] = []
    with httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=threads, keepalive_expiry=0.5)) as http:

        def live(_: int) -> None:
            project = uuid4().hex
            for number in range(requests):
                began = time.perf_counter()
                http.post(
                    f"{address}/{project}{operation}", params={"operation": number}, json={"by": project}
                ).raise_for_status()
                took.append(time.perf_counter() - began)

        started = time.monotonic()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(live, range(projects)))
    return projects / (time.monotonic() - started), took


def prepare_dbos(database_url: str) -> None:
    """Make its tables."""
    from dbos import DBOS

    DBOS.migrate(database_url)


def until_stored(database_url: str, workflows: int) -> Callable[[], bool]:
    """Whether so many workflows of DBOS have succeeded."""

    def done() -> bool:
        with psycopg.connect(database_url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS' AND name = 'ten_requests'"
            ).fetchone()
        return row is not None and int(row[0]) >= workflows

    return done
