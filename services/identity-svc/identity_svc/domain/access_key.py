"""The aggregate of one access key, and what is decided about it.

Its secret is no part of it: see :mod:`identity_svc.access_keys`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts
from identity_svc.domain.errors import AccessKeyExpired, AccessKeysFull

MOST: Final = 20
"""Access keys of a party."""


@stored_as("identity", facts.AccessKeyFact)
class AccessKey(Aggregate[facts.AccessKeyFact]):
    """访问密钥 of a party: a name that is told (``access_key_id``), and a secret that signs requests."""

    party_id: UUID
    user_id: UUID
    access_key_id: str
    name: str
    scopes: list[str]
    networks: list[str]
    expires_at: datetime | None
    enabled: bool
    deleted: bool

    def change(self, fact: facts.AccessKeyFact, at: datetime) -> None:
        match fact:
            case facts.AccessKeyCreated():
                self.party_id = fact.party_id
                self.user_id = fact.user_id
                self.access_key_id = fact.access_key_id
                self.name = fact.name
                self.scopes = list(fact.scopes)
                self.networks = list(fact.networks)
                self.expires_at = fact.expires_at
                self.enabled = True
                self.deleted = False
            case facts.AccessKeySwitched():
                self.enabled = fact.enabled
            case facts.AccessKeyDeleted():
                self.deleted = True
            case _:
                assert_never(fact)


def make(
    *,
    id: UUID,
    access_key_id: str,
    party_id: UUID,
    user_id: UUID,
    name: str,
    scopes: Sequence[str],
    networks: Sequence[str],
    expires_at: datetime | None,
    others: int,
    at: datetime,
) -> AccessKey:
    """A new access key of a party that has ``others`` already.

    :raises AccessKeysFull, AccessKeyExpired: there is none.
    """
    if others >= MOST:
        raise AccessKeysFull(MOST)
    if expires_at is not None and expires_at <= at:
        raise AccessKeyExpired
    return AccessKey.begun(
        facts.AccessKeyCreated(
            party_id=party_id,
            user_id=user_id,
            access_key_id=access_key_id,
            name=name,
            scopes=list(dict.fromkeys(scopes)),
            networks=list(dict.fromkeys(networks)),
            expires_at=expires_at,
        ),
        id=id,
        at=at,
    )


def switch(key: AccessKey, *, enabled: bool, by: UUID, at: datetime) -> bool:
    """停用, 启用. False: it is so already."""
    if key.enabled == enabled:
        return False
    key.tell(facts.AccessKeySwitched(enabled=enabled, by=by), at=at)
    return True


def delete(key: AccessKey, *, by: UUID, at: datetime) -> None:
    """删除."""
    key.tell(facts.AccessKeyDeleted(by=by), at=at)
