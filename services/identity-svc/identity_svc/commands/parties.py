"""Parties and who signs in first for them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from delivery_shared.contracts.identity import HOME, party_id_of
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.messaging.outbox import renewal_asked
from delivery_shared.sealing import new_key

from identity_svc import passwords, read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.users import created
from identity_svc.domain import accounts, organising
from identity_svc.domain.errors import NotFound, NumberTaken
from identity_svc.domain.party import Party
from identity_svc.domain.sides import PartyKind
from identity_svc.vault import PersonalData, seal


@dataclass(frozen=True, kw_only=True)
class FirstUser:
    """Who signs in first for a new party: its main account, for an ISV."""

    local_name: str
    data: PersonalData


def register(
    *,
    kind: PartyKind,
    name: str,
    number: str,
    first_user: FirstUser | None,
    password: str | None = None,
    marketplace: str = HOME,
) -> Operation:
    """A new party and its first user: an ISV with its main account (G-15), a customer (A-57).

    :param number: the ISV's main account id, the customer's number in ``marketplace``; the party's id follows from it.
    :param password: a lasting password of the first user; None: an initial one is made.
    :raises NumberTaken: such a party exists.
    """
    initial = passwords.initial_password() if password is None and first_user else None
    hashed = passwords.hashed(password or initial or "")
    user_id = uuid4()
    party_id = party_id_of(number, marketplace)

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        now = means.now()
        with means.store.connection() as connection:
            if unit.get(Party, party_id) or read_model.party_by_number(connection, number, marketplace):
                raise NumberTaken(number)
        party = organising.register(id=party_id, kind=kind, name=name, number=number, marketplace=marketplace, at=now)
        unit.add(party)
        unit.rows.append(read_model.party_registered(party))
        if first_user is None:
            return 201, {"party_id": str(party.id), "account": party.account, "user": None}
        key, login_name = new_key(), party.login_name(first_user.local_name)
        user = accounts.own_account(
            id=user_id,
            party_id=party.id,
            kind=kind,
            first=True,
            login_name=login_name,
            personal=seal(key, user_id, first_user.data),
            at=now,
        )
        created(unit, means, user, first_user.data, key, hashed, lasting=password is not None)
        shown = {"user_id": str(user_id), "login_name": login_name}
        return 201, {"party_id": str(party.id), "account": party.account, "user": shown}

    return Operation(decide=decide, initial_password=initial)


def erase(*, party_id: UUID) -> Operation:
    """Forget the name of a customer who is a person, here, in all copies, and in what orders brought of it;
    ``events.identity`` is published anew. Again changes nothing.

    :raises NotFound: there is no such party. :raises NotACustomer, HasUsers: a company, or one with users.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        party = unit.get(Party, party_id)
        if party is None:
            raise NotFound
        with means.store.connection() as connection:
            users, total = read_model.users_of(connection, party_id)
        if organising.erase(party, users=users, total=total, at=means.now()):
            unit.rows += [read_model.party_erased(party_id), renewal_asked(means.store.name)]
        return 204, {}

    return Operation(decide=decide)
