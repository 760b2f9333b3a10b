"""访问密钥: made, switched off and on, and deleted by the party's admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from identity_svc import access_keys, read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.sessions import revoke
from identity_svc.domain import access_key
from identity_svc.domain.access_key import AccessKey
from identity_svc.domain.errors import NotFound
from identity_svc.domain.user import User


@dataclass(frozen=True, kw_only=True)
class MakingKey(Operation):
    """``secret`` of the key that is made. It is shown once and stored in no outcome."""

    secret: str = field(repr=False)


def make(
    *, by: Caller, name: str, scopes: Sequence[str], networks: Sequence[str], expires_at: datetime | None
) -> MakingKey:
    """A key that acts for the party as the caller.

    :raises AccessKeysFull, AccessKeyExpired, NotFound: there is none.
    """
    key_id, secret = uuid4(), access_keys.new_secret()
    access_key_id = access_keys.new_access_key_id()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        sealing = means.store.vault.key_of(by.user_id)
        with means.store.connection() as connection:
            party = read_model.party(connection, by.party_id)
            others = access_keys.count(connection, by.party_id)
        if party is None or sealing is None:
            raise NotFound
        key = access_key.make(
            id=key_id,
            access_key_id=access_key_id,
            party_id=by.party_id,
            user_id=by.user_id,
            name=name,
            scopes=scopes,
            networks=networks,
            expires_at=expires_at,
            others=others,
            at=means.now(),
        )
        unit.add(key)
        guard = read_model.structure_guard(by.party_id, party["revision"])
        unit.rows += [guard, access_keys.made(key), access_keys.sealed(key, sealing, secret)]
        return 201, {"key_id": str(key_id), "access_key_id": access_key_id}

    return MakingKey(decide=decide, secret=secret)


def switch(*, by: Caller, key_id: UUID, enabled: bool) -> Operation:
    """停用 or 启用. :raises NotFound: also for keys of others."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        key = _own(unit, by, key_id)
        if access_key.switch(key, enabled=enabled, by=by.user_id, at=means.now()):
            unit.rows.append(access_keys.switched(key))
            if not enabled:
                _void(unit, means, key)
        return 200, {"key_id": str(key_id), "enabled": enabled}

    return Operation(decide=decide)


def delete(*, by: Caller, key_id: UUID) -> Operation:
    """删除. :raises NotFound: also for keys of others."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        key = _own(unit, by, key_id)
        access_key.delete(key, by=by.user_id, at=means.now())
        unit.rows.append(access_keys.removed(key_id))
        _void(unit, means, key)
        return 204, {}

    return Operation(decide=decide)


def _own(unit: UnitOfWork, by: Caller, key_id: UUID) -> AccessKey:
    key = unit.get(AccessKey, key_id)
    if key is None or key.deleted or key.party_id != by.party_id:
        raise NotFound
    return key


def _void(unit: UnitOfWork, means: Means, key: AccessKey) -> None:
    """The tokens it was given; with them those of its user's sessions, which refresh theirs."""
    user = unit.get(User, key.user_id)
    if user is not None:
        revoke(unit, means, user, end=[])
