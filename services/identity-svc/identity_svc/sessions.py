"""Signing in and staying signed in.

A login is a session: a row with a family of refresh tokens, each made of the one before. Whoever uses one again gets
the same next one for half a minute, since the answer may have been lost; after that it means that the token was copied,
and the whole family ends. Refresh tokens are stored as hashes, access tokens and passwords not at all – which is why
none of this goes through the stored outcomes of commands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from delivery_shared import texts
from delivery_shared.commands import Busy, Command
from delivery_shared.eventstore import RowChange, UnitOfWork, WorkChanged
from delivery_shared.http.tokens import Claims, TokenIssuer
from delivery_shared.sealing import seal_text

from identity_svc import credentials, families, read_model, second_factors, telling
from identity_svc.admission import Admission, BadCredentials, Client, InitialPasswordExpired
from identity_svc.carrying_out import Means, carry_out
from identity_svc.commands.sessions import sign_out
from identity_svc.credentials import Credential
from identity_svc.domain import accounts
from identity_svc.domain.errors import SecondFactorSet
from identity_svc.domain.user import User
from identity_svc.known_places import new_device

log = structlog.get_logger()

ATTEMPTS = 5
"""How often signing in is repeated when the account is changed at the same moment."""


class SessionEnded(Exception):
    """The refresh token is unknown, used, expired, or its session was ended."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """What a client gets: an access token for every request, a refresh token for the next one of these. ``device``:
    what a browser is known by from now on, after signing in."""

    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    must_change_password: bool
    device: str | None = None


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
        self._admission = Admission(means)

    def sign_in(self, *, login_name: str, password: str, client: Client, code: str | None = None) -> SignedIn:
        """A new session.

        :param code: of the user's second factor; the first right one of a secret makes it count.
        :raises TooManyAttempts, BadCredentials, InitialPasswordExpired, SecondFactorMissing, SecondFactorWrong,
            SecondFactorDemanded: no session.
        """
        login_name = texts.key(login_name)
        known = self._admission.attempt(login_name, client)
        device = (client.device if known == "device" else new_device()) if client.browser else None
        for _ in range(ATTEMPTS):
            now = self._means.now()
            user, credential, factor = self._admission.right(login_name, password, client)
            rows, first_code = self._admission.second_factor(user, factor, code, now, client)
            self._throttle.succeeded(login_name=login_name, address=client.address, device=device)
            if credential.expired(now):
                self._admission.refused("initial_password_expired", login_name, client, user)
                raise InitialPasswordExpired
            session_id = uuid4()
            expires_at = now + self._means.config.session_life
            first = Next(families.first(), min(now + self._means.config.session_idle, expires_at))
            rows += [
                families.started(
                    session_id, user["user_id"], at=now, expires_at=expires_at,
                    address=client.address, agent=client.agent,
                ),
                families.issued(first.refresh_token, session_id, first.expires_at),
            ]  # fmt: skip
            try:
                signed_in = self._continue(user, credential, session_id, now, first, rows, first_code)
            except WorkChanged:
                continue
            telling.signed_in(user_id=user["user_id"], session_id=session_id, address=client.address, known_by=known)
            return replace(signed_in, device=device)
        raise Busy("sign in")

    def begin_second_factor(self, *, login_name: str, password: str, client: Client) -> tuple[str, str]:
        """A new secret for the user's app, as text and as address; it counts from the first right code on.

        :raises TooManyAttempts, BadCredentials: no secret. :raises SecondFactorSet: one counts already.
        """
        login_name = texts.key(login_name)
        self._admission.attempt(login_name, client)
        user, _, factor = self._admission.right(login_name, password, client)
        key = self._means.store.vault.key_of(user["user_id"])
        if key is None:
            raise BadCredentials
        self._throttle.succeeded(login_name=login_name, address=client.address)
        if factor is not None and factor.confirmed_at is not None:
            raise SecondFactorSet
        secret = second_factors.new_secret()
        unit = UnitOfWork(self._means.store)
        unit.rows.append(second_factors.begun(user["user_id"], seal_text(key, user["user_id"], "totp", secret)))
        try:
            unit.commit()
        except WorkChanged as error:
            raise SecondFactorSet from error
        return secret, second_factors.address_of(secret, login_name)

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
                    telling.refreshed("ended")
                    raise SessionEnded
                credential = credentials.of_user(connection, token["user_id"])
                user = read_model.user(connection, token["user_id"])
            if token["used_at"] is not None and (token["seed"] is None or now - token["used_at"] > families.GRACE):
                self._stolen(token["user_id"], token["session_id"])
                raise SessionEnded
            over = min(token["expires_at"], token["session_expires_at"]) <= now
            if over or user is None or credential is None or not _may_go_on(user, credential, now):
                telling.refreshed("ended")
                raise SessionEnded
            try:
                following, rows = self._following(refresh_token, token, now)
                signed_in = self._continue(user, credential, token["session_id"], now, following, rows)
            except WorkChanged:
                continue
            telling.refreshed("renewed" if token["used_at"] is None else "repeated")
            return signed_in
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
        gone_on = families.gone_on(session_id, token["user_id"], at=now)
        return new, [gone_on, used, families.issued(new.refresh_token, session_id, new.expires_at)]

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

    def _continue(
        self,
        user: dict[str, Any],
        credential: Credential,
        session_id: UUID,
        now: datetime,
        following: Next,
        rows: list[RowChange],
        first_code: bool = False,
    ) -> SignedIn:
        """Store ``rows`` – the next refresh token of a session – and issue the tokens. ``now`` is the time before
        anything in ``user`` was read. :raises WorkChanged: the account or the session changed meanwhile."""
        issued_at = max(now, credential.revoked_before or now)
        unit = UnitOfWork(self._means.store)
        unit.rows += [*rows, credentials.issued(credential, at=issued_at)]
        if first_code and (account := unit.get(User, user["user_id"])) is not None:
            accounts.add_second_factor(account, at=now)
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
        telling.refreshed("reused")
        log.warning("refresh token used twice", user_id=str(user_id), session_id=str(session_id))
        carry_out(self._means, Command(route="refresh token reuse"), sign_out(user_id=user_id, session_id=session_id))


def _may_go_on(user: dict[str, Any], credential: Credential, now: datetime) -> bool:
    """Whether a session of the user may be refreshed."""
    lacking = user["second_factor_demanded"] and not user["second_factor"]
    return user["state"] == "active" and not credential.expired(now) and not lacking
