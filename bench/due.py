"""Many timers due at once: how fast a scheduler fires them, and whether it needs more memory for more of them."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from delivery_center.composition import Center
from delivery_center.installing.keys import environment_of
from delivery_center.seeding import Amounts, seed
from delivery_shared.clock import Clock
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import Settings
from project_svc.application import ProjectApplication
from project_svc.scheduler import TimerScheduler
from project_svc.store import ProjectStore

AHEAD = timedelta(days=400)
"""How far time jumps: every node of the seeded projects is due by then."""


@dataclass(frozen=True, kw_only=True)
class Fired:
    """So many timers have been fired ``seconds`` after the first; the most memory the process has had, megabytes."""

    timers: int
    seconds: float
    peak: float


def run(database_url: str, broker: Broker, folder: Path, *, projects: int) -> list[Fired]:
    """Seed, let time jump, fire everything with one scheduler; what was reached every 1,000 timers and at the end."""
    addresses = {"DATABASE_URL": database_url, "AMQP_URL": broker.url, "DELIVERY_NAMESPACE": broker.namespace}
    settings = Settings.read({**environment_of(folder), **addresses})
    center = Center(settings)
    try:
        center.migrate()
    finally:
        center.stop()
    amounts = Amounts(projects=projects, waiting=0, shares={"running": 1})
    seed(settings, amounts, say=lambda line: print(f"  {line}", flush=True))
    # A process of its own: what the seeder needed is not the scheduler's.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_fire, (database_url,))


def _fire(database_url: str) -> list[Fired]:
    clock = Clock()
    clock.offset = AHEAD
    store = ProjectStore(database_url=database_url, schema="project")
    try:
        return list(_progress(TimerScheduler(ProjectApplication(store, clock=clock).carrier)))
    finally:
        store.close()


def _progress(scheduler: TimerScheduler) -> Iterator[Fired]:
    started, timers, told = time.monotonic(), 0, 0
    while leased := scheduler.once():
        timers += leased
        if timers - told >= 1_000:
            told = timers
            yield _reached(timers, started)
    yield _reached(timers, started)


def _reached(timers: int, started: float) -> Fired:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Fired(timers=timers, seconds=time.monotonic() - started, peak=peak)
