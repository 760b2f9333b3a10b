"""Rows of sessions and their families of refresh tokens: the tables ``session`` and ``token``.

Of a token only a hash is stored. The next token is made of the one before and a random seed; the seed is stored for as
long as the answer may be asked for again, and says nothing to whoever has not that token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from delivery_shared.eventstore import RowChange, WorkChanged
from psycopg import Connection

GRACE: Final = timedelta(seconds=30)
"""For how long after its first use a refresh token gives the same next one again: the answer may have been lost."""


AGENT: Final = 200
"""Characters kept of what a browser says of itself."""


def first() -> str:
    """The token a family begins with."""
    return secrets.token_urlsafe(32)


def new_seed() -> bytes:
    return secrets.token_bytes(32)


def following(refresh_token: str, seed: bytes) -> str:
    """The token after ``refresh_token``."""
    return urlsafe_b64encode(hmac.digest(refresh_token.encode(), seed, "sha256")).decode().rstrip("=")


def expiry_of(connection: Connection[dict[str, Any]], refresh_token: str) -> datetime | None:
    """Until when a token works; None: it is gone, and its session with it."""
    row = connection.execute("SELECT expires_at FROM token WHERE hash = %s", (digest(refresh_token),)).fetchone()
    return row["expires_at"] if row else None


def started(
    session_id: UUID, user_id: UUID, *, at: datetime, expires_at: datetime, address: str, agent: str
) -> RowChange:
    """A new session. ``address`` and ``agent`` – what the browser says of itself – are shown to its user."""
    return RowChange(
        key=f"session {user_id}",
        sql="INSERT INTO session (session_id, user_id, started_at, used_at, expires_at, address, agent)"
        " VALUES (%(id)s, %(user)s, %(now)s, %(now)s, %(expires)s, %(address)s, %(agent)s)",
        params={
            "id": session_id, "user": user_id, "now": at, "expires": expires_at,
            "address": address, "agent": agent[:AGENT],
        },
    )  # fmt: skip


def gone_on(session_id: UUID, user_id: UUID, *, at: datetime) -> RowChange:
    """The session was last used ``at``."""
    return RowChange(
        key=f"session {user_id}",
        sql="UPDATE session SET used_at = %(now)s WHERE session_id = %(id)s",
        params={"id": session_id, "now": at},
    )


def used(hash: bytes, *, seed: bytes, at: datetime) -> RowChange:
    """The token is used for the first time."""
    return RowChange(
        key="token 1",
        or_else=WorkChanged,
        sql="UPDATE token SET used_at = %(now)s, seed = %(seed)s WHERE hash = %(hash)s AND used_at IS NULL RETURNING 1",
        params={"hash": hash, "seed": seed, "now": at},
    )


def standing(session_id: UUID) -> RowChange:
    """Fails the save if the session has ended."""
    return RowChange(
        key="token 1",
        or_else=WorkChanged,
        sql="SELECT 1 FROM session WHERE session_id = %(id)s FOR SHARE",
        params={"id": session_id},
    )


def ended(user_id: UUID, session_id: UUID) -> RowChange:
    """One session with its refresh tokens."""
    return RowChange(
        key=f"session {user_id}",
        sql="DELETE FROM session WHERE session_id = %(id)s AND user_id = %(user)s",
        params={"id": session_id, "user": user_id},
    )


def all_ended(user_id: UUID, *, but: UUID | None = None) -> RowChange:
    """All sessions of a user, but perhaps the one that asks."""
    return RowChange(
        key=f"session {user_id}",
        sql="DELETE FROM session WHERE user_id = %(user)s AND session_id IS DISTINCT FROM %(but)s::uuid",
        params={"user": user_id, "but": but},
    )


def issued(refresh_token: str, session_id: UUID, expires_at: datetime) -> RowChange:
    """The next refresh token, if its session still stands."""
    return RowChange(
        key="token 2",
        or_else=WorkChanged,
        sql="INSERT INTO token (hash, session_id, expires_at) SELECT %(hash)s, session_id, %(expires)s"
        " FROM session WHERE session_id = %(session)s FOR SHARE RETURNING 1",
        params={"hash": digest(refresh_token), "session": session_id, "expires": expires_at},
    )


def digest(refresh_token: str) -> bytes:
    return hashlib.sha256(refresh_token.encode()).digest()


def of_user(connection: Connection[dict[str, Any]], user_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """The sessions of a user, the one used last first."""
    return connection.execute(
        "SELECT session_id, started_at, coalesce(used_at, started_at) AS used_at, expires_at, address, agent"
        " FROM session WHERE user_id = %s AND expires_at > %s ORDER BY 3 DESC, session_id",
        (user_id, now),
    ).fetchall()


def forget_old(connection: Connection[dict[str, Any]], now: datetime) -> None:
    """Delete sessions that are over, and seeds that are asked for no more."""
    connection.execute("DELETE FROM session WHERE expires_at <= %s", (now,))
    connection.execute("UPDATE token SET seed = NULL WHERE seed IS NOT NULL AND used_at < %s", (now - GRACE,))
