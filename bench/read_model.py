"""The read model as a whole: how fast it is rebuilt from the events, and what a process takes to export all rows."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from delivery_center.composition import Center
from delivery_center.replay import replay
from delivery_center.running.processes import System
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.projection import connect
from delivery_shared.service import Settings
from psycopg.rows import dict_row
from reporting_svc import rebuilt_model
from reporting_svc.feed import read_models

from bench.pages import Subjects, family, spent

EXPORT_AIM = 200.0
"""Megabytes a process may take while it exports a million rows."""

REBUILD_AIM = 10_000.0
"""Messages a second and core."""

PAUSE = 0.05
"""Seconds between two looks at a process's memory."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """All rows as one file: how many, megabytes of the file, seconds, and megabytes of the process at most."""

    format: str
    rows: int
    size: float
    seconds: float
    peak: float

    def __str__(self) -> str:
        verdict = "holds" if self.peak < EXPORT_AIM else "MISSED"
        return (
            f"export of {self.rows} rows, {self.format}: {self.size:.0f} MB in {self.seconds:.0f} s,"
            f" at most {self.peak:.0f} MB resident (aim {EXPORT_AIM:.0f}): {verdict}"
        )


def export(system: System, format: str) -> Exported:
    """The operator exports every project there is."""
    issuer = TokenIssuer(json.loads(Path(system.environment["DELIVERY_PRIVATE_KEY"]).read_text()))
    with psycopg.connect(system.environment["DATABASE_URL"], row_factory=dict_row) as connection:
        by = Subjects(connection).operator
        counted: Any = connection.execute("SELECT count(*) AS n FROM reporting.project").fetchone()
    token, _ = issuer.issue(
        user_id=by.user_id, party_id=by.party_id, side=by.side, main=by.main, roles=frozenset(), department_id=None,
        name="", must_change_password=False, session_id=by.user_id,
    )  # fmt: skip
    address = system.address(f"/api/v1/project-list/export?tab=all&format={format}")
    size, began = 0, time.monotonic()
    with (
        _peak(system.running["reporting-api"].pid) as peak,
        httpx.stream("GET", address, headers={"Authorization": f"Bearer {token}"}, timeout=3600) as answer,
    ):
        answer.raise_for_status()
        for block in answer.iter_bytes():
            size += len(block)
    return Exported(
        format=format, rows=counted["n"], size=size / 1e6, seconds=time.monotonic() - began, peak=max(peak)
    )  # fmt: skip


@contextmanager
def _peak(pid: int) -> Iterator[list[float]]:
    """Megabytes resident of the largest process of a family, looked at all the time."""
    seen, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(PAUSE):
            seen.append(max(_resident(process) for process in family(pid)))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def rebuild(system: System, *, most: int) -> str:
    """Build the read model beside the live one, of each source at most ``most`` event ids, as `dc projection rebuild`
    does; nothing is taken over."""
    center = Center(Settings.read(system.environment))
    live = connect(center.databases["reporting"], "reporting")
    rebuilt_model.drop(live)
    engine = rebuilt_model.create(center.databases["reporting"])
    messages, here, began = 0, time.process_time(), time.monotonic()
    try:
        with psycopg.connect(center.databases["reporting"], autocommit=True) as connection:
            before = _servers(connection)
            for model in read_models(engine):
                store = center.services[model.source].store
                assert store is not None
                messages += replay(model, Outbox(store), up_to=most)  # ids are dense: nearly every event is told
            server = sum(time - before.get(pid, 0.0) for pid, time in _servers(connection).items())
    finally:
        engine.dispose()
        rebuilt_model.drop(live)
        live.dispose()
        center.stop()
    seconds, own = time.monotonic() - began, time.process_time() - here
    rate = messages / own
    return (
        f"rebuild of {messages} events: {messages / seconds:.0f}/s; {rate:.0f} a second of the process's core"
        f" (aim {REBUILD_AIM:.0f}): {'holds' if rate >= REBUILD_AIM else 'MISSED'};"
        f" {messages / (own + server / 1000):.0f} with PostgreSQL's counted"
    )


def _servers(connection: psycopg.Connection[Any]) -> dict[int, float]:
    """Milliseconds so far of the database's processes that serve this database."""
    found = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
    return {pid: spent(pid) for (pid,) in found}
