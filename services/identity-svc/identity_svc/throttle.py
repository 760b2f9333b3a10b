"""Slowing down who guesses passwords, without locking out who knows one.

Attempts are counted before the password is looked at, so that many at once are no way around. A pair of login name
and address waits longer with every failure; the same login name from another address is not touched by it. An
address as a whole has a loose cap, far above what people behind one gateway mistype. So has a login name as a whole,
however many addresses guess at it; each place it has signed in from before has such a budget of its own.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from psycopg import Connection

from identity_svc import known_places

Measure = Literal["address", "pair", "account"]
KnownBy = Literal["device", "network"] | None


class TooManyAttempts(Exception):
    """Wait ``retry_after`` seconds; nothing was tried. ``by``: what there were too many of."""

    def __init__(self, retry_after: int, by: Measure) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after
        self.by = by


@dataclass(frozen=True, kw_only=True)
class Limits:
    """``free`` attempts of a pair cost nothing, each further one doubles the wait from 1 s up to ``longest``;
    a pair is forgotten after ``forgotten``. An address has ``per_address`` attempts in each ``window``, a login name
    ``per_account`` wrong ones in each ``account_window`` from all places it is not known from together."""

    free: int = 5
    longest: timedelta = timedelta(minutes=5)
    forgotten: timedelta = timedelta(hours=1)
    per_address: int = 200
    window: timedelta = timedelta(minutes=10)
    per_account: int = 30
    account_window: timedelta = timedelta(hours=1)


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

BUDGET = """
INSERT INTO login_throttle AS t (key, attempts, since, blocked_until)
VALUES (%(key)s, 1, %(now)s, %(now)s + %(window)s)
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN t.blocked_until <= %(now)s THEN 1 ELSE t.attempts + 1 END,
    since = CASE WHEN t.blocked_until <= %(now)s THEN %(now)s ELSE t.since END,
    blocked_until = CASE WHEN t.blocked_until <= %(now)s THEN %(now)s + %(window)s ELSE t.blocked_until END
WHERE t.blocked_until <= %(now)s OR t.attempts < %(most)s
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

    def attempt(self, *, login_name: str, address: str, device: str | None = None) -> KnownBy:
        """Count an attempt before it is made; returns what the account is known by.

        :raises TooManyAttempts: it may not be made now.
        """
        limits = self._limits
        now = self._now()
        waiting = {"free": limits.free, "longest": limits.longest, "forgotten": limits.forgotten}
        account = {"most": limits.per_account, "window": limits.account_window}
        with self._connection() as connection:
            login = _login(login_name)
            place = known_places.known(connection, login, _places(address, device), now)
            budgets: list[tuple[Measure, str, str, dict[str, Any]]] = [
                ("address", BUDGET, _address(address), {"most": limits.per_address, "window": limits.window}),
                ("pair", PAIR, _pair(login_name, address), waiting),
                ("account", BUDGET, _account(login, place), account),
            ]
            for by, sql, key, params in budgets:
                if connection.execute(sql, {"now": now, "key": key, **params}).fetchone() is None:
                    blocked = connection.execute(
                        "SELECT blocked_until FROM login_throttle WHERE key = %s", (key,)
                    ).fetchone()
                    until = blocked["blocked_until"] if blocked else now
                    raise TooManyAttempts(max(1, int((until - now).total_seconds()) + 1), by)
        if place is None:
            return None
        return "device" if device is not None and place == _device(device) else "network"

    def allows(self, key: str, *, most: int, window: timedelta) -> bool:
        """Count one more of ``key``; whether there were at most ``most`` in this ``window``."""
        params = {"now": self._now(), "key": key, "most": most, "window": window}
        with self._connection() as connection:
            return connection.execute(BUDGET, params).fetchone() is not None

    def count(self, key: str, *, most: int, window: timedelta, by: Measure) -> None:
        """The same. :raises TooManyAttempts: there were more."""
        if not self.allows(key, most=most, window=window):
            raise TooManyAttempts(int(window.total_seconds()), by)

    def succeeded(self, *, login_name: str, address: str, device: str | None = None) -> None:
        """The attempt was right: it does not count, what failed before from there is forgiven, and the account is known
        there from now on."""
        now, login = self._now(), _login(login_name)
        with self._connection() as connection:
            places = _places(address, device)
            place = known_places.known(connection, login, places, now)
            connection.execute("DELETE FROM login_throttle WHERE key = %s", (_pair(login_name, address),))
            connection.execute(
                "UPDATE login_throttle SET attempts = greatest(attempts - 1, 0) WHERE key = ANY(%s)",
                ([_address(address), _account(login, place)],),
            )
            known_places.remember(connection, login, places, now)

    def forget_old(self) -> None:
        """Delete what no longer slows anybody, and places not signed in from for long."""
        with self._connection() as connection:
            longest = max(self._limits.forgotten, self._limits.window, self._limits.account_window)
            connection.execute(
                "DELETE FROM login_throttle WHERE greatest(since, blocked_until) < %s", (self._now() - longest,)
            )
            known_places.forget_old(connection, self._now())


def _login(login_name: str) -> bytes:
    """Hashed, since people type passwords into the field of the login name."""
    return known_places.hash_of(login_name.casefold())


def _places(address: str, device: str | None) -> list[bytes]:
    """What an account may be known by, the surest first."""
    return [*([_device(device)] if device is not None else []), known_places.hash_of(f"network {_network(address)}")]


def _device(device: str) -> bytes:
    return known_places.hash_of(f"device {device}")


def _account(login: bytes, place: bytes | None) -> str:
    return f"account {login.hex()}" + (f" {place.hex()}" if place else "")


def _pair(login_name: str, address: str) -> str:
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
