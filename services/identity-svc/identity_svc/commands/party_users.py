"""Users nobody but the operator manages – further ones of customers and of the platform itself –, and the erasing of a
person's data."""

from __future__ import annotations

from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.messaging.outbox import renewal_asked
from delivery_shared.sealing import new_key

from identity_svc import families, passwords, read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.sessions import revoke
from identity_svc.commands.users import created, gone
from identity_svc.domain import accounts, organising
from identity_svc.domain.errors import LoginNameTaken, MainAccountFixed, NotFound
from identity_svc.domain.party import Party
from identity_svc.domain.user import User
from identity_svc.vault import PersonalData, key_destroyed, seal


def add(*, party_id: UUID, local_name: str, data: PersonalData) -> Operation:
    """A further user of a customer or of the operator, with the rights of the first.

    :raises NotFound, IsvManagesItself, LoginNameTaken: nothing changed.
    """
    initial = passwords.initial_password()
    hashed = passwords.hashed(initial)
    user_id = uuid4()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        party = _party(unit, party_id)
        login_name = party.login_name(local_name)
        with means.store.connection() as connection:
            if read_model.login_name_used(connection, login_name):
                raise LoginNameTaken(login_name)
        key = new_key()
        user = accounts.own_account(
            id=user_id,
            party_id=party_id,
            kind=party.kind,
            first=False,
            login_name=login_name,
            personal=seal(key, user_id, data),
            at=means.now(),
        )
        created(unit, means, user, data, key, hashed, lasting=False)
        return 201, {"user_id": str(user_id), "login_name": login_name}

    return Operation(decide=decide, initial_password=initial)


def delete(*, by: Caller, party_id: UUID, user_id: UUID) -> Operation:
    """At once; sign-in ends now. :raises NotFound: also for another party's user.
    :raises MainAccountFixed: nobody deletes himself."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        _party(unit, party_id)
        user = unit.get(User, user_id)
        if user is None or user.state == "deleted" or user.party_id != party_id:
            raise NotFound
        if user_id == by.user_id:
            raise MainAccountFixed
        revoke(unit, means, user, end=[families.all_ended(user_id)])
        accounts.delete_by_operator(user, at=means.now())
        unit.rows += gone(user)
        return 204, {}

    return Operation(decide=decide)


def erase(*, user_id: UUID) -> Operation:
    """Destroy the key of a deleted person's data, have all copies blanked and ``events.identity`` published anew;
    again changes nothing.

    :raises NotFound: there was never such a user. :raises NotDeleted: only the data of deleted users are erased.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user = unit.get(User, user_id)
        if user is None:
            raise NotFound
        if accounts.erase(user, at=means.now()):
            unit.rows += [key_destroyed(user_id), renewal_asked(means.store.name)]
        return 204, {}

    return Operation(decide=decide)


def _party(unit: UnitOfWork, party_id: UUID) -> Party:
    """The party, if the operator manages its users. :raises NotFound, IsvManagesItself:"""
    party = unit.get(Party, party_id)
    if party is None:
        raise NotFound
    organising.users_kept_by_operator(party.kind)
    return party
