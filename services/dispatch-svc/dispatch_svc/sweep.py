"""What the worker repeats: keys of wakes nobody answered, retries that are due, and the hourly poll."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog

from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.store import DispatchStore

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two sweeps, and the age from which a wake counts as forgotten."""

MANY = 10_000

RAISE_MANY = """
INSERT INTO wake (pool, seq) SELECT due.pool, nextval('wake_seq') FROM ({due}) AS due ORDER BY due.pool
ON CONFLICT (pool) DO UPDATE SET seq = excluded.seq RETURNING pool
"""
DUE = "next_try <= now() AND parked_at IS NULL"
RETRIES = RAISE_MANY.format(due=f"SELECT DISTINCT pool FROM pool_inbox WHERE {DUE}")  # noqa: S608
WAITING = RAISE_MANY.format(
    due="SELECT DISTINCT pool FROM pool_inbox WHERE kind = 'ask' AND NOT suspended AND parked_at IS NULL"
)


def resend(store: DispatchStore, older_than: float = EVERY) -> int:
    """Send the keys of wakes that stand longer than ``older_than`` seconds; returns how many. A lost or doubled key
    means nothing because of this."""
    with store.connection() as connection:
        found = connection.execute(
            "SELECT pool FROM wake WHERE at < now() - %s ORDER BY at LIMIT %s",
            (timedelta(seconds=older_than), MANY),
        ).fetchall()
    return _hint(store, [PoolKey(row["pool"]) for row in found])


def wake_retries(store: DispatchStore) -> int:
    """Wake the pools with rows whose next try is due; from then on these wait like any other."""
    with store.connection() as connection, connection.transaction():
        pools = [PoolKey(row["pool"]) for row in connection.execute(RETRIES)]
        connection.execute(
            f"UPDATE pool_inbox SET next_try = NULL WHERE {DUE} AND pool = ANY(%s)",  # noqa: S608
            (pools,),
        )
    return _hint(store, pools)


def poll(store: DispatchStore) -> int:
    """The hourly poll (D-09, D-31): wake every pool with asks that wait."""
    with store.connection() as connection:
        pools = [PoolKey(row["pool"]) for row in connection.execute(WAITING)]
    return _hint(store, pools)


def _hint(store: DispatchStore, pools: list[PoolKey]) -> int:
    for pool in pools:
        store.hint(pool)
    return len(pools)


def hour_of(at: datetime) -> datetime:
    """The full hour at or before ``at``; Shanghai's hours begin with those of UTC."""
    return at.replace(minute=0, second=0, microsecond=0)


def poll_hourly(store: DispatchStore, polled: datetime | None) -> datetime:
    """Poll if the hour of the clock is another than that of the last poll; returns the hour polled in."""
    hour = hour_of(store.clock.now())
    if hour != polled:
        poll(store)
    return hour


def sweep(store: DispatchStore, stopping: threading.Event) -> None:
    """Repeat until told to stop. The poll comes with the start, and with every full hour of the clock."""
    polled: datetime | None = None
    while not stopping.wait(EVERY):
        try:
            resend(store)
            wake_retries(store)
            polled = poll_hourly(store, polled)
        except Exception as error:
            log.warning("sweep failed", error=repr(error))
