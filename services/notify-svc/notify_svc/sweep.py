"""What the worker repeats: keys of deliveries nobody takes, and channels no longer configured."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from notify_svc import deliveries

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two sweeps."""


def sweep_once(engine: Engine, configured: frozenset[str], hint: Callable[[str], None]) -> int:
    """One sweep; returns how many keys were sent."""
    deliveries.give_up_unconfigured(engine, configured)
    keys = deliveries.forgotten(engine)
    for key in keys:
        hint(key)
    return len(keys)


def sweep(engine: Engine, configured: frozenset[str], hint: Callable[[str], None], stopping: threading.Event) -> None:
    """Repeat until told to stop."""
    while not stopping.wait(EVERY):
        try:
            sweep_once(engine, configured, hint)
        except Exception as error:
            log.warning("sweep failed", error=repr(error))
