"""Signing in and staying signed in.

A login is a session: a row with a family of refresh tokens, each made of the one before. Whoever uses one again gets
the same next one for half a minute, since the answer may have been lost; after that it means that the token was copied,
and the whole family ends. Refresh tokens are stored as hashes, access tokens and passwords not at all – which is why
none of this goes through the stored outcomes of commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from delivery_shared.commands import Busy, Command
from delivery_shared.eventstore import RowChange, UnitOfWork, WorkChanged
from delivery_shared.http.tokens import Claims, TokenIssuer

from identity_svc import credentials, families, passwords, read_model
from identity_svc.carrying_out import Means, carry_out
from identity_svc.commands.sessions import sign_out
from identity_svc.credentials import Credential

log = structlog.get_logger()

ATTEMPTS = 5
"""How often signing in is repeated when the account is changed at the same moment."""


class BadCredentials(Exception):
    """Unknown login name or wrong password; nobody is told which."""


class InitialPasswordExpired(Exception):
    """The initial password is right but was not used in time; an admin makes a new one."""


class SessionEnded(Exception):
    """The refresh token is unknown, used, expired, or its session was ended."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """What a client gets: an access token for every request, a refresh token for the next one of these."""

    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    must_change_password: bool


@dataclass(frozen=True)
class Next:
    """The refresh token a session goes on with."""

    refresh_token: str
    expires_at: datetime


class Sessions:
    """Logins of users."""

    def __init__(self, means: Means, *, issuer: TokenIssuer) -> None:
        self._means = means
        self._issuer = issuer
        self._throttle = means.throttle
        passwords.matches(None, "")  # makes the dummy hash now, so that no login pays for it

    def sign_in(self, *, login_name: str, password: str, address: str) -> SignedIn:
        """A new session.

        :raises TooManyAttempts, BadCredentials, InitialPasswordExpired: no session.
        """
        login_name = login_name.strip().lower()
        self._throttle.attempt(login_name=login_name, address=address)
        for _ in range(ATTEMPTS):
            now = self._means.now()
            user, credential = self._active(login_name)
            right = passwords.matches(credential.hash if credential else None, password)
            if not right or user is None or credential is None:
                raise BadCredentials
            self._throttle.succeeded(login_name=login_name, address=address)
            if credential.expired(now):
                raise InitialPasswordExpired
            session_id = uuid4()
            try:
                expires_at = now + self._means.config.session_life
                first = Next(families.first(), min(now + self._means.config.session_idle, expires_at))
                rows = [
                    families.started(session_id, user["user_id"], at=now, expires_at=expires_at),
                    families.issued(first.refresh_token, session_id, first.expires_at),
                ]
                return self._continue(user, credential, session_id, now, first, rows)
            except WorkChanged:
                continue
        raise Busy("sign in")

    def refresh(self, *, refresh_token: str) -> SignedIn:
        """The next tokens of a session, with the roles held now. A refresh token used a moment ago gives the same next
        one, one used before that ends its session and voids the access tokens.

        :raises SessionEnded: no tokens.
        """
        digest = families.digest(refresh_token)
        for _ in range(ATTEMPTS):
            now = self._means.now()
            with self._means.store.connection() as connection:
                token = connection.execute(
                    "SELECT t.session_id, t.used_at, t.seed, t.expires_at, s.user_id,"
                    " s.expires_at AS session_expires_at FROM token t"
                    " JOIN session s ON s.session_id = t.session_id WHERE t.hash = %s",
                    (digest,),
                ).fetchone()
                if token is None:
                    raise SessionEnded
                credential = credentials.of_user(connection, token["user_id"])
                user = read_model.user(connection, token["user_id"])
            if token["used_at"] is not None and (token["seed"] is None or now - token["used_at"] > families.GRACE):
                self._stolen(token["user_id"], token["session_id"])
                raise SessionEnded
            if user is None or user["state"] != "active" or credential is None or credential.expired(now):
                raise SessionEnded
            if min(token["expires_at"], token["session_expires_at"]) <= now:
                raise SessionEnded
            try:
                following, rows = self._following(refresh_token, token, now)
                return self._continue(user, credential, token["session_id"], now, following, rows)
            except WorkChanged:
                continue
        raise Busy("refresh")

    def _following(self, refresh_token: str, token: dict[str, Any], now: datetime) -> tuple[Next, list[RowChange]]:
        """The token after ``refresh_token``, whose row is ``token``, and what to store for it.

        :raises WorkChanged: the session ended meanwhile.
        """
        session_id = token["session_id"]
        if token["used_at"] is not None:
            again = families.following(refresh_token, bytes(token["seed"]))
            with self._means.store.connection() as connection:
                expires_at = families.expiry_of(connection, again)
            if expires_at is None:
                raise WorkChanged
            return Next(again, expires_at), [families.standing(session_id)]
        seed = families.new_seed()
        new = Next(
            families.following(refresh_token, seed),
            min(now + self._means.config.session_idle, token["session_expires_at"]),
        )
        used = families.used(families.digest(refresh_token), seed=seed, at=now)
        return new, [used, families.issued(new.refresh_token, session_id, new.expires_at)]

    def revoked(self, claims: Claims) -> bool:
        """Whether a token with these claims was revoked since it was issued."""
        with self._means.store.connection() as connection:
            credential = credentials.of_user(connection, claims.user_id)
        if credential is None:
            return True
        return credential.revoked_before is not None and claims.issued_at < credential.revoked_before

    def forget_old(self) -> None:
        """Delete what is over."""
        with self._means.store.connection() as connection:
            families.forget_old(connection, self._means.now())
        self._throttle.forget_old()

    def _active(self, login_name: str) -> tuple[dict[str, Any] | None, Credential | None]:
        """The user who may sign in under ``login_name``; one whose deletion is pending may not. The credential is
        read first: who changes the user after that makes it stale."""
        with self._means.store.connection() as connection:
            found = connection.execute(
                "SELECT user_id FROM user_account WHERE login_name = %s AND state = 'active'", (login_name,)
            ).fetchone()
            if found is None:
                return None, None
            credential = credentials.of_user(connection, found["user_id"])
            return read_model.user(connection, found["user_id"]), credential

    def _continue(
        self,
        user: dict[str, Any],
        credential: Credential,
        session_id: UUID,
        now: datetime,
        following: Next,
        rows: list[RowChange],
    ) -> SignedIn:
        """Store ``rows`` – the next refresh token of a session – and issue the tokens. ``now`` is the time before
        anything in ``user`` was read. :raises WorkChanged: the account or the session changed meanwhile."""
        issued_at = max(now, credential.revoked_before or now)
        unit = UnitOfWork(self._means.store)
        unit.rows += [*rows, credentials.issued(credential, at=issued_at)]
        unit.commit()
        access_token, expires_at = self._issuer.issue(
            user_id=user["user_id"],
            party_id=user["party_id"],
            side=user["side"],
            main=user["main"],
            roles=frozenset(held["role"] for held in user["roles"]),
            department_id=user["department_id"],
            name=user["name"],
            must_change_password=credential.initial,
            session_id=session_id,
            issued_at=issued_at,
        )
        return SignedIn(
            access_token=access_token,
            expires_at=expires_at,
            refresh_token=following.refresh_token,
            refresh_expires_at=following.expires_at,
            must_change_password=credential.initial,
        )

    def _stolen(self, user_id: UUID, session_id: UUID) -> None:
        """A used refresh token came again: whoever holds the family may be a thief."""
        log.warning("refresh token used twice", user_id=str(user_id), session_id=str(session_id))
        carry_out(self._means, Command(route="refresh token reuse"), sign_out(user_id=user_id, session_id=session_id))
