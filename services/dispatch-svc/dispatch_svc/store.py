"""The event store of dispatch: loading and saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from delivery_shared.clock import Clock
from delivery_shared.eventstore import EventStore

from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.publishing import PUBLISHING

P = TypeVar("P", ProviderConfiguration, ProviderPool)

Hint = Callable[[PoolKey], None]
"""Tells the dispatchers that a pool has a wake; may be lost, the sweep repeats it."""


class DispatchStore(EventStore):
    """An event store whose saves raise wakes; ``hint`` is told of them after the commit."""

    name = "dispatch"
    publishing = PUBLISHING
    snapshotting_intervals = {ProviderConfiguration: 500, ProviderPool: 500}

    def __init__(
        self,
        *,
        database_url: str,
        schema: str | None = None,
        clock: Clock | None = None,
        hint: Hint = lambda pool: None,
    ) -> None:
        self.clock = clock or Clock()
        self.hint = hint
        super().__init__(database_url=database_url, schema=schema)

    def pool(self, cls: type[P], key: PoolKey) -> P | None:
        """The aggregate of the pool ``key`` as it stands, None before its first fact."""
        return self.find(cls, key.stream).get(key.stream)
