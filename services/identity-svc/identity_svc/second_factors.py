"""Second factors: time-based one-time codes (TOTP, RFC 6238) from an app on the user's phone. The table
``second_factor`` holds each secret sealed with the key of its person; it counts from the first right code on."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import pyotp
from delivery_shared.eventstore import RowChange, WorkChanged
from psycopg import Connection

ISSUER: Final = "交付中心"
STEP: Final = 30
"""Seconds a code belongs to. The one before and the one after are taken as well: clocks differ."""


@dataclass(frozen=True, kw_only=True)
class SecondFactor:
    """``last_step``: number of the last step a code was used of; none works twice."""

    user_id: UUID
    secret: bytes
    confirmed_at: datetime | None
    last_step: int


def new_secret() -> str:
    """What the app and we know, as the app takes it."""
    return pyotp.random_base32()


def address_of(secret: str, login_name: str) -> str:
    """The address an app reads out of a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login_name, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step ``code`` belongs to; None: to none that is near and comes after the last one used."""
    current = int(now.timestamp()) // STEP
    for step in (current - 1, current, current + 1):
        if step > after and hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP), code):
            return step
    return None


def of_user(connection: Connection[dict[str, Any]], user_id: UUID) -> SecondFactor | None:
    row = connection.execute("SELECT * FROM second_factor WHERE user_id = %s", (user_id,)).fetchone()
    return SecondFactor(**row) if row else None


def begun(user_id: UUID, secret: bytes) -> RowChange:
    """A new secret, unless one counts already."""
    return RowChange(
        key=f"second_factor {user_id}",
        or_else=WorkChanged,
        sql="INSERT INTO second_factor AS f (user_id, secret) VALUES (%(user)s, %(secret)s)"
        " ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE f.confirmed_at IS NULL"
        " RETURNING 1",
        params={"user": user_id, "secret": secret},
    )


def used(factor: SecondFactor, step: int, *, at: datetime) -> RowChange:
    """A code of ``step`` is used; the first one makes the factor count."""
    return RowChange(
        key=f"second_factor {factor.user_id}",
        or_else=WorkChanged,
        sql="UPDATE second_factor SET last_step = %(step)s, confirmed_at = coalesce(confirmed_at, %(at)s)"
        " WHERE user_id = %(user)s AND secret = %(secret)s AND last_step < %(step)s RETURNING 1",
        params={"user": factor.user_id, "secret": factor.secret, "step": step, "at": at},
    )


def removed(user_id: UUID) -> RowChange:
    return RowChange(
        key=f"second_factor {user_id}",
        sql="DELETE FROM second_factor WHERE user_id = %(user)s",
        params={"user": user_id},
    )
