"""Where an account has signed in before: browsers, by a token in a cookie, and networks. The table ``known_place``.

Who comes from such a place has a budget of attempts of its own, so that whoever guesses elsewhere does not lock the
owner out. Login names, tokens and networks stand in it as hashes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from delivery_shared.eventstore import RowChange
from psycopg import Connection

REMEMBERED: Final = timedelta(days=90)
"""For how long a place is known after the last time it signed in."""


def new_device() -> str:
    """The token a browser is known by from now on."""
    return secrets.token_urlsafe(32)


def hash_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def known(connection: Connection[dict[str, Any]], login: bytes, places: Iterable[bytes], now: datetime) -> bytes | None:
    """The first of ``places`` the account has signed in from."""
    rows = connection.execute(
        "SELECT place FROM known_place WHERE login = %s AND place = ANY(%s) AND until > %s", (login, list(places), now)
    )
    found = {bytes(row["place"]) for row in rows}
    return next((place for place in places if place in found), None)


def remember(connection: Connection[dict[str, Any]], login: bytes, places: Iterable[bytes], now: datetime) -> None:
    """The account has signed in from ``places``."""
    for place in places:
        connection.execute(
            "INSERT INTO known_place (login, place, until) VALUES (%s, %s, %s)"
            " ON CONFLICT (login, place) DO UPDATE SET until = excluded.until",
            (login, place, now + REMEMBERED),
        )


def forget_old(connection: Connection[dict[str, Any]], now: datetime) -> None:
    connection.execute("DELETE FROM known_place WHERE until <= %s", (now,))


def forgotten(login_name: str) -> RowChange:
    """The account is known from nowhere: its password was reset, or it is gone."""
    return RowChange(
        key=f"known_place {login_name}",
        sql="DELETE FROM known_place WHERE login = %(login)s",
        params={"login": hash_of(login_name.casefold())},
    )
