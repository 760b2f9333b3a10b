"""个人信息: what users change about themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.http import Caller
from identity_svc import credentials, passwords, read_model
from identity_svc.domain import NotFound, User
from identity_svc.sessions import Sessions, sessions_ended
from identity_svc.vault import PersonalData, Vault, seal


class WrongPassword(Exception):
    """The present password was not given."""


class OwnAccount:
    """The caller's own user in ``store``."""

    def __init__(self, store: EventStore, *, vault: Vault, sessions: Sessions, now: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._sessions = sessions
        self._now = now

    def change_data(self, *, command: Command, by: Caller, data: PersonalData) -> Outcome:
        """个人信息 (U-37, U-38). :raises BeingDeleted: nothing changed."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = self._self(unit, by)
            key, _ = self._vault.person(user)
            user.change_own_data(personal=seal(key, user.id, data), timestamp=self._now())
            unit.rows.append(read_model.user_saved(user, data))
            return 200, {"user_id": str(user.id)}

        return execute(self._store, command, decide)

    def change_password(
        self,
        *,
        command: Command,
        by: Caller,
        session_id: UUID,
        current_password: str,
        new_password: str,
        address: str,
    ) -> Outcome:
        """The user's own change of password (U-28, U-29). Other sessions end; this one goes on by a refresh.

        :raises WrongPassword, PasswordRefused, TooManyAttempts, BeingDeleted: nothing changed.
        """
        tried: list[bool] = []

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = self._self(unit, by)
            with self._store.connection() as connection:
                credential = credentials.of_user(connection, user.id)
            if not tried:
                self._sessions.throttle.attempt(login_name=user.login_name, address=address)
            tried.append(True)
            if credential is None or not passwords.matches(credential.hash, current_password):
                raise WrongPassword
            self._sessions.throttle.succeeded(login_name=user.login_name, address=address)
            passwords.check(new_password, login_name=user.login_name)
            if passwords.matches(credential.hash, new_password):
                raise passwords.PasswordRefused("不能与原密码相同 / not the present password")
            user.change_password(timestamp=self._now())
            self._sessions.revoke(unit, user, end=[sessions_ended(user.id, but=session_id)])
            unit.rows.append(
                credentials.replaced(credential, hash=passwords.hashed(new_password), initial_expires_at=None)
            )
            return 204, {}

        return execute(self._store, command, decide)

    def _self(self, unit: UnitOfWork, by: Caller) -> User:
        user = unit.get(User, by.user_id)
        if user is None or user.state == "deleted":
            raise NotFound
        return user
