"""Resident memory of every process while projects go through the real services: it must not grow with their number.

Four fifths of a wave of projects are driven at the application boundary, the rest over HTTP; after each wave every
list, dashboard and a hundred details pages are read, so that the API processes work too. What a process keeps is
bounded (``DELIVERY_KEPT_PROJECTS`` projects of project-svc, 64 pools of a dispatcher); the first figure is taken when
those are full.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System
from delivery_shared.http.tokens import TokenIssuer

from bench import lifecycles
from bench.pages import family

AIM = 1.1
"""Memory at the end by memory at the beginning (issue: speed and size)."""

WAVE = 500
OVER_HTTP = 100
"""Projects of a wave, and those of them that go over HTTP."""

READ = (
    "project-list",
    "project-list?sort=order_number",
    "project-counts",
    "product-list",
    "parties?kind=isv",
    "templates",
)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of one process and its children, in megabytes: resident, and of that its share, shared pages divided among
    those who share them."""

    resident: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A process at the beginning and at the end."""

    process: str
    first: Memory
    last: Memory

    @property
    def ratio(self) -> float:
        return self.last.resident / self.first.resident

    def __str__(self) -> str:
        verdict = "holds" if self.ratio <= AIM else "MISSED"
        first, last = self.first, self.last
        return (
            f"{self.process:<22} {first.resident:>8.1f} {last.resident:>8.1f} {self.ratio:>6.3f}  {verdict:<7}"
            f" {first.share:>8.1f} {last.share:>8.1f}"
        )


HEADER = f"{'MB':<22} {'rss':>8} {'then':>8} {'ratio':>6}  {'':<7} {'pss':>8} {'then':>8}"


def run(installation: PreparedSystem, *, first: int, last: int) -> list[Growth]:
    """Every process after ``first`` and after ``last`` projects. Linux only: it reads ``/proc``."""
    readings = {}
    for done in _waves(installation, last):
        if done in (first, last):
            readings[done] = {name: _memory(p.pid) for name, p in installation.system.running.items()}
        if done % (2 * WAVE) == 0:
            whole = sum(_memory(p.pid).resident for p in installation.system.running.values())
            print(f"  {done} projects, {whole:.0f} MB in all", flush=True)
    return [Growth(process=name, first=readings[first][name], last=readings[last][name]) for name in readings[last]]


def _waves(installation: PreparedSystem, last: int) -> Iterator[int]:
    for done in range(WAVE, last + 1, WAVE):
        lifecycles.at_the_application(installation, WAVE - OVER_HTTP)
        lifecycles.over_http(installation, OVER_HTTP)
        _read(installation)
        yield done


def _read(installation: PreparedSystem) -> None:
    """What people would look at meanwhile."""
    system = installation.system
    with installation.application.store.connection() as connection:
        rows = connection.execute("SELECT project_id FROM purchase ORDER BY random() LIMIT 100").fetchall()
        operator = connection.execute("SELECT user_id, party_id FROM identity.user_account WHERE side = 'operator'")
        headers = {"Authorization": f"Bearer {_token(system, **(operator.fetchone() or {}))}"}
    with httpx.Client(timeout=60, headers=headers) as client:
        for path in [*READ, *(f"projects/{row['project_id']}" for row in rows)]:
            client.get(system.address(f"/api/v1/{path}")).raise_for_status()


def _token(system: System, *, user_id: UUID, party_id: UUID) -> str:
    token, _ = TokenIssuer(json.loads(Path(system.environment["DELIVERY_PRIVATE_KEY"]).read_text())).issue(
        user_id=user_id,
        party_id=party_id,
        side="operator",
        main=False,
        roles=frozenset(),
        department_id=None,
        name="",
        must_change_password=False,
        session_id=user_id,
    )
    return token


def _memory(pid: int) -> Memory:
    """Of a process and all below it."""
    resident = share = 0.0
    for process in family(pid):
        rolled = dict(line.split(":", 1) for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
        resident += int(rolled["Rss"].split()[0]) / 1024
        share += int(rolled["Pss"].split()[0]) / 1024
    return Memory(resident=resident, share=share)
