"""Rows of passwords and of what was signed: the table ``credential``, one row per user, never in an event.

Who issues a token writes the time into ``issued_at`` while ``generation`` is the one it read; who revokes raises
``generation`` and demands that no token was issued at or after its ``before``. Whichever comes second decides
again, so no token with stale roles survives its revocation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from delivery_shared.eventstore import RowChange, WorkChanged
from delivery_shared.rows import Row
from psycopg import Connection


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What is stored about a user's password. ``initial``: must be changed at first login (U-28), and works only
    until ``initial_expires_at``."""

    user_id: UUID
    hash: str
    initial: bool
    initial_expires_at: datetime | None
    generation: int
    issued_at: datetime | None
    revoked_before: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether an initial password was not used in time."""
        return self.initial_expires_at is not None and self.initial_expires_at <= now

    def before(self, now: datetime) -> datetime:
        """A time that voids every token issued so far, also those of an issuer whose clock runs ahead."""
        return now if self.issued_at is None else max(now, self.issued_at + timedelta(microseconds=1))


def of_user(connection: Connection[Row], user_id: UUID) -> Credential | None:
    """None: no such user, or deleted."""
    row = connection.execute("SELECT * FROM credential WHERE user_id = %s", (user_id,)).fetchone()
    return Credential(**row) if row else None


def created(user_id: UUID, *, hash: str, initial_expires_at: datetime | None) -> RowChange:
    """The first password; ``initial_expires_at`` None: not an initial one."""
    return RowChange(
        key=f"credential {user_id}",
        sql="INSERT INTO credential (user_id, hash, initial, initial_expires_at)"
        " VALUES (%(user)s, %(hash)s, %(initial)s, %(expires)s)",
        params=_password(user_id, hash, initial_expires_at),
    )


def replaced(old: Credential, *, hash: str, initial_expires_at: datetime | None) -> RowChange:
    """Another password instead of ``old``, if that is still the present one."""
    return RowChange(
        key=f"credential {old.user_id} 1",
        or_else=WorkChanged,
        sql="UPDATE credential SET hash = %(hash)s, initial = %(initial)s, initial_expires_at = %(expires)s"
        " WHERE user_id = %(user)s AND hash = %(old)s RETURNING 1",
        params={**_password(old.user_id, hash, initial_expires_at), "old": old.hash},
    )


def revoked(user_id: UUID, *, before: datetime) -> RowChange:
    """Tokens issued before ``before`` are void, and none was issued since."""
    return RowChange(
        key=f"credential {user_id} 2",
        or_else=WorkChanged,
        sql="UPDATE credential SET generation = generation + 1, revoked_before = %(before)s"
        " WHERE user_id = %(user)s AND (issued_at IS NULL OR issued_at < %(before)s) RETURNING 1",
        params={"user": user_id, "before": before},
    )


def issued(seen: Credential, *, at: datetime) -> RowChange:
    """A token is issued at ``at`` for what was read with ``seen``."""
    return RowChange(
        key=f"credential {seen.user_id} 3",
        or_else=WorkChanged,
        sql="UPDATE credential SET issued_at = greatest(issued_at, %(at)s) WHERE user_id = %(user)s"
        " AND generation = %(generation)s AND hash = %(hash)s RETURNING 1",
        params={"user": seen.user_id, "generation": seen.generation, "hash": seen.hash, "at": at},
    )


def removed(user_id: UUID) -> RowChange:
    """The user is deleted; from here on every token of it is refused."""
    return RowChange(
        key=f"credential {user_id} 4",
        sql="DELETE FROM credential WHERE user_id = %(user)s",
        params={"user": user_id},
    )


def _password(user_id: UUID, hash: str, initial_expires_at: datetime | None) -> Row:
    return {
        "user": user_id,
        "hash": hash,
        "initial": initial_expires_at is not None,
        "expires": initial_expires_at,
    }
