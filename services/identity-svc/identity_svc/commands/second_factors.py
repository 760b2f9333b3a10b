"""Giving a second factor up, and demanding one of a whole party. One is set up by signing in: see ``sessions.py``."""

from __future__ import annotations

from uuid import UUID

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller
from delivery_shared.sealing import unseal_text

from identity_svc import families, read_model, second_factors
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.sessions import managed, revoke
from identity_svc.domain import accounts, organising
from identity_svc.domain.errors import NotFound, SecondFactorWrong
from identity_svc.domain.party import Party
from identity_svc.domain.user import User


def give_up(*, by: Caller, code: str, address: str) -> Operation:
    """The user gives the own one up, with a code of it.

    :raises NoSecondFactor, SecondFactorDemanded, SecondFactorWrong, TooManyAttempts: nothing changed.
    """

    tried: list[bool] = []

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user, party = unit.get(User, by.user_id), unit.get(Party, by.party_id)
        if user is None or party is None or user.state == "deleted":
            raise NotFound
        now = means.now()
        accounts.remove_second_factor(user, by=by.user_id, demanded=party.second_factor_demanded, at=now)
        if not tried:
            means.throttle.attempt(login_name=user.login_name, address=address)
        tried.append(True)
        with means.store.connection() as connection:
            factor = second_factors.of_user(connection, user.id)
        key = means.store.vault.key_of(user.id)
        if factor is None or key is None:
            raise SecondFactorWrong
        secret = unseal_text(key, user.id, "totp", factor.secret)
        if second_factors.step_of(secret, code, now=now, after=factor.last_step) is None:
            raise SecondFactorWrong
        means.throttle.succeeded(login_name=user.login_name, address=address)
        unit.rows.append(second_factors.removed(user.id))
        return 204, {}

    return Operation(decide=decide)


def take_away(*, by: Caller, user_id: UUID) -> Operation:
    """An admin does so for a user who has lost the phone; all sessions of that user end.

    :raises NotFound: also for the own one, which is given up with a code. :raises NoSecondFactor: nothing changed.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        if user_id == by.user_id:
            raise NotFound
        user = managed(unit, by, user_id)
        accounts.remove_second_factor(user, by=by.user_id, demanded=False, at=means.now())
        revoke(unit, means, user, end=[families.all_ended(user_id)])
        unit.rows.append(second_factors.removed(user_id))
        return 204, {}

    return Operation(decide=decide)


def demand(*, by: Caller, demanded: bool) -> Operation:
    """An admin demands one of all users of the own party, or does so no longer. Who has none is asked to set one up
    at the next refresh of the session.

    :raises NotFound: the party is gone. :raises NoSecondFactor: the admin has none.
    """

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        user, party = unit.get(User, by.user_id), unit.get(Party, by.party_id)
        if user is None or party is None:
            raise NotFound
        organising.demand_second_factor(party, demanded=demanded, own=user.second_factor, at=means.now())
        unit.rows.append(read_model.second_factor_demanded(party))
        return 200, {"demanded": demanded}

    return Operation(decide=decide)
