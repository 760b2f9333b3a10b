"""Decisions about users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from identity_svc.domain import facts
from identity_svc.domain.errors import (
    BeingDeleted,
    EditedMeanwhile,
    MainAccountFixed,
    NoSecondFactor,
    NotDeleted,
    SecondFactorDemanded,
    SecondFactorSet,
)
from identity_svc.domain.sides import OWN_ROLES, ManagedSide, PartyKind, checked_roles
from identity_svc.domain.user import Personal, User


def own_account(
    *, id: UUID, party_id: UUID, kind: PartyKind, first: bool, login_name: str, personal: Personal, at: datetime
) -> User:
    """A user with all rights of its party: the first one, for an ISV its main account (G-15), or – customers and the
    operator – a further one."""
    return User.begun(
        facts.UserCreated(
            party_id=party_id,
            side=kind,
            main=kind == "isv" and first,
            login_name=login_name,
            roles=OWN_ROLES[kind],
            department_id=None,
            **personal,
        ),
        id=id,
        at=at,
    )


def sub_account(
    *,
    id: UUID,
    party_id: UUID,
    side: ManagedSide,
    login_name: str,
    roles: Sequence[str],
    assignable: Collection[str],
    department_id: UUID | None,
    maximum: int | None = None,
    receiving: bool | None = None,
    personal: Personal,
    at: datetime,
) -> User:
    """A sub-account made by the admin of its side (U-01, U-14).

    :param assignable: codes of the roles of the provider side.
    :raises RolesNotAssignable: none given, or one that this side cannot have.
    """
    return User.begun(
        facts.UserCreated(
            party_id=party_id,
            side=side,
            main=False,
            login_name=login_name,
            roles=checked_roles(side, roles, assignable),
            department_id=department_id if side == "provider" else None,
            maximum=maximum if side == "provider" else None,
            receiving=receiving if side == "provider" else None,
            **personal,
        ),
        id=id,
        at=at,
    )


def edit(
    user: User,
    *,
    revision: int,
    roles: Sequence[str],
    assignable: Collection[str],
    department_id: UUID | None,
    personal: Personal,
    at: datetime,
) -> bool:
    """Change what the admin may change (U-31); login name and side are fixed. Returns whether tokens issued
    so far are stale, since they name roles and department.

    :raises EditedMeanwhile, MainAccountFixed, BeingDeleted, RolesNotAssignable: nothing changed.
    """
    if user.side not in ("vendor", "provider"):
        raise MainAccountFixed
    _alive(user)
    if revision != user.revision:
        raise EditedMeanwhile
    checked = checked_roles(user.side, roles, assignable)
    department_id = department_id if user.side == "provider" else None
    stale = (checked, department_id) != (user.roles, user.department_id)
    user.tell(_edited(user, roles=checked, department_id=department_id, personal=personal), at=at)
    return stale


def change_own_data(user: User, *, personal: Personal, at: datetime) -> None:
    """个人信息 saved by the user (U-37). :raises BeingDeleted: the user is blocked."""
    _alive(user)
    user.tell(_edited(user, roles=user.roles, department_id=user.department_id, personal=personal), at=at)


def reset_password(user: User, *, by: UUID, at: datetime) -> None:
    """密码重置 by an admin (U-32). :raises BeingDeleted: the user is blocked."""
    _alive(user)
    user.tell(facts.PasswordReset(by=by), at=at)


def change_password(user: User, *, at: datetime) -> None:
    """The user changed the password (U-28, U-29). :raises BeingDeleted: the user is blocked."""
    _alive(user)
    user.tell(facts.PasswordChanged(), at=at)


def revoke_sessions(user: User, *, before: datetime, at: datetime) -> None:
    """Every token issued before ``before`` is void."""
    user.tell(facts.SessionsRevoked(before=before), at=at)


def add_second_factor(user: User, *, at: datetime) -> None:
    """The first code of an app was right. :raises SecondFactorSet: nothing changed."""
    if user.second_factor:
        raise SecondFactorSet
    user.tell(facts.SecondFactorAdded(), at=at)


def remove_second_factor(user: User, *, by: UUID, demanded: bool, at: datetime) -> None:
    """Given up by the user, or – whoever has lost the phone – by an admin, then also where the party demands one: the
    next sign-in sets up another.

    :raises NoSecondFactor, SecondFactorDemanded: nothing changed.
    """
    if not user.second_factor:
        raise NoSecondFactor
    if demanded and by == user.id:
        raise SecondFactorDemanded
    user.tell(facts.SecondFactorRemoved(by=by), at=at)


def delete(user: User, *, at: datetime) -> None:
    """删除: at once, or – a provider's user – after dispatch has closed the member (U-21). Asking again while
    waiting asks dispatch again.

    :raises MainAccountFixed: the main account stays.
    """
    if user.main or user.side not in ("vendor", "provider"):
        raise MainAccountFixed
    if user.side == "provider":
        user.tell(facts.DeletionRequested(party_id=user.party_id), at=at)
    else:
        user.tell(facts.UserDeleted(party_id=user.party_id), at=at)


def delete_by_operator(user: User, *, at: datetime) -> None:
    """A user of a customer or of the operator goes at once. :raises MainAccountFixed: it is an ISV's."""
    if user.side not in ("customer", "operator"):
        raise MainAccountFixed
    user.tell(facts.UserDeleted(party_id=user.party_id), at=at)


def member_closed(user: User, *, at: datetime) -> bool:
    """Dispatch will give the user nothing more: delete. False: nothing was waiting for that."""
    if user.state != "deleting":
        return False
    user.tell(facts.UserDeleted(party_id=user.party_id), at=at)
    return True


def member_close_refused(user: User, *, refused: facts.DeletionRefused, at: datetime) -> bool:
    """The user still holds projects: the deletion is taken back (U-21). False: nothing was waiting."""
    if user.state != "deleting":
        return False
    user.tell(refused, at=at)
    return True


def erase(user: User, *, at: datetime) -> bool:
    """The person's data are to be forgotten; False: they are already. :raises NotDeleted: the user still works."""
    if user.state != "deleted":
        raise NotDeleted
    if user.erased:
        return False
    user.tell(facts.PersonErased(party_id=user.party_id), at=at)
    return True


def _alive(user: User) -> None:
    if user.state != "active":
        raise BeingDeleted


def _edited(user: User, *, roles: list[str], department_id: UUID | None, personal: Personal) -> facts.UserEdited:
    """The whole state, as it is published: also what never changes."""
    return facts.UserEdited(
        party_id=user.party_id,
        side=user.side,
        main=user.main,
        login_name=user.login_name,
        roles=roles,
        department_id=department_id,
        **personal,
    )
