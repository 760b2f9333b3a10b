"""用户管理: the sub-accounts of an ISV (U-01 … U-32)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from delivery_shared.eventstore import RowChange, UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.sealing import new_key

from identity_svc import credentials, families, known_places, passwords, read_model, second_factors
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.departments import join
from identity_svc.commands.saved_views import forgotten
from identity_svc.commands.sessions import managed, revoke
from identity_svc.domain import accounts
from identity_svc.domain.errors import LoginNameTaken, NotFound
from identity_svc.domain.party import Party
from identity_svc.domain.sides import ManagedSide
from identity_svc.domain.user import User
from identity_svc.vault import PersonalData, key_stored, seal


def create(
    *,
    by: Caller,
    side: ManagedSide,
    local_name: str,
    roles: Sequence[str],
    department_id: UUID | None,
    maximum: int | None = None,
    receiving: bool | None = None,
    data: PersonalData,
) -> Operation:
    """A sub-account of the caller's party, with its initial password (U-01, U-14, U-23); a provider's with what it
    takes to begin with, so that no order comes before that is said (D-65).

    :raises LoginNameTaken, RolesNotAssignable, NotFound: nothing changed; NotFound for the department.
    """
    initial = passwords.initial_password()
    hashed = passwords.hashed(initial)
    user_id = uuid4()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        party = unit.get(Party, by.party_id)
        if party is None:
            raise NotFound
        login_name = party.login_name(local_name)
        with means.store.connection() as connection:
            if read_model.login_name_used(connection, login_name):
                raise LoginNameTaken(login_name)
        if side == "provider" and department_id is not None:
            join(unit, means, by, department_id)
        key = new_key()
        user = accounts.sub_account(
            id=user_id,
            party_id=by.party_id,
            side=side,
            login_name=login_name,
            roles=roles,
            assignable=_assignable(means, side),
            department_id=department_id,
            maximum=maximum,
            receiving=receiving,
            personal=seal(key, user_id, data),
            at=means.now(),
        )
        created(unit, means, user, data, key, hashed, lasting=False)
        return 201, {"user_id": str(user_id), "login_name": login_name}

    return Operation(decide=decide, initial_password=initial)


def edit(
    *,
    by: Caller,
    user_id: UUID,
    revision: int,
    roles: Sequence[str],
    department_id: UUID | None,
    data: PersonalData,
) -> Operation:
    """编辑用户 (U-31). The email is the user's own business and stays (U-38).

    :raises NotFound, EditedMeanwhile, BeingDeleted, MainAccountFixed, RolesNotAssignable: nothing changed.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = managed(unit, by, user_id)
        key, known = means.store.vault.person(user)
        kept = PersonalData(name=data.name, mobile=data.mobile, landline=data.landline, email=known.email)
        if user.side == "provider" and department_id is not None and department_id != user.department_id:
            join(unit, means, by, department_id)
        stale = accounts.edit(
            user,
            revision=revision,
            roles=roles,
            assignable=_assignable(means, user.side),
            department_id=department_id,
            personal=seal(key, user_id, kept),
            at=means.now(),
        )
        if stale:
            revoke(unit, means, user, end=[])
        unit.rows.append(read_model.user_saved(user, kept))
        return 200, {"user_id": str(user_id), "revision": user.revision}

    return Operation(decide=decide)


def reset_password(*, by: Caller, user_id: UUID) -> Operation:
    """密码重置: a new initial password; the old one and every session end (U-32). The platform operator does it
    for those nobody else can: main accounts, customers, its own people.

    :raises NotFound, BeingDeleted: nothing changed.
    """
    initial = passwords.initial_password()
    hashed = passwords.hashed(initial)

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = managed(unit, by, user_id)
        now = means.now()
        with means.store.connection() as connection:
            credential = credentials.of_user(connection, user_id)
        if credential is None:
            raise NotFound
        accounts.reset_password(user, by=by.user_id, at=now)
        revoke(unit, means, user, end=[families.all_ended(user_id)])
        expires = now + means.config.initial_password_life
        unit.rows += [
            credentials.replaced(credential, hash=hashed, initial_expires_at=expires),
            known_places.forgotten(user.login_name),
        ]
        return 200, {"user_id": str(user_id), "login_name": user.login_name}

    return Operation(decide=decide, initial_password=initial)


def delete(*, by: Caller, user_id: UUID) -> Operation:
    """删除: a vendor's user at once (204), a provider's when dispatch agrees (202). Signing in ends now.

    :raises NotFound, MainAccountFixed: nothing changed.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = managed(unit, by, user_id)
        revoke(unit, means, user, end=[families.all_ended(user_id)])
        accounts.delete(user, at=means.now())
        if user.state == "deleted":
            unit.rows += gone(user)
            return 204, {}
        unit.rows.append(read_model.user_state(user))
        return 202, {"user_id": str(user_id), "state": user.state}

    return Operation(decide=decide)


def created(
    unit: UnitOfWork, means: Means, user: User, data: PersonalData, key: bytes, hashed: str, *, lasting: bool
) -> None:
    """All that a new user brings with it, as part of a command."""
    expires = None if lasting else user.created_on + means.config.initial_password_life
    unit.add(user)
    unit.rows += [
        key_stored(user.id, key),
        credentials.created(user.id, hash=hashed, initial_expires_at=expires),
        read_model.user_created(user, data),
    ]


def gone(user: User) -> list[RowChange]:
    """The rows that go with a user who is deleted, as part of a command."""
    return [
        read_model.user_deleted(user.id),
        credentials.removed(user.id),
        second_factors.removed(user.id),
        known_places.forgotten(user.login_name),
        forgotten(user.id),
    ]


def _assignable(means: Means, side: str) -> frozenset[str]:
    """:raises NotYet: nothing was heard of the provider's roles so far."""
    if side != "provider":
        return frozenset()
    with means.store.connection() as connection:
        known = read_model.provider_roles(connection)
    if not known:
        raise NotYet("roles of the provider side")
    return known
