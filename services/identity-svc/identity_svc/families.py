"""Rows of sessions and their families of refresh tokens: the tables ``session`` and ``token``. Of a token only a hash
is stored."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from delivery_shared.eventstore import RowChange, WorkChanged


def started(session_id: UUID, user_id: UUID, *, at: datetime, expires_at: datetime) -> RowChange:
    """A new session."""
    return RowChange(
        key=f"session {user_id}",
        sql="INSERT INTO session (session_id, user_id, started_at, expires_at)"
        " VALUES (%(id)s, %(user)s, %(now)s, %(expires)s)",
        params={"id": session_id, "user": user_id, "now": at, "expires": expires_at},
    )


def used(hash: bytes, *, at: datetime) -> RowChange:
    """The token is used up, if it was not before."""
    return RowChange(
        key="token 1",
        or_else=WorkChanged,
        sql="UPDATE token SET used_at = %(now)s WHERE hash = %(hash)s AND used_at IS NULL RETURNING 1",
        params={"hash": hash, "now": at},
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
