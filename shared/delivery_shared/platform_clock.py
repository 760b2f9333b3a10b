"""The platform's clock in a service that keeps events: the database's time, and how far demo and tests moved it.

The service has a table ``platform_clock`` of one row – ``one``, its key, and ``offset_seconds`` –, takes :data:`MOVED`
among its policies for ``template``, and counts time by :func:`platform_clock`, so that all its processes, and all
services, agree (architecture 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from delivery_shared.clock import DatabaseClock
from delivery_shared.contracts.template import ClockMoved
from delivery_shared.copying import upsert
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.messaging.process_manager import Policy

SEEN = 0.5
"""Seconds until a process sees that the clock was moved."""
READ = 30.0
"""Seconds between two looks at the database's time where the clock is fixed."""


def when_clock_moved_then_follow_it(moved: ClockMoved) -> RowChange:
    """The time of all decisions goes with it, where the clock may be moved."""
    return upsert("platform_clock", key="one", values={"one": True, "offset_seconds": moved.offset_seconds})


MOVED = Policy(contract=ClockMoved, copy=when_clock_moved_then_follow_it)


def platform_clock(store: EventStore, environment: Mapping[str, str]) -> DatabaseClock:
    """The clock of a service. It may be moved only with ``DELIVERY_MOVABLE_CLOCK=1``; else its offset is 0 whatever
    was stored."""
    movable = environment.get("DELIVERY_MOVABLE_CLOCK") == "1"

    def read() -> tuple[datetime, timedelta]:
        with store.connection() as connection:
            row = connection.execute(
                "SELECT clock_timestamp() AS now, (SELECT offset_seconds FROM platform_clock) AS ahead"
            ).fetchone()
        assert row is not None
        return row["now"], timedelta(seconds=(row["ahead"] or 0) if movable else 0)

    return DatabaseClock(read, every=SEEN if movable else READ)
