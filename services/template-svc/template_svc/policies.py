"""What template-svc does when it hears of events of identity."""

from __future__ import annotations

from delivery_shared.contracts.identity import PartyErased, PartyRegistered
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy, ProcessManager


def when_party_registered_then_copy_it(unit: UnitOfWork, said: PartyRegistered, _: Message) -> None:
    """The operator names ISVs by 服务商名称 and 账号 (P-35)."""
    unit.rows.append(
        RowChange(
            key=f"party:{said.party_id}",
            sql="INSERT INTO party (party_id, name, kind, account)"
            " VALUES (%(party_id)s, %(name)s, %(kind)s, %(account)s) ON CONFLICT (party_id)"
            " DO UPDATE SET name = excluded.name, kind = excluded.kind, account = excluded.account",
            params={"party_id": said.party_id, "name": said.name, "kind": said.kind, "account": said.account},
        )
    )


def when_party_erased_then_forget_the_name(unit: UnitOfWork, said: PartyErased, _: Message) -> None:
    """The copy keeps the id only."""
    unit.rows.append(
        RowChange(
            key=f"party:{said.party_id}",
            sql="UPDATE party SET name = '' WHERE party_id = %(party_id)s",
            params={"party_id": said.party_id},
        )
    )


def consumers(store: EventStore) -> list[ProcessManager]:
    """The feed of the service."""
    return [
        ProcessManager(
            name="template",
            source="identity",
            store=store,
            policies=[
                Policy(contract=PartyRegistered, then=when_party_registered_then_copy_it),
                Policy(contract=PartyErased, then=when_party_erased_then_forget_the_name),
                REVOCATION,
            ],
        )
    ]
