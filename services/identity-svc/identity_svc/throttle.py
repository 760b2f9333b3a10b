"""Slowing down who guesses passwords, without locking out who knows one.

Attempts are counted before the password is looked at, so that many at once are no way around. A pair of login name
and address waits longer with every failure; the same login name from another address is not touched by it. An
address as a whole has a loose cap, far above what people behind one gateway mistype.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection


class TooManyAttempts(Exception):
    """Wait ``retry_after`` seconds; nothing was tried."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Limits:
    """``free`` attempts of a pair cost nothing, each further one doubles the wait from 1 s up to ``longest``;
    a pair is forgotten after ``forgotten``. An address has ``per_address`` attempts in each ``window``."""

    free: int = 5
    longest: timedelta = timedelta(minutes=5)
    forgotten: timedelta = timedelta(hours=1)
    per_address: int = 200
    window: timedelta = timedelta(minutes=10)


PAIR = """
INSERT INTO login_throttle AS t (key, attempts, since, blocked_until)
VALUES (%(key)s, 1, %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET since = %(now)s,
    attempts = CASE WHEN t.since < %(now)s - %(forgotten)s THEN 1 ELSE t.attempts + 1 END,
    blocked_until = CASE WHEN t.since < %(now)s - %(forgotten)s OR t.attempts + 1 < %(free)s THEN %(now)s
        ELSE %(now)s + least(interval '1 second' * 2 ^ least(t.attempts + 1 - %(free)s, 20), %(longest)s) END
WHERE t.blocked_until <= %(now)s
RETURNING 1
"""

ADDRESS = """
INSERT INTO login_throttle AS t (key, attempts, since, blocked_until)
VALUES (%(key)s, 1, %(now)s, %(now)s + %(window)s)
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN t.blocked_until <= %(now)s THEN 1 ELSE t.attempts + 1 END,
    since = CASE WHEN t.blocked_until <= %(now)s THEN %(now)s ELSE t.since END,
    blocked_until = CASE WHEN t.blocked_until <= %(now)s THEN %(now)s + %(window)s ELSE t.blocked_until END
WHERE t.blocked_until <= %(now)s OR t.attempts < %(per_address)s
RETURNING 1
"""


class Throttle:
    """Counts in the table ``login_throttle``, each in a statement of its own that is stored at once."""

    def __init__(
        self,
        connection: Callable[[], AbstractContextManager[Connection[Any]]],
        now: Callable[[], datetime],
        limits: Limits,
    ) -> None:
        self._connection = connection
        self._now = now
        self._limits = limits

    def attempt(self, *, login_name: str, address: str) -> None:
        """Count an attempt before it is made. :raises TooManyAttempts: it may not be made now."""
        limits = self._limits
        now = self._now()
        shared = {"now": now, "window": limits.window, "per_address": limits.per_address, "free": limits.free,
                  "longest": limits.longest, "forgotten": limits.forgotten}  # fmt: skip
        with self._connection() as connection:
            for sql, key in ((ADDRESS, _address(address)), (PAIR, _pair(login_name, address))):
                if connection.execute(sql, {**shared, "key": key}).fetchone() is None:
                    blocked = connection.execute(
                        "SELECT blocked_until FROM login_throttle WHERE key = %s", (key,)
                    ).fetchone()
                    until = blocked["blocked_until"] if blocked else now
                    raise TooManyAttempts(max(1, int((until - now).total_seconds()) + 1))

    def succeeded(self, *, login_name: str, address: str) -> None:
        """The attempt was right: it does not count, and what failed before is forgiven."""
        with self._connection() as connection:
            connection.execute("DELETE FROM login_throttle WHERE key = %s", (_pair(login_name, address),))
            connection.execute(
                "UPDATE login_throttle SET attempts = greatest(attempts - 1, 0) WHERE key = %s",
                (_address(address),),
            )

    def forget_old(self) -> None:
        """Delete what no longer slows anybody."""
        with self._connection() as connection:
            connection.execute(
                "DELETE FROM login_throttle WHERE greatest(since, blocked_until) < %s",
                (self._now() - max(self._limits.forgotten, self._limits.window),),
            )


def _pair(login_name: str, address: str) -> str:
    """Hashed, since people type passwords into the field of the login name."""
    return "pair " + hashlib.sha256(f"{login_name.casefold()} {_network(address)}".encode()).hexdigest()


def _address(address: str) -> str:
    return "address " + hashlib.sha256(_network(address).encode()).hexdigest()


def _network(address: str) -> str:
    """An IPv6 user owns a /64; other texts stand for themselves."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
