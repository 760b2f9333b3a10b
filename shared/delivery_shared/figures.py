"""The loop of a worker that turns the service's status into gauges, so that no scrape runs a statement."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog
from prometheus_client import Gauge

from delivery_shared.messaging.feed import Feed
from delivery_shared.status import ServiceStatus

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two readings."""

outbox_last = Gauge("delivery_outbox_last_id", "Id of the newest event to be published", ["source"])
outbox_waiting = Gauge("delivery_outbox_waiting", "Events the broker has not confirmed", ["source"])
outbox_oldest = Gauge("delivery_outbox_oldest_seconds", "Age of the oldest event not confirmed", ["source"])
feed_parked = Gauge("delivery_feed_parked", "Messages put aside", ["feed", "source"])
feed_oldest_parked = Gauge(
    "delivery_feed_oldest_parked_seconds", "For how long the oldest message lies aside", ["feed", "source"]
)
feed_lag = Gauge(
    "delivery_feed_lag_seconds", "Age of the oldest message received and not applied, 0 without any", ["feed", "source"]
)
feed_stopped = Gauge("delivery_feed_stopped", "1 while a projection cannot apply a message", ["feed", "source"])
feed_missing = Gauge(
    "delivery_feed_missing", "1 while the stream does not hold what the feed needs next", ["feed", "source"]
)
read_at = Gauge("delivery_figures_read_timestamp_seconds", "When the figures were read last, Unix time", ["service"])


class Figures:
    """Reads the figures of one service until told to stop. ``own`` has the gauge of each figure only it has."""

    def __init__(self, status: Callable[[], ServiceStatus], *, own: Mapping[str, Gauge], feeds: Sequence[Feed]) -> None:
        self.status = status
        self.own = own
        self.feeds = feeds

    def run(self, stopping: threading.Event) -> None:
        """While the database is away the gauges keep what they knew; :data:`read_at` tells."""
        pause = 0.0
        while not stopping.wait(pause):
            pause = EVERY
            try:
                self.once()
            except Exception as error:
                log.warning("figures not read", error=repr(error))

    def once(self) -> None:
        """Read everything and set the gauges. Raises what the database raises."""
        now = datetime.now(UTC)
        for feed in self.feeds:
            labels = (feed.consumer.name, feed.consumer.source)
            oldest = feed.pending_since
            feed_lag.labels(*labels).set(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)
            feed_stopped.labels(*labels).set(feed.stopped)
            feed_missing.labels(*labels).set(feed.missing)
        status = self.status()
        if status.outbox is not None:
            outbox_last.labels(status.service).set(status.outbox.last)
            outbox_waiting.labels(status.service).set(status.outbox.waiting)
            outbox_oldest.labels(status.service).set(status.outbox.oldest_seconds)
        for entry in status.feeds:
            feed_parked.labels(entry.feed, entry.source).set(entry.parked)
            feed_oldest_parked.labels(entry.feed, entry.source).set(entry.oldest_parked_seconds)
        for name, value in status.own.items():
            self.own[name].set(value)
        read_at.labels(status.service).set(time.time())
