"""Projects kept in memory between commands, so that a busy one is not folded from its first fact each time.

A project is *taken out* while a unit of work changes it and comes back only after its save, so nobody ever sees a
change that was not stored. Whoever takes one still reads the facts stored since its version: another process may
have written them. It therefore saves work, never freshness.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from eventsourcing.domain import Aggregate


class Memory:
    """At most ``limit`` aggregates, those used last. Safe for threads; 0 keeps none."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """Those of ``ids`` that are kept; they are the caller's alone from now on."""
        with self._lock:
            return {i: found for i in ids if (found := self._kept.pop(i, None)) is not None}

    def put(self, aggregates: Iterable[Aggregate]) -> None:
        """Keep saved aggregates; of two with one id the later version."""
        with self._lock:
            for aggregate in aggregates:
                other = self._kept.pop(aggregate.id, None)
                newest = other if other is not None and other.version > aggregate.version else aggregate
                self._kept[aggregate.id] = newest
            while len(self._kept) > self.limit:
                self._kept.popitem(last=False)
