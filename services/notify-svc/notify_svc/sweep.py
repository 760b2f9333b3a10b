"""What the worker repeats: keys of deliveries nobody takes, channels no longer configured, and gauges."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from prometheus_client import Gauge
from sqlalchemy import Engine

from notify_svc import deliveries
from notify_svc.status import delivery_status

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
    status = delivery_status(engine)
    waiting.set(status.waiting)
    oldest_due.set(status.oldest_due_seconds)
    parked.set(status.parked)
    return len(keys)


def sweep(engine: Engine, configured: frozenset[str], hint: Callable[[str], None], stopping: threading.Event) -> None:
    """Repeat until told to stop."""
    while not stopping.wait(EVERY):
        try:
            sweep_once(engine, configured, hint)
        except Exception as error:
            log.warning("sweep failed", error=repr(error))
