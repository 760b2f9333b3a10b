"""Ending sessions."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.eventstore import RowChange, UnitOfWork
from delivery_shared.http import Caller

from identity_svc import credentials, families
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.domain import accounts
from identity_svc.domain.errors import NotFound
from identity_svc.domain.user import User
from identity_svc.pages.lists import manages


def sign_out(*, user_id: UUID, session_id: UUID) -> Operation:
    """End one session and void the access tokens of the user; other sessions refresh theirs."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = unit.get(User, user_id)
        if user is not None:
            revoke(unit, means, user, end=[families.ended(user_id, session_id)])
        return 204, {}

    return Operation(decide=decide)


def end(*, by: Caller, session_id: UUID) -> Operation:
    """A user ends one of the own sessions. :raises NotFound: there is none, or it is another user's."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = unit.get(User, by.user_id)
        with means.store.connection() as connection:
            own = {session["session_id"] for session in families.of_user(connection, by.user_id, means.now())}
        if user is None or session_id not in own:
            raise NotFound
        revoke(unit, means, user, end=[families.ended(by.user_id, session_id)])
        return 204, {}

    return Operation(decide=decide)


def end_others(*, by: Caller, session_id: UUID) -> Operation:
    """A user ends all own sessions but the one that asks, which goes on by a refresh."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = unit.get(User, by.user_id)
        if user is not None:
            revoke(unit, means, user, end=[families.all_ended(by.user_id, but=session_id)])
        return 204, {}

    return Operation(decide=decide)


def end_all(*, by: Caller, user_id: UUID) -> Operation:
    """An admin ends all sessions of a user it manages. :raises NotFound: also for users of others."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = managed(unit, by, user_id)
        revoke(unit, means, user, end=[families.all_ended(user_id)])
        return 204, {}

    return Operation(decide=decide)


def managed(unit: UnitOfWork, by: Caller, user_id: UUID) -> User:
    """A user the caller manages. :raises NotFound: also for users of others."""
    user = unit.get(User, user_id)
    if user is None or user.state == "deleted" or not manages(by, user.party_id, user.side):
        raise NotFound
    return user


def revoke(unit: UnitOfWork, means: Means, user: User, *, end: list[RowChange]) -> None:
    """Void the access tokens of ``user`` as part of a command, and ``end`` sessions."""
    now = means.now()
    with means.store.connection() as connection:
        credential = credentials.of_user(connection, user.id)
    if credential is None:
        return
    before = credential.before(now)
    accounts.revoke_sessions(user, before=before, at=now)
    unit.rows += [credentials.revoked(user.id, before=before), *end]
