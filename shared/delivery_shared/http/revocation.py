"""Tokens that became void before they expired, in every service: what ``identity.sessions_revoked`` says is kept in a
table of the service's own and looked at on every request.

An event-sourced service adds :data:`REVOCATION` to the policies of its feed of identity, a read model folds the message
with :func:`fold` into :data:`revoked`; both give ``create_api(revoked=…)`` a :class:`Revocations`. A token lives five
minutes at most, so only the revocations of the last minutes are ever read, and they are read once a second, not once
a request: a token is refused at most :data:`FRESH` after the feed has heard of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Engine, MetaData, Table, Uuid

from delivery_shared.contracts.identity import SessionsRevoked
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.http.tokens import LIFETIME, SKEW, Claims, real_now
from delivery_shared.messaging.process_manager import Policy
from delivery_shared.rows import Rows

FRESH = 1.0
"""Seconds the revocations read last are used."""

REVOCATION_MATTERS = LIFETIME + 2 * SKEW
"""How long a revocation matters: no token lives longer."""

revoked = Table(
    "revoked",
    MetaData(),
    Column("user_id", Uuid, primary_key=True),
    Column("before", DateTime(timezone=True), nullable=False),
)
"""The last revocation of each user. ``migrate.MECHANISM`` creates it in every service."""

RECENT = "SELECT user_id, before FROM revoked WHERE before > %(since)s"

Read = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
"""Runs a statement on the service's database."""


def when_sessions_revoked_then_refuse_tokens(said: SessionsRevoked) -> RowChange:
    """In an event-sourced service. The latest time counts, in whatever order the messages come."""
    return RowChange(
        key=f"revoked {said.user_id}",
        sql="INSERT INTO revoked (user_id, before) VALUES (%(user)s, %(before)s) ON CONFLICT (user_id)"
        " DO UPDATE SET before = greatest(revoked.before, excluded.before)",
        params={"user": said.user_id, "before": said.before},
    )


REVOCATION = Policy(contract=SessionsRevoked, copy=when_sessions_revoked_then_refuse_tokens)


def fold(rows: Rows, said: SessionsRevoked) -> None:
    """In a read model: the same."""
    known = rows.get(revoked, said.user_id)
    if known is None or known["before"] < said.before:
        rows.put(revoked, {"user_id": said.user_id, "before": said.before})


class Revocations:
    """The check of ``create_api(revoked=…)``: whether a token was issued before its user's last revocation."""

    def __init__(self, read: Read, *, now: Callable[[], datetime] = real_now, fresh: float = FRESH) -> None:
        """:param now: the real clock, as tokens use it; ``fresh`` seconds what was read is good for."""
        self._read = read
        self._now = now
        self._fresh = fresh
        self._lock = threading.Lock()
        self._known: Mapping[UUID, datetime] = {}
        self._read_at = -float("inf")

    def __call__(self, claims: Claims) -> bool:
        """:raises OperationalError: the database is away; nobody is let in unchecked."""
        if time.monotonic() - self._read_at > self._fresh:
            with self._lock:
                if time.monotonic() - self._read_at > self._fresh:
                    self._refresh()
        before = self._known.get(claims.user_id)
        return before is not None and claims.issued_at < before

    def _refresh(self) -> None:
        began = time.monotonic()
        found = self._read(RECENT, {"since": self._now() - REVOCATION_MATTERS})
        self._known = {row["user_id"]: row["before"] for row in found}
        self._read_at = began


def revocations(storage: EventStore | Engine) -> Revocations:
    """The check of a service, event-sourced or a read model."""

    def read(sql: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        if isinstance(storage, EventStore):
            with storage.connection() as connection:
                return list(connection.execute(sql, params).fetchall())
        with storage.connect() as session:
            return [dict(row) for row in session.exec_driver_sql(sql, dict(params)).mappings()]

    return Revocations(read)


__all__ = ["FRESH", "REVOCATION", "REVOCATION_MATTERS", "Revocations", "fold", "revocations", "revoked"]
