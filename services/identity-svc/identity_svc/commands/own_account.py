"""个人信息: what users change about themselves."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from identity_svc import credentials, families, passwords, read_model, telling
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.sessions import revoke
from identity_svc.domain import accounts
from identity_svc.domain.errors import NotFound, WrongPassword
from identity_svc.domain.user import User
from identity_svc.throttle import TooManyAttempts
from identity_svc.vault import PersonalData, seal


def change_data(*, by: Caller, data: PersonalData) -> Operation:
    """个人信息 (U-37, U-38). :raises BeingDeleted: nothing changed."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = _self(unit, by)
        key, _ = means.store.vault.person(user)
        accounts.change_own_data(user, personal=seal(key, user.id, data), at=means.now())
        unit.rows.append(read_model.user_saved(user, data))
        return 200, {"user_id": str(user.id)}

    return Operation(decide=decide)


def change_password(
    *, by: Caller, session_id: UUID, current_password: str, new_password: str, address: str
) -> Operation:
    """The user's own change of password (U-28, U-29). Other sessions end; this one goes on by a refresh.

    :raises WrongPassword, PasswordRefused, TooManyAttempts, BeingDeleted: nothing changed.
    """
    tried: list[bool] = []

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = _self(unit, by)
        with means.store.connection() as connection:
            credential = credentials.of_user(connection, user.id)
        told = partial(telling.password_change, user_id=user.id, address=address)
        if not tried:
            try:
                means.throttle.attempt(login_name=user.login_name, address=address)
            except TooManyAttempts:
                told(outcome="throttled")
                raise
        tried.append(True)
        if credential is None or not passwords.matches(credential.hash, current_password):
            told(outcome="wrong_password")
            raise WrongPassword
        means.throttle.succeeded(login_name=user.login_name, address=address)
        passwords.check(new_password, login_name=user.login_name, words=_words(means, user))
        if passwords.matches(credential.hash, new_password):
            raise passwords.PasswordRefused("不能与原密码相同 / not the present password")
        accounts.change_password(user, at=means.now())
        revoke(unit, means, user, end=[families.all_ended(user.id, but=session_id)])
        unit.rows.append(credentials.replaced(credential, hash=passwords.hashed(new_password), initial_expires_at=None))
        unit.after_commit.append(lambda: told(outcome="changed"))
        return 204, {}

    return Operation(decide=decide)


def _words(means: Means, user: User) -> list[str]:
    """What anybody knows about the user, who may not choose it as a password."""
    with means.store.connection() as connection:
        row = read_model.user(connection, user.id)
    return [word for word in (row["name"], row["party_name"], row["mobile"], row["email"]) if word] if row else []


def _self(unit: UnitOfWork, by: Caller) -> User:
    user = unit.get(User, by.user_id)
    if user is None or user.state == "deleted":
        raise NotFound
    return user
