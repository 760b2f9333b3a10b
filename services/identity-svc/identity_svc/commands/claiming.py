"""开通账号: a contact of an order claims a full account. The buyer becomes a party, and he its first user."""

from __future__ import annotations

import secrets
import string
from typing import Final
from uuid import UUID, uuid4

import structlog
from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http.tokens import Claims
from delivery_shared.sealing import new_key

from identity_svc import guests, links, passwords, read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.commands.parties import FirstUser
from identity_svc.commands.users import created
from identity_svc.domain import accounts, organising
from identity_svc.domain.errors import AccountExists, OrdersUnopened
from identity_svc.domain.party import Party
from identity_svc.guests import Contacted
from identity_svc.vault import seal

log = structlog.get_logger()

DRAWN: Final = 9
"""Digits of a drawn account: short enough to be typed; that two are alike is found when it is saved."""


def claim(*, claims: Claims, name: str, first_user: FirstUser, password: str) -> Operation:
    """The buyer is a party under the id its orders have, so that everything it ordered is seen by whoever signs in for
    it. Therefore only who has shown a code on this device for each of its orders that names a contact may claim.

    :param claims: of the session that a link began. :param name: what the buyer is called as a party.
    :raises GuestGone: the session is over.
    :raises AccountExists, OrdersUnopened, PasswordRefused: nothing changed.
    """
    user_id = uuid4()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        now = means.now()
        contacts = _contacts(means, claims)
        if unit.get(Party, claims.party_id) is not None:
            raise AccountExists
        unopened = sum(not contact.shown for contact in contacts)
        if unopened:
            raise OrdersUnopened(unopened)
        party = organising.claim(id=claims.party_id, name=name, account=_drawn(), at=now)
        login_name, data = party.login_name(first_user.local_name), first_user.data
        known = [word for word in (name, data.name, data.mobile, data.email) if word]
        passwords.check(password, login_name=login_name, words=known)
        unit.add(party)
        unit.rows += [read_model.party_registered(party), *(guests.standing(c.project_id, c.version) for c in contacts)]
        key = new_key()
        user = accounts.own_account(
            id=user_id,
            party_id=party.id,
            kind=party.kind,
            first=True,
            login_name=login_name,
            personal=seal(key, user_id, data),
            at=now,
        )
        created(unit, means, user, data, key, passwords.hashed(password), lasting=True)
        unit.after_commit.append(lambda: _told(claims.project_id, party.id, user_id))
        return 201, {"party_id": str(party.id), "login_name": login_name}

    return Operation(decide=decide)


def _contacts(means: Means, claims: Claims) -> list[Contacted]:
    """The contacts of the buyer's orders, whoever is named. :raises GuestGone: the session is over."""
    with means.store.connection() as connection:
        session = guests.session(connection, session_id=claims.session_id)
        if session is None or session["expires_at"] <= means.now():
            raise links.GuestGone
        return guests.of_customer(connection, claims.party_id, device=bytes(session["device"]), now=means.now())


def _drawn() -> str:
    """What the login names of a party without a number end with."""
    return "c" + "".join(secrets.choice(string.digits) for _ in range(DRAWN))


def _told(project_id: UUID | None, party_id: UUID, user_id: UUID) -> None:
    links.events.labels("claimed").inc()
    log.info("customer claimed an account", project_id=str(project_id), party_id=str(party_id), user_id=str(user_id))
