"""The one place that reads the time. Domain code gets the time as data."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Now in UTC, plus an offset that demo and tests may move (0 in production; architecture 5).

    Never used for tokens, leases or retries: those read the real clock.
    """

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class DatabaseClock(Clock):
    """The database's time plus the offset stored there, so that all processes of a service agree.

    ``read`` answers both from the database; it is asked every ``every`` seconds, in between the time goes on by this
    process's steady clock. Where the clock may be moved, ``every`` is how long a process lags behind a move.
    Safe for threads. Raises what ``read`` raises.
    """

    def __init__(self, read: Callable[[], tuple[datetime, timedelta]], *, every: float = 30.0) -> None:
        super().__init__()
        self._read = read
        self._every = every
        self._lock = threading.Lock()
        self._known: tuple[float, datetime] | None = None

    def now(self) -> datetime:
        with self._lock:
            steady = time.monotonic()
            if self._known is None or steady - self._known[0] >= self._every:
                now, self.offset = self._read()
                self._known = (time.monotonic(), now)
            read_at, now = self._known
        return now + timedelta(seconds=time.monotonic() - read_at) + self.offset
