"""How soon a batch follows the one before, so that what happens at the same time travels together."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """At most one batch in ``seconds``: the first after a pause goes at once, what comes right behind it waits for the
    rest of that time and goes together. So nothing waits in a system where little happens, and a batch costs a busy one
    no more often than that. For one thread."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._began = -float("inf")

    def early(self) -> float:
        """Seconds until the next batch may begin; 0 or less: at once."""
        return self._began + self.seconds - self._clock()

    def begin(self) -> None:
        """A batch begins."""
        self._began = self._clock()
