"""What only project-svc can tell of how it is doing: timers that are due and have not fired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery_shared.eventstore import EventStore
from prometheus_client import Gauge

GAUGES = {
    "timers_late": Gauge("delivery_project_timers_late", "Timers that are due and have not fired"),
    "timers_late_seconds": Gauge("delivery_project_timers_late_seconds", "For how long the first of them is due"),
}

LATE = """
SELECT count(*) AS late, coalesce(extract(epoch FROM %(now)s - min(due_at)), 0) AS seconds
FROM timer WHERE NOT overdue AND due_at <= %(now)s
"""


@dataclass(frozen=True, kw_only=True)
class TimerStatus:
    """``timers_late``: due and not fired yet, the first one for ``timers_late_seconds``."""

    timers_late: int
    timers_late_seconds: float


def timer_status(store: EventStore, *, now: datetime) -> TimerStatus:
    """The timers at ``now`` of the platform's clock."""
    with store.connection() as connection:
        row = connection.execute(LATE, {"now": now}).fetchone()
    assert row is not None
    return TimerStatus(timers_late=row["late"], timers_late_seconds=float(row["seconds"]))
