"""Ending sessions."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.eventstore import RowChange, UnitOfWork

from identity_svc import credentials, families
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.domain import accounts
from identity_svc.domain.user import User


def sign_out(*, user_id: UUID, session_id: UUID) -> Operation:
    """End one session and void the access tokens of the user; other sessions refresh theirs."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = unit.get(User, user_id)
        if user is not None:
            revoke(unit, means, user, end=[families.ended(user_id, session_id)])
        return 204, {}

    return Operation(decide=decide)


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
