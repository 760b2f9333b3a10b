"""The pools a dispatcher has in memory, to read only what is new in them."""

from __future__ import annotations

from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.store import DispatchStore

Pool = ProviderConfiguration | ProviderPool

REMEMBERED = 64
"""How many pools a dispatcher remembers."""


class PoolMemory:
    """Pools as last saved by this dispatcher; others may have changed them since."""

    def __init__(self, store: DispatchStore) -> None:
        self.store = store
        self._pools: dict[UUID, Pool] = {}

    def take(self, key: PoolKey, connection: Connection[DictRow]) -> Pool | None:
        """The pool as stored now: the one remembered and what is new. It is handed over: only :meth:`put` after a
        save puts it back, so a failed decision leaves no trace."""
        stream = key.stream
        known = self._pools.pop(stream, None)
        if known is None:
            found = self.store.load_all([stream]).get(stream)
        else:
            found = self.store.brought_up(connection, [stream], {stream: known})[stream]
        assert found is None or isinstance(found, Pool)
        return found

    def put(self, pool: Pool) -> None:
        """Remember a pool as it was just saved."""
        self._pools[pool.id] = pool
        if len(self._pools) > REMEMBERED:
            del self._pools[next(iter(self._pools))]
