"""Which facts are published, and as what. Personal data are opened here, on their way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, cast

import msgspec
from delivery_shared.contracts import Contract, identity
from delivery_shared.contracts.identity import DepartmentSaved, PartyRegistered, SessionsRevoked, UserSaved
from delivery_shared.facts import Fact
from delivery_shared.publishing import carries, published

from identity_svc.domain import facts
from identity_svc.domain.user import Personal
from identity_svc.vault import BLANK, Vault


def user_saved(fact: facts.UserCreated | facts.UserEdited, vault: Vault) -> UserSaved:
    """The whole state of a user. Of an erased person blanks are published, also when the events are published
    anew."""
    personal = Personal(name=fact.name, mobile=fact.mobile, landline=fact.landline, email=fact.email)
    data = vault.open(fact.originator_id, personal)
    return UserSaved(
        user_id=fact.originator_id,
        party_id=fact.party_id,
        side=fact.side,
        main=fact.main,
        login_name="" if data is BLANK else fact.login_name,
        name=data.name,
        roles=list(fact.roles),
        department_id=fact.department_id,
        mobile=data.mobile,
        landline=data.landline,
        email=data.email,
        saved_at=fact.timestamp,
        maximum=fact.maximum if isinstance(fact, facts.UserCreated) else None,
        receiving=fact.receiving if isinstance(fact, facts.UserCreated) else None,
    )


of_parties = published(facts.PartyFact, identity, id="party_id")


def party_registered(fact: facts.PartyRegistered, vault: Vault) -> PartyRegistered:
    """Of an erased customer without the name, also when the events are published anew. Only a customer may be a
    person. An account that was drawn is no number that anybody else could know the party by."""
    registered = cast(PartyRegistered, of_parties[facts.PartyRegistered](fact))
    if fact.kind == "customer" and fact.customer_number is None:
        registered = msgspec.structs.replace(registered, account=None)
    if fact.kind == "customer" and vault.party_erased(fact.originator_id):
        return msgspec.structs.replace(registered, name=BLANK.name)
    return registered


department_saved = carries(DepartmentSaved, id="department_id")

contact_gone = carries(SessionsRevoked, user_id=attrgetter("contact_id"))
"""His tokens are void, as of anybody who may not come in any more."""

PUBLISHING: Mapping[type[Fact], Callable[..., Contract]] = {
    **of_parties,
    facts.PartyRegistered: party_registered,
    **published(facts.DepartmentFact, identity, id="department_id"),
    facts.DepartmentCreated: department_saved,
    facts.DepartmentChanged: department_saved,
    **published(facts.UserFact, identity, prefix="User", id="user_id"),
    **published(facts.ContactFact, identity),
    facts.ContactGone: contact_gone,
    facts.UserCreated: user_saved,
    facts.UserEdited: user_saved,
}
"""Any fact not in here is private."""


def publishing(vault: Vault) -> Mapping[type, Callable[[Any], Contract]]:
    """:data:`PUBLISHING` with ``vault`` at hand for the messages that carry names and phones."""
    return {
        fact: partial(to_contract, vault=vault) if to_contract in (user_saved, party_registered) else to_contract
        for fact, to_contract in PUBLISHING.items()
    }
