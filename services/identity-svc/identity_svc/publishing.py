"""Which domain events are published, and as what. Personal data are opened here, on their way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from delivery_shared.contracts import Contract
from delivery_shared.contracts.identity import (
    DepartmentDeleted,
    DepartmentSaved,
    PartyRegistered,
    PersonErased,
    SessionsRevoked,
    UserDeleted,
    UserDeletionRequested,
    UserSaved,
)
from identity_svc.domain import Personal, User
from identity_svc.organisation import Department, Party
from identity_svc.vault import BLANK, Vault


def user_saved(event: Any, vault: Vault) -> UserSaved:
    """The whole state of a user. Of an erased person blanks are published, also when the events are published
    anew."""
    personal = Personal(name=event.name, mobile=event.mobile, landline=event.landline, email=event.email)
    data = vault.open(event.originator_id, personal)
    return UserSaved(
        user_id=event.originator_id,
        party_id=event.party_id,
        side=event.side,
        main=event.main,
        login_name="" if data is BLANK else event.login_name,
        name=data.name,
        roles=list(event.roles),
        department_id=event.department_id,
        mobile=data.mobile,
        landline=data.landline,
        email=data.email,
        saved_at=event.timestamp,
    )


def party_registered(event: Any) -> PartyRegistered:
    return PartyRegistered(
        party_id=event.originator_id,
        name=event.name,
        kind=event.kind,
        account=event.account,
        customer_number=event.customer_number,
    )


def department_saved(event: Any) -> DepartmentSaved:
    return DepartmentSaved(
        department_id=event.originator_id,
        party_id=event.party_id,
        name=event.name,
        parent_id=event.parent_id,
    )


def department_deleted(event: Any) -> DepartmentDeleted:
    return DepartmentDeleted(department_id=event.originator_id, party_id=event.party_id)


def sessions_revoked(event: Any) -> SessionsRevoked:
    return SessionsRevoked(user_id=event.originator_id, before=event.before)


def user_deletion_requested(event: Any) -> UserDeletionRequested:
    return UserDeletionRequested(user_id=event.originator_id, party_id=event.party_id)


def user_deleted(event: Any) -> UserDeleted:
    return UserDeleted(user_id=event.originator_id, party_id=event.party_id)


def person_erased(event: Any) -> PersonErased:
    return PersonErased(user_id=event.originator_id, party_id=event.party_id)


PUBLISHING: Mapping[type, Callable[..., Contract]] = {
    Party.Registered: party_registered,  # type: ignore[attr-defined]
    Department.Created: department_saved,
    Department.Changed: department_saved,  # type: ignore[attr-defined]
    Department.Deleted: department_deleted,  # type: ignore[attr-defined]
    User.Created: user_saved,
    User.Edited: user_saved,  # type: ignore[attr-defined]
    User.SessionsRevoked: sessions_revoked,  # type: ignore[attr-defined]
    User.DeletionRequested: user_deletion_requested,  # type: ignore[attr-defined]
    User.Deleted: user_deleted,  # type: ignore[attr-defined]
    User.PersonErased: person_erased,  # type: ignore[attr-defined]
}
"""Any event not in here is private."""


def publishing(vault: Vault) -> Mapping[type, Callable[[Any], Contract]]:
    """:data:`PUBLISHING` with ``vault`` at hand for the messages that carry names and phones."""
    return {
        event: partial(to_contract, vault=vault) if to_contract is user_saved else to_contract
        for event, to_contract in PUBLISHING.items()
    }
