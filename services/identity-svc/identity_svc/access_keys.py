"""Rows of access keys: the tables ``access_key`` and ``access_nonce``.

The secret has to be known to verify what it signed: it is sealed with the key of the person who made it, and read by
nothing but :mod:`identity_svc.signed_requests`. A signature works once: of its nonce a hash is kept for as long as the
time in it would be taken.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from delivery_shared.eventstore import RowChange, WorkChanged
from delivery_shared.sealing import seal_text, unseal_text
from psycopg import Connection

from identity_svc.credentials import Credential
from identity_svc.domain.access_key import AccessKey

FIELD: Final = "access-key"
"""What the sealed secret is bound to, with the id of its key."""
USED_EVERY: Final = timedelta(minutes=1)
"""Last use is told to this."""


def new_access_key_id() -> str:
    """The name of a key, as clients send it."""
    return "DC" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(22))


def new_secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, kw_only=True)
class Presented:
    """An access key that a request names, and who made it, as they were at one moment. ``sealing``: the key of that
    person, None once erased. ``alive``: whether that account works."""

    key_id: UUID
    scopes: list[str]
    networks: list[str]
    expires_at: datetime | None
    enabled: bool
    used_at: datetime | None
    secret: bytes
    sealing: bytes | None
    alive: bool
    credential: Credential | None

    def opened(self) -> str | None:
        """The secret; None: nobody can read it any more."""
        return unseal_text(self.sealing, self.key_id, FIELD, self.secret) if self.sealing else None


PRESENTED: Final = """
SELECT k.key_id, k.scopes, k.networks, k.expires_at, k.enabled, k.used_at, k.secret, s.key AS sealing,
    coalesce(u.state = 'active' AND u.main AND NOT p.erased, false) AS alive, c.user_id IS NOT NULL AS known,
    c.user_id, c.hash, c.initial, c.initial_expires_at, c.generation, c.issued_at, c.revoked_before
FROM access_key k LEFT JOIN user_account u ON u.user_id = k.user_id LEFT JOIN party p ON p.party_id = k.party_id
    LEFT JOIN person_key s ON s.user_id = k.user_id LEFT JOIN credential c ON c.user_id = k.user_id
WHERE k.access_key_id = %s
"""


def presented(connection: Connection[dict[str, Any]], access_key_id: str) -> Presented | None:
    """The key of that name; None: there is none, or it was deleted."""
    row = connection.execute(PRESENTED, (access_key_id,)).fetchone()
    if row is None:
        return None
    told = {field.name: row.pop(field.name) for field in fields(Credential)}
    known = row.pop("known")
    row["secret"], row["sealing"] = bytes(row["secret"]), row["sealing"] and bytes(row["sealing"])
    return Presented(**row, credential=Credential(**told) if known else None)


def take_nonce(connection: Connection[dict[str, Any]], key_id: UUID, nonce: str, *, until: datetime) -> bool:
    """Whether the nonce was not used before; from now on it is."""
    return (
        connection.execute(
            "INSERT INTO access_nonce (key_id, hash, until) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
            (key_id, hashlib.sha256(nonce.encode()).digest(), until),
        ).fetchone()
        is not None
    )


def used(connection: Connection[dict[str, Any]], key: Presented, *, at: datetime) -> None:
    """It is used; told to the minute, so that not every request writes it."""
    if key.used_at is None or at - key.used_at >= USED_EVERY:
        connection.execute(
            "UPDATE access_key SET used_at = %(at)s WHERE key_id = %(id)s AND (used_at IS NULL OR used_at < %(at)s)",
            {"at": at, "id": key.key_id},
        )


def forget_old(connection: Connection[dict[str, Any]], now: datetime) -> None:
    """Delete nonces whose requests are too old to come again."""
    connection.execute("DELETE FROM access_nonce WHERE until < %s", (now,))


def count(connection: Connection[dict[str, Any]], party_id: UUID) -> int:
    row = connection.execute("SELECT count(*) AS n FROM access_key WHERE party_id = %s", (party_id,)).fetchone()
    assert row is not None
    return int(row["n"])


def of_party(connection: Connection[dict[str, Any]], party_id: UUID) -> list[dict[str, Any]]:
    """The keys of a party as its admin sees them, newest first."""
    return connection.execute(
        "SELECT key_id, access_key_id, name, scopes, networks, created_at, expires_at, enabled, used_at"
        " FROM access_key WHERE party_id = %s ORDER BY created_at DESC, key_id",
        (party_id,),
    ).fetchall()


def made(key: AccessKey) -> RowChange:
    """All of it but the secret. A conflict is a key made meanwhile; deciding again counts it."""
    return RowChange(
        key=f"access_key {key.id} 1",
        or_else=WorkChanged,
        sql="INSERT INTO access_key (key_id, party_id, user_id, access_key_id, name, scopes, networks, created_at,"
        " expires_at, enabled, secret) VALUES (%(id)s, %(party)s, %(user)s, %(access)s, %(name)s, %(scopes)s,"
        " %(networks)s, %(at)s, %(expires)s, %(enabled)s, ''::bytea) ON CONFLICT DO NOTHING RETURNING 1",
        params={
            "id": key.id,
            "party": key.party_id,
            "user": key.user_id,
            "access": key.access_key_id,
            "name": key.name,
            "scopes": key.scopes,
            "networks": key.networks,
            "at": key.created_on,
            "expires": key.expires_at,
            "enabled": key.enabled,
        },
    )


def sealed(key: AccessKey, sealing: bytes, secret: str) -> RowChange:
    """Its secret, for nobody to read but who verifies."""
    return RowChange(
        key=f"access_key {key.id} 2",
        sql="UPDATE access_key SET secret = %(secret)s WHERE key_id = %(id)s",
        params={"id": key.id, "secret": seal_text(sealing, key.id, FIELD, secret)},
    )


def switched(key: AccessKey) -> RowChange:
    return RowChange(
        key=f"access_key {key.id}",
        sql="UPDATE access_key SET enabled = %(enabled)s WHERE key_id = %(id)s",
        params={"id": key.id, "enabled": key.enabled},
    )


def removed(key_id: UUID) -> RowChange:
    return RowChange(
        key=f"access_key {key_id}", sql="DELETE FROM access_key WHERE key_id = %(id)s", params={"id": key_id}
    )
