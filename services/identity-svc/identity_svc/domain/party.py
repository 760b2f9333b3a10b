"""The aggregate of one party."""

from __future__ import annotations

from datetime import datetime
from typing import Final, assert_never

from delivery_shared.facts import Aggregate, stored_as

from identity_svc.domain import facts
from identity_svc.domain.sides import PartyKind

LINK_HOURS: Final = 72
"""How long links open a project unless the vendor says otherwise."""


@stored_as("identity", facts.PartyFact)
class Party(Aggregate[facts.PartyFact]):
    """An organisation or customer. An ISV is vendor and provider at once (G-08); ``account`` ends the login names
    of its users (U-04)."""

    kind: PartyKind
    name: str
    account: str
    customer_number: str | None
    marketplace: str = ""
    """Whose the number is; empty: of the marketplace this center belongs to."""
    second_factor_demanded: bool = False
    """Parties registered before there were second factors demand none."""
    erased: bool = False
    link_hours: int = LINK_HOURS

    def change(self, fact: facts.PartyFact, at: datetime) -> None:
        match fact:
            case facts.PartyRegistered():
                self.kind = fact.kind
                self.name = fact.name
                self.account = fact.account
                self.customer_number = fact.customer_number
                self.marketplace = fact.marketplace
            case facts.SecondFactorDemanded():
                self.second_factor_demanded = fact.demanded
            case facts.PartyErased():
                self.erased = True
            case facts.LinkLifeSet():
                self.link_hours = fact.hours
            case _:
                assert_never(fact)

    def login_name(self, local: str) -> str:
        """The full login name ``<local>@<account>.onaliyun.com`` (U-04)."""
        return f"{local.lower()}@{self.account.lower()}.onaliyun.com"
