"""What the worker repeats: keys of deliveries nobody takes, channels no longer configured, and gauges."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine, text

from notify_svc import deliveries

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two sweeps."""

waiting = Gauge("delivery_notify_waiting", "Messages that wait to be sent by SMS or email")
oldest_due = Gauge("delivery_notify_oldest_due_seconds", "For how long the delivery due longest is due")
parked = Gauge("delivery_notify_parked", "Deliveries given up: refused or tried too often")


def sweep_once(engine: Engine, configured: frozenset[str], hint: Callable[[str], None]) -> int:
    """One sweep; returns how many keys were sent."""
    deliveries.give_up_unconfigured(engine, configured)
    keys = deliveries.forgotten(engine)
    for key in keys:
        hint(key)
    with engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(next_try)), 0) AS oldest,"
                " (SELECT count(*) FROM delivery WHERE state = 'parked') AS parked"
                " FROM delivery WHERE state = 'waiting'"
            )
        ).one()
    waiting.set(row.waiting)
    oldest_due.set(max(float(row.oldest), 0))
    parked.set(row.parked)
    return len(keys)


def sweep(engine: Engine, configured: frozenset[str], hint: Callable[[str], None], stopping: threading.Event) -> None:
    """Repeat until told to stop."""
    while not stopping.wait(EVERY):
        try:
            sweep_once(engine, configured, hint)
        except Exception as error:
            log.warning("sweep failed", error=repr(error))
