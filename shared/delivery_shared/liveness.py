"""Whether the threads of a process still do their work. Says nothing of database or broker: a process that waits for
them is alive, and starting it again would not help."""

from __future__ import annotations

import threading
import time

LIMIT = 300.0
"""Seconds a loop may take for one round before it counts as hanging: more than the longest batch of a feed, applied
message by message, takes."""


class StopSignal(threading.Event):
    """The event that ends loops, and that notices who still looks at it.

    Every loop asks it once a round, so a thread that has asked before and is dead now, or has not asked for ``limit``
    seconds beyond what it said it would wait, is in trouble.
    """

    def __init__(self, *, limit: float = LIMIT) -> None:
        super().__init__()
        self._limit = limit
        self._due: dict[threading.Thread, float] = {}

    def is_set(self) -> bool:
        self._seen(0.0)
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        self._seen(float("inf") if timeout is None else timeout)
        told = super().wait(timeout)
        self._seen(0.0)
        return told

    def _seen(self, waits: float) -> None:
        self._due[threading.current_thread()] = time.monotonic() + waits + self._limit

    def given(self) -> bool:
        """Whether the signal is given, for those who only watch."""
        return super().is_set()

    def faults(self) -> list[str]:
        """Who should run and does not, in words; nobody once the signal is given."""
        if self.given():
            return []
        now = time.monotonic()
        found = []
        for thread, due in list(self._due.items()):
            if not thread.is_alive():
                found.append(f"{thread.name} has died")
            elif now > due:
                found.append(f"{thread.name} hangs")
        return found
