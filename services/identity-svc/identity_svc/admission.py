"""Whether who asks for a session is who it claims to be: attempts are counted, password and second factor looked at,
and operators told what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from delivery_shared.eventstore import RowChange
from delivery_shared.sealing import unseal_text

from identity_svc import credentials, passwords, read_model, second_factors, telling
from identity_svc.carrying_out import Means
from identity_svc.credentials import Credential
from identity_svc.domain.errors import SecondFactorDemanded, SecondFactorWrong
from identity_svc.second_factors import SecondFactor
from identity_svc.throttle import KnownBy, TooManyAttempts


class BadCredentials(Exception):
    """Unknown login name or wrong password; nobody is told which."""


class InitialPasswordExpired(Exception):
    """The initial password is right but was not used in time; an admin makes a new one."""


class SecondFactorMissing(Exception):
    """The password is right; a code of the user's second factor is needed as well."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who asks for a session: its address, what it says of itself, whether it is a browser, which keeps cookies, and
    the ``device`` it got when it signed in before."""

    address: str
    agent: str = ""
    browser: bool = False
    device: str | None = None


class Admission:
    """The steps of signing in, each refusing for itself."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._throttle = means.throttle
        passwords.matches(None, "")  # makes the dummy hash now, so that no login pays for it

    def attempt(self, login_name: str, client: Client) -> KnownBy:
        """Count an attempt; returns what the account is known by. :raises TooManyAttempts:"""
        try:
            return self._throttle.attempt(login_name=login_name, address=client.address, device=client.device)
        except TooManyAttempts as error:
            self.refused(f"throttled_{error.by}", login_name, client)
            raise

    def right(
        self, login_name: str, password: str, client: Client
    ) -> tuple[dict[str, Any], Credential, SecondFactor | None]:
        """The user with this login name and password; one whose deletion is pending may not sign in. The credential is
        read first: who changes the user after that makes it stale.

        :raises BadCredentials: unknown, or wrong; both take the same time.
        """
        user = credential = factor = None
        with self._means.store.connection() as connection:
            found = connection.execute(
                "SELECT user_id FROM user_account WHERE login_name = %s AND state = 'active'", (login_name,)
            ).fetchone()
            if found is not None:
                credential = credentials.of_user(connection, found["user_id"])
                factor = second_factors.of_user(connection, found["user_id"])
                user = read_model.user(connection, found["user_id"])
        right = passwords.matches(credential.hash if credential else None, password)
        if not right or user is None or credential is None:
            self.refused("bad_credentials", login_name, client, user)
            raise BadCredentials
        return user, credential, factor

    def second_factor(
        self, user: dict[str, Any], factor: SecondFactor | None, code: str | None, now: datetime, client: Client
    ) -> tuple[list[RowChange], bool]:
        """What to store for ``code``, and whether it is the first of its secret.

        :raises SecondFactorMissing, SecondFactorWrong, SecondFactorDemanded: nothing is stored.
        """
        counts = factor is not None and factor.confirmed_at is not None
        if factor is None or (code is None and not counts):
            if not user["second_factor_demanded"]:
                return [], False
            self.refused("second_factor_demanded", user["login_name"], client, user)
            raise SecondFactorDemanded
        if code is None:
            self.refused("second_factor_missing", user["login_name"], client, user)
            raise SecondFactorMissing
        key = self._means.store.vault.key_of(user["user_id"])
        secret = unseal_text(key, user["user_id"], "totp", factor.secret) if key else None
        step = second_factors.step_of(secret, code, now=now, after=factor.last_step) if secret else None
        if step is None:
            self.refused("second_factor_wrong", user["login_name"], client, user)
            raise SecondFactorWrong
        return [second_factors.used(factor, step, at=now)], not counts

    def refused(self, outcome: str, login_name: str, client: Client, user: dict[str, Any] | None = None) -> None:
        telling.sign_in_refused(
            outcome=outcome, login_name=login_name, user_id=user["user_id"] if user else None, address=client.address
        )
