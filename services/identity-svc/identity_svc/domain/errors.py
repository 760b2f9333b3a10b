"""What is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any


class NotFound(Exception):
    """Does not exist, or not for this caller."""


class NumberTaken(Exception):
    """A party with this account or customer number exists."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


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


class IsvManagesItself(Exception):
    """The users of an ISV are made by its admin."""


class BeingDeleted(Exception):
    """The user waits for its deletion; nothing else can be done with it."""


class NotDeleted(Exception):
    """Personal data are erased only of users who were deleted."""


class NotACustomer(Exception):
    """Only a customer may be a person whose name is erased."""


class EditedMeanwhile(Exception):
    """The edit rests on an older revision of the user."""


class WrongPassword(Exception):
    """The present password was not given."""


class SecondFactorSet(Exception):
    """There is a second factor already; it is given up before another one is set up."""


class SecondFactorDemanded(Exception):
    """The party demands a second factor of its users: one without cannot sign in, or give it up."""


class NoSecondFactor(Exception):
    """The user has none."""


class SecondFactorWrong(Exception):
    """The code is none of the app's, too old, or used before."""


class InTheWay(Exception):
    """Something is not done as long as there is something else: ``blocking`` are the first of that, each with ``kind``,
    ``id`` and ``name``, ``total`` how many there are."""

    def __init__(self, blocking: Sequence[Mapping[str, Any]], total: int) -> None:
        super().__init__(f"{total} in the way")
        self.blocking, self.total = blocking, total


class DepartmentNotEmpty(InTheWay):
    """Users or departments belong to the department (U-22)."""


class HasUsers(InTheWay):
    """The customer has users, who are deleted first."""


class DepartmentNameTaken(Exception):
    """A department of that name stands below the same parent (U-10)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class DepartmentLoop(Exception):
    """The department would stand below itself."""


class AccessKeysFull(Exception):
    """The party has as many access keys as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class AccessKeyExpired(Exception):
    """The access key is to end before it begins."""


class AccountExists(Exception):
    """The buyer is a party already: registered by the operator, or by a contact who claimed before."""


class OrdersUnopened(InTheWay):
    """Orders of the buyer for which a device has shown no code: ``total`` of them. Which ones is not told."""

    def __init__(self, total: int) -> None:
        super().__init__((), total)
