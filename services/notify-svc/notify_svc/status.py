"""What only notify-svc can tell of how it is doing: what waits to leave the system, and what was given up."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import Gauge
from sqlalchemy import Engine, text

GAUGES = {
    "waiting": Gauge("delivery_notify_waiting", "Messages that wait to be sent by SMS or email"),
    "oldest_due_seconds": Gauge("delivery_notify_oldest_due_seconds", "For how long the delivery due longest is due"),
    "parked": Gauge("delivery_notify_parked", "Deliveries given up: refused or tried too often"),
}

DELIVERIES = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(next_try)), 0) AS oldest,
    (SELECT count(*) FROM delivery WHERE state = 'parked') AS parked
FROM delivery WHERE state = 'waiting'
"""


@dataclass(frozen=True, kw_only=True)
class DeliveryStatus:
    """``waiting``: messages not sent by SMS or email yet; ``oldest_due_seconds``: for how long the one due longest is
    due; ``parked``: given up, refused or tried too often."""

    waiting: int
    oldest_due_seconds: float
    parked: int


def delivery_status(engine: Engine) -> DeliveryStatus:
    """The deliveries now."""
    with engine.connect() as connection:
        row = connection.execute(text(DELIVERIES)).one()
    return DeliveryStatus(waiting=row.waiting, oldest_due_seconds=max(float(row.oldest), 0.0), parked=row.parked)
