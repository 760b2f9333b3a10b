"""Users: who may sign in and what roles they hold. Parties and departments stand in ``organisation.py``.

Personal fields (name, phones, email) reach the domain sealed with a key of the person: the aggregates and their
stored events hold ciphertext only, so that destroying the key erases the person without touching an event.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypedDict
from uuid import UUID

from eventsourcing.domain import Aggregate, event

PartyKind = Literal["isv", "customer", "operator", "marketplace"]
Side = Literal["isv", "vendor", "provider", "customer", "operator", "marketplace"]
ManagedSide = Literal["vendor", "provider"]

MAIN_ROLES: Final = ["vendor_admin", "provider_admin"]
"""Roles of the main account of an ISV, 厂商管理员、服务商管理员 (G-15)."""

VENDOR_ROLES: Final = frozenset({"vendor_project_manager"})
"""The only role a vendor's sub-account can get (U-06)."""

MAIN_ONLY: Final = frozenset(MAIN_ROLES)
"""Roles that are never given to a sub-account: they are the main account's (G-13, G-14)."""

OWN_ROLES: Final[dict[PartyKind, list[str]]] = {
    "isv": MAIN_ROLES,
    "customer": ["customer"],
    "operator": ["platform_operator"],
    "marketplace": [],
}
"""Roles of a party's first user."""


class NotFound(Exception):
    """Does not exist, or not for this caller."""


class LoginNameTaken(Exception):
    """The login name is used within the main account (U-35)."""

    def __init__(self, login_name: str) -> None:
        super().__init__(login_name)
        self.login_name = login_name


class RolesNotAssignable(Exception):
    """Roles that do not exist, are inactive, or do not belong to the user's side (U-06, U-17)."""

    def __init__(self, roles: Collection[str]) -> None:
        self.roles = ", ".join(sorted(roles)) or "-"
        super().__init__(self.roles)


class MainAccountFixed(Exception):
    """The main account is changed by nobody but itself, and never deleted."""


class BeingDeleted(Exception):
    """The user waits for its deletion; nothing else can be done with it."""


class NotDeleted(Exception):
    """Personal data are erased only of users who were deleted."""


class EditedMeanwhile(Exception):
    """The edit rests on an older revision of the user."""


class Personal(TypedDict):
    """A person's data, each value sealed. ``name`` is always given, the others may be missing."""

    name: str
    mobile: str | None
    landline: str | None
    email: str | None


class User(Aggregate):
    """A person (or service account) who signs in.

    ``state``: active → deleting (a provider's user, until dispatch has answered) → deleted, or back to active.
    ``revision`` counts what an edit form shows, for ``If-Match``.
    """

    @event("Created")
    def __init__(
        self,
        *,
        id: UUID,
        party_id: UUID,
        side: Side,
        main: bool,
        login_name: str,
        roles: list[str],
        department_id: UUID | None,
        name: str,
        mobile: str | None,
        landline: str | None,
        email: str | None,
        timestamp: datetime,
    ) -> None:
        self._id = id
        self.party_id = party_id
        self.side: Side = side
        self.main = main
        self.login_name = login_name
        self.state: Literal["active", "deleting", "deleted"] = "active"
        self.revision = 0
        self.erased = False
        self._keep(roles, department_id, name, mobile, landline, email)

    @classmethod
    def sub_account(
        cls,
        *,
        id: UUID,
        party_id: UUID,
        side: ManagedSide,
        login_name: str,
        roles: Sequence[str],
        assignable: Collection[str],
        department_id: UUID | None,
        personal: Personal,
        timestamp: datetime,
    ) -> User:
        """A sub-account made by the admin of its side (U-01, U-14).

        :param assignable: codes of the active roles of the provider side.
        :raises RolesNotAssignable: none given, or one that this side cannot have.
        """
        return cls(
            id=id,
            party_id=party_id,
            side=side,
            main=False,
            login_name=login_name,
            roles=_checked(side, roles, assignable),
            department_id=department_id if side == "provider" else None,
            timestamp=timestamp,
            **personal,
        )

    def edit(
        self,
        *,
        revision: int,
        roles: Sequence[str],
        assignable: Collection[str],
        department_id: UUID | None,
        personal: Personal,
        timestamp: datetime,
    ) -> bool:
        """Change what the admin may change (U-31); login name and side are fixed. Returns whether tokens issued
        so far are stale, since they name roles and department.

        :raises EditedMeanwhile, MainAccountFixed, BeingDeleted, RolesNotAssignable: nothing changed.
        """
        self._managed()
        if revision != self.revision:
            raise EditedMeanwhile
        # A role deactivated since the user got it may be kept, it may not be given anew.
        checked = _checked(self.side, roles, {*assignable, *self.roles})
        department_id = department_id if self.side == "provider" else None
        stale = (checked, department_id) != (self.roles, self.department_id)
        self._edited(**self._fixed(), roles=checked, department_id=department_id, timestamp=timestamp, **personal)
        return stale

    def change_own_data(self, *, personal: Personal, timestamp: datetime) -> None:
        """个人信息 saved by the user (U-37). :raises BeingDeleted: the user is blocked."""
        self._alive()
        self._edited(
            **self._fixed(),
            roles=self.roles,
            department_id=self.department_id,
            timestamp=timestamp,
            **personal,
        )

    def reset_password(self, *, by: UUID, timestamp: datetime) -> None:
        """An admin had a new initial password made (U-32); the password itself is in no event.

        :raises BeingDeleted: the user is blocked.
        """
        self._alive()
        self._password_reset(by=by, timestamp=timestamp)

    def change_password(self, *, timestamp: datetime) -> None:
        """The user changed the password (U-28, U-29). :raises BeingDeleted: the user is blocked."""
        self._alive()
        self._password_changed(timestamp=timestamp)

    def revoke_sessions(self, *, before: datetime, timestamp: datetime) -> None:
        """Every token issued before ``before`` is void."""
        self._sessions_revoked(before=before, timestamp=timestamp)

    def delete(self, *, timestamp: datetime) -> None:
        """删除: at once, or – a provider's user – after dispatch has closed the member (U-21). Asking again while
        waiting asks dispatch again.

        :raises MainAccountFixed: the main account stays.
        """
        if self.main or self.side not in ("vendor", "provider"):
            raise MainAccountFixed
        if self.side == "provider":
            self._deletion_requested(party_id=self.party_id, timestamp=timestamp)
        else:
            self._deleted(party_id=self.party_id, timestamp=timestamp)

    def delete_by_operator(self, *, timestamp: datetime) -> None:
        """A user of a customer or of the operator goes at once. :raises MainAccountFixed: it is an ISV's."""
        if self.side not in ("customer", "operator"):
            raise MainAccountFixed
        self._deleted(party_id=self.party_id, timestamp=timestamp)

    def erase(self, *, timestamp: datetime) -> bool:
        """The person's data are to be forgotten; False: they are already. :raises NotDeleted: the user still works."""
        if self.state != "deleted":
            raise NotDeleted
        if self.erased:
            return False
        self._erased(party_id=self.party_id, timestamp=timestamp)
        return True

    def member_closed(self, *, timestamp: datetime) -> bool:
        """Dispatch will give the user nothing more: delete. False: nothing was waiting for that."""
        if self.state != "deleting":
            return False
        self._deleted(party_id=self.party_id, timestamp=timestamp)
        return True

    def member_close_refused(self, *, timestamp: datetime) -> bool:
        """The user still holds projects: the deletion is taken back (U-21). False: nothing was waiting."""
        if self.state != "deleting":
            return False
        self._deletion_refused(timestamp=timestamp)
        return True

    def _alive(self) -> None:
        if self.state != "active":
            raise BeingDeleted

    def _managed(self) -> None:
        if self.side not in ("vendor", "provider"):
            raise MainAccountFixed
        self._alive()

    def _fixed(self) -> dict[str, Any]:
        """What never changes and yet stands in every event that is published as the whole state."""
        return {
            "party_id": self.party_id,
            "side": self.side,
            "main": self.main,
            "login_name": self.login_name,
        }

    def _keep(
        self,
        roles: list[str],
        department_id: UUID | None,
        name: str,
        mobile: str | None,
        landline: str | None,
        email: str | None,
    ) -> None:
        self.roles = list(roles)
        self.department_id = department_id
        self.personal = Personal(name=name, mobile=mobile, landline=landline, email=email)
        self.revision += 1

    @event("Edited")
    def _edited(
        self,
        *,
        party_id: UUID,
        side: Side,
        main: bool,
        login_name: str,
        roles: list[str],
        department_id: UUID | None,
        name: str,
        mobile: str | None,
        landline: str | None,
        email: str | None,
        timestamp: datetime,
    ) -> None:
        self._keep(roles, department_id, name, mobile, landline, email)

    @event("PasswordReset")
    def _password_reset(self, *, by: UUID, timestamp: datetime) -> None:
        pass

    @event("PasswordChanged")
    def _password_changed(self, *, timestamp: datetime) -> None:
        pass

    @event("SessionsRevoked")
    def _sessions_revoked(self, *, before: datetime, timestamp: datetime) -> None:
        pass

    @event("DeletionRequested")
    def _deletion_requested(self, *, party_id: UUID, timestamp: datetime) -> None:
        self.state = "deleting"

    @event("DeletionRefused")
    def _deletion_refused(self, *, timestamp: datetime) -> None:
        self.state = "active"

    @event("Deleted")
    def _deleted(self, *, party_id: UUID, timestamp: datetime) -> None:
        self.state = "deleted"

    @event("PersonErased")
    def _erased(self, *, party_id: UUID, timestamp: datetime) -> None:
        self.erased = True


def _checked(side: Side, roles: Sequence[str], assignable: Collection[str]) -> list[str]:
    """``roles`` without repetition, if a sub-account of ``side`` can have them."""
    offered = VENDOR_ROLES if side == "vendor" else frozenset(assignable) - MAIN_ONLY
    wanted = list(dict.fromkeys(roles))
    refused = [role for role in wanted if role not in offered]
    if refused or not wanted:
        raise RolesNotAssignable(refused)
    return wanted
