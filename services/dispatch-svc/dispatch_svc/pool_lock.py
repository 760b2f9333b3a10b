"""The lock of a pool: one dispatcher at a time, for as long as it gives signs of life (ADR 0019).

What it protects is order and effort – were it lost, the versions of the aggregates and the rows of the inbox still let
only one of two decisions be stored.
"""

from __future__ import annotations

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.inbox_sql import READ_WAKE

LEASE = 15
"""Seconds a dispatcher may hold a pool's lock without a word to the database; then the database ends its session, so
that one that stalls – a machine that sleeps, a stopped process – does not hold up the pool. Coming back it finds its
connection gone, and the versions refuse what it had decided."""


class PoolLock:
    """Session advisory locks of pools, on a connection of its own; used by one thread."""

    def __init__(self, database_url: str, schema: str) -> None:
        self.database_url = database_url
        self.schema = schema
        self.connection: Connection[DictRow] | None = None

    def take(self, pool: PoolKey) -> bool:
        """Try to get the lock of ``pool``; returns whether it is held now. The lease begins."""
        row = (
            self._connected()
            .execute(
                "SELECT got, set_config('idle_session_timeout', CASE WHEN got THEN %s ELSE '0' END, false)"
                " FROM (SELECT pg_try_advisory_lock(hashtextextended(%s, 0)) AS got) AS tried",
                (f"{LEASE}s", f"{self.schema}/{pool}"),
            )
            .fetchone()
        )
        return bool(row and row["got"])

    def held(self) -> Connection[DictRow]:
        """The connection that holds the lock: everything a decision rests on is read through it, so that a lost
        lock ends the decision. :raises OperationalError: it is gone."""
        if self.connection is None:
            raise psycopg.OperationalError("the lock is lost")
        return self.connection

    def renew(self) -> None:
        """A word to the database: after a pipeline the idle time counts from the next plain statement only."""
        self.held().execute("")

    def release(self, pool: PoolKey) -> bool:
        """Unlock, then look once more: whoever was turned away in between must not be forgotten. Returns whether the
        pool has a wake."""
        if self.connection is None or self.connection.closed:
            return True
        with self.connection.pipeline():
            self.connection.execute(
                "SELECT pg_advisory_unlock(hashtextextended(%s, 0)), set_config('idle_session_timeout', '0', false)",
                (f"{self.schema}/{pool}",),
            )
            left = self.connection.execute(READ_WAKE, {"pool": pool})
        return left.fetchone() is not None

    def close(self) -> None:
        """Give up the connection, and with it any lock."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _connected(self) -> Connection[DictRow]:
        if self.connection is None or self.connection.closed:
            self.connection = psycopg.connect(
                self.database_url,
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=5,
                application_name="delivery-dispatcher",
                options=f"-c search_path={self.schema} -c jit=off",
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
            )
        return self.connection
