"""The one place that reads the time. Domain code gets the time as data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Now in UTC, plus an offset that demo and tests may move (0 in production; architecture 5).

    Never used for tokens, leases or retries: those read the real clock.
    """

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset
