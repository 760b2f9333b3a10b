"""Users nobody but the operator manages – further ones of customers and of the platform itself –, and the erasing of a
person's data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.messaging.outbox import renewal_asked
from identity_svc import credentials, passwords, read_model, views
from identity_svc.domain import OWN_ROLES, LoginNameTaken, MainAccountFixed, NotFound, User
from identity_svc.organisation import Party
from identity_svc.sessions import sessions_ended
from identity_svc.vault import PersonalData, key_destroyed, new_key, seal

if TYPE_CHECKING:
    from identity_svc.application import IdentityApplication, Issued

SIDES = ("customer", "operator")
"""Kinds of parties whose users the operator manages; an ISV manages its own."""


class IsvManagesItself(Exception):
    """The users of an ISV are made by its admin."""


class PartyUsers:
    """Commands of the platform operator on users."""

    def __init__(self, store: IdentityApplication, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def add(self, *, command: Command, party_id: UUID, local_name: str, data: PersonalData) -> Issued:
        """A further user of a customer or of the operator, with the rights of the first.

        :raises NotFound, IsvManagesItself, LoginNameTaken: nothing changed.
        """
        from identity_svc.application import Issued

        initial = passwords.initial_password()
        hashed = passwords.hashed(initial)
        user_id = uuid4()

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            party = self._party(unit, party_id)
            login_name = party.login_name(local_name)
            with self._store.connection() as connection:
                if read_model.login_name_used(connection, login_name):
                    raise LoginNameTaken(login_name)
            key = new_key()
            user = User(
                id=user_id,
                party_id=party_id,
                side=party.kind,
                main=False,
                login_name=login_name,
                roles=OWN_ROLES[party.kind],
                department_id=None,
                timestamp=self._now(),
                **seal(key, user_id, data),
            )
            self._store.created(unit, user, data, key, hashed, lasting=False)
            return 201, {"user_id": str(user_id), "login_name": login_name}

        return Issued(outcome=execute(self._store, command, decide), initial_password=initial)

    def users(self, *, party_id: UUID) -> list[dict[str, Any]]:
        """All users of a customer or of the operator. :raises NotFound, IsvManagesItself:"""
        party = self._party(UnitOfWork(self._store), party_id)
        with self._store.connection() as connection:
            rows, _ = read_model.users(
                connection, party_id=party_id, side=party.kind, login=None, name=None, department_id=None,
                after=None, limit=1000,
            )  # fmt: skip
        return rows

    def delete(self, *, command: Command, by: Caller, party_id: UUID, user_id: UUID) -> Outcome:
        """At once; sign-in ends now. :raises NotFound: also for another party's user.
        :raises MainAccountFixed: nobody deletes himself."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            self._party(unit, party_id)
            user = unit.get(User, user_id)
            if user is None or user.state == "deleted" or user.party_id != party_id:
                raise NotFound
            if user_id == by.user_id:
                raise MainAccountFixed
            self._store.sessions.revoke(unit, user, end=[sessions_ended(user_id)])
            user.delete_by_operator(timestamp=self._now())
            unit.rows += [read_model.user_deleted(user_id), credentials.removed(user_id), views.forgotten(user_id)]
            return 204, {}

        return execute(self._store, command, decide)

    def erase(self, *, command: Command, user_id: UUID) -> Outcome:
        """Destroy the key of a deleted person's data, have all copies blanked and ``events.identity`` published anew;
        again changes nothing.

        :raises NotFound: there was never such a user. :raises NotDeleted: only the data of deleted users are erased.
        """

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            user = unit.get(User, user_id)
            if user is None:
                raise NotFound
            if user.erase(timestamp=self._now()):
                unit.rows += [key_destroyed(user_id), renewal_asked(self._store.name)]
            return 204, {}

        return execute(self._store, command, decide)

    def _party(self, unit: UnitOfWork, party_id: UUID) -> Party:
        party = unit.get(Party, party_id)
        if party is None or party.kind == "marketplace":
            raise NotFound
        if party.kind not in SIDES:
            raise IsvManagesItself
        return party
