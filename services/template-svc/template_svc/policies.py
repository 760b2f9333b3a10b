"""What template-svc does when it hears of events of identity."""

from __future__ import annotations

from delivery_shared.contracts.identity import PartyErased, PartyRegistered
from delivery_shared.copying import copy_of
from delivery_shared.eventstore import EventStore, RowChange
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from delivery_shared.texts import key


def when_party_registered_then_copy_it(said: PartyRegistered) -> RowChange:
    """The operator names ISVs by 服务商名称 and 账号 (P-35)."""
    return copy_of(
        said,
        "party",
        key="party_id",
        columns=("name", "kind", "account"),
        account_key=None if said.account is None else key(said.account),
    )


def when_party_erased_then_forget_the_name(said: PartyErased) -> RowChange:
    """The copy keeps the id only."""
    return RowChange(
        key=f"party {said.party_id}",
        sql="UPDATE party SET name = '' WHERE party_id = %(party_id)s",
        params={"party_id": said.party_id},
    )


def consumers(store: EventStore) -> list[ProcessManager]:
    """The feed of the service."""
    return [
        ProcessManager(
            name="template",
            source="identity",
            store=store,
            policies=[
                Policy(contract=PartyRegistered, copy=when_party_registered_then_copy_it),
                Policy(contract=PartyErased, copy=when_party_erased_then_forget_the_name),
                REVOCATION,
            ],
        )
    ]
