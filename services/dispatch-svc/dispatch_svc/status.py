"""What only dispatch-svc can tell of how it is doing: who waits, and whether the dispatchers keep up."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import Gauge

from dispatch_svc.store import DispatchStore

GAUGES = {
    "waiting": Gauge("delivery_dispatch_waiting", "Asks that wait for a provider or a person"),
    "oldest_waiting_seconds": Gauge("delivery_dispatch_oldest_waiting_seconds", "Age of the oldest ask that waits"),
    "wakes": Gauge("delivery_dispatch_wakes", "Pools that wait for a dispatcher"),
    "oldest_wake_seconds": Gauge(
        "delivery_dispatch_oldest_wake_seconds", "How long the pool waiting longest was not looked at"
    ),
    "parked": Gauge("delivery_dispatch_parked", "Inbox rows put aside after failing"),
}

QUEUE = """
SELECT count(*) FILTER (WHERE kind = 'ask' AND reason <> '') AS waiting,
    coalesce(extract(epoch FROM %(now)s - min(queued_at) FILTER (WHERE kind = 'ask' AND reason <> '')), 0)
        AS oldest_waiting_seconds,
    count(*) FILTER (WHERE parked_at IS NOT NULL) AS parked,
    (SELECT count(*) FROM wake) AS wakes,
    (SELECT coalesce(extract(epoch FROM now() - min(at)), 0) FROM wake) AS oldest_wake_seconds
FROM pool_inbox
"""


@dataclass(frozen=True, kw_only=True)
class QueueStatus:
    """``waiting``: asks told that nobody is free – they wait for people, not for dispatchers; ``wakes``: pools that
    wait for a dispatcher, the first one for ``oldest_wake_seconds``; ``parked``: rows whose decision kept failing."""

    waiting: int
    oldest_waiting_seconds: float
    wakes: int
    oldest_wake_seconds: float
    parked: int


def queue_status(store: DispatchStore) -> QueueStatus:
    """The queue now."""
    with store.connection() as connection:
        row = connection.execute(QUEUE, {"now": store.clock.now()}).fetchone()
    assert row is not None
    return QueueStatus(
        waiting=row["waiting"],
        oldest_waiting_seconds=max(float(row["oldest_waiting_seconds"]), 0.0),
        wakes=row["wakes"],
        oldest_wake_seconds=max(float(row["oldest_wake_seconds"]), 0.0),
        parked=row["parked"],
    )
