"""The aggregate of one user.

Personal fields (name, phones, email) reach the domain sealed with a key of the person: the aggregates and their
stored facts hold ciphertext only, so that destroying the key erases the person without touching a fact.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict, assert_never
from uuid import UUID

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts
from identity_svc.domain.sides import Side


class Personal(TypedDict):
    """A person's data, each value sealed. ``name`` is always given, the others may be missing."""

    name: str
    mobile: str | None
    landline: str | None
    email: str | None


@stored_as("identity", facts.UserFact)
class User(Aggregate[facts.UserFact]):
    """A person (or service account) who signs in.

    ``state``: active → deleting (a provider's user, until dispatch has answered) → deleted, or back to active.
    ``revision`` counts what an edit form shows, for ``If-Match``.
    """

    party_id: UUID
    side: Side
    main: bool
    login_name: str
    state: Literal["active", "deleting", "deleted"]
    revision: int
    erased: bool
    roles: list[str]
    department_id: UUID | None
    personal: Personal
    second_factor: bool = False
    """Users created before there were second factors have none."""

    def change(self, fact: facts.UserFact, at: datetime) -> None:
        match fact:
            case facts.UserCreated():
                self.party_id = fact.party_id
                self.side = fact.side
                self.main = fact.main
                self.login_name = fact.login_name
                self.state = "active"
                self.revision = 0
                self.erased = False
                self._keep(fact)
            case facts.UserEdited():
                self._keep(fact)
            case facts.DeletionRequested():
                self.state = "deleting"
            case facts.DeletionRefused():
                self.state = "active"
            case facts.UserDeleted():
                self.state = "deleted"
            case facts.PersonErased():
                self.erased = True
            case facts.SecondFactorAdded():
                self.second_factor = True
            case facts.SecondFactorRemoved():
                self.second_factor = False
            case facts.PasswordReset() | facts.PasswordChanged() | facts.SessionsRevoked():
                pass
            case _:
                assert_never(fact)

    def _keep(self, fact: facts.UserCreated | facts.UserEdited) -> None:
        self.roles = list(fact.roles)
        self.department_id = fact.department_id
        self.personal = Personal(name=fact.name, mobile=fact.mobile, landline=fact.landline, email=fact.email)
        self.revision += 1
