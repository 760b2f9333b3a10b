"""What every process measures, by service: several services may share a process and its registry (embedded mode).

Figures that need SQL are read by a loop of the worker (:mod:`delivery_shared.figures`), never by a scrape. Other
metrics stand beside the code they measure.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import Counter as Sums
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from delivery_shared.version import REVISION, VERSION

# A second series beside every counter and histogram, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]
build_info = Gauge(
    "delivery_build_info",
    "Always 1: the version and commit that runs",
    ["version", "revision"],
    multiprocess_mode="max",
)
build_info.labels(VERSION, REVISION).set(1)
broker_connections = Gauge(
    "delivery_broker_connections",
    "Open connections to the broker, by what they are for: relay, feed (of a source), work (a queue)",
    ["use", "name"],
    multiprocess_mode="livesum",
)


def exposition() -> bytes:
    """All metrics of this process in the format Prometheus reads. With ``PROMETHEUS_MULTIPROC_DIR`` those of all
    processes that use the folder: needed where gunicorn runs more than one worker process."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_process(pid: int) -> None:
    """A process that shared the folder has ended: what it had open is no longer counted."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Pools(Collector):
    """Connections of this process to databases, read from the pools' own counts at each scrape."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: weakref.WeakKeyDictionary[Any, tuple[str, Callable[[Any], Mapping[str, int]]]] = (
            weakref.WeakKeyDictionary()
        )

    def watch(self, service: str, pool: Any, count: Callable[[Any], Mapping[str, int]]) -> None:
        """Count the connections of ``pool`` – by state: used, idle, waiting for one – while it exists."""
        with self._lock:
            self._pools[pool] = (service, count)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One family; pools of the same service are added up."""
        sums: Sums[tuple[str, str]] = Sums()
        with self._lock:
            pools = [(service, pool, count) for pool, (service, count) in self._pools.items()]
        for service, pool, count in pools:
            for state, number in count(pool).items():
                sums[service, state] += number
        family = GaugeMetricFamily(
            "delivery_database_connections",
            "Connections of this process's pools, and requests waiting for one",
            labels=["service", "state"],
        )
        for labels, number in sums.items():
            family.add_metric(labels, number)
        yield family


pools = Pools()
REGISTRY.register(pools)


def count_psycopg(pool: Any) -> dict[str, int]:
    """States of a psycopg pool."""
    stats = pool.get_stats()
    size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
    return {"used": max(size - idle, 0), "idle": idle, "waiting": stats.get("requests_waiting", 0)}


def count_alchemy(pool: Any) -> dict[str, int]:
    """States of an SQLAlchemy pool, which does not tell who waits."""
    return {"used": pool.checkedout(), "idle": pool.checkedin()}
