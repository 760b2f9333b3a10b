"""A smallest service: accounts that are opened and credited, published as two existing contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts.dispatch import MemberClosed, MemberSet
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork, stored_as
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from eventsourcing.domain import Aggregate, event

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@stored_as("toy")
class Account(Aggregate):
    """Counts credits."""

    @event("Opened")
    def __init__(self, *, account_id: UUID) -> None:
        self.account_id = account_id
        self.balance = 0

    @staticmethod
    def create_id(account_id: UUID) -> UUID:
        return account_id

    @event("Credited")
    def credit(self, *, amount: int) -> None:
        self.balance += amount

    @event("Noted")
    def note(self, *, text: str) -> None:
        """Private: not published."""


def opened(happened: Any) -> Contract:
    return MemberClosed(provider_id=happened.originator_id, person_id=happened.account_id)


def credited(happened: Any) -> Contract:
    return MemberSet(
        provider_id=happened.originator_id, person_id=happened.originator_id, maximum=happened.amount, receiving=True
    )


class Accounts(EventStore):
    """The toy's application; its stream is ``events.dispatch`` since it borrows dispatch's contracts."""

    name = "dispatch"
    publishing = {Account.Opened: opened, Account.Credited: credited}  # type: ignore[attr-defined]


class Ledger(EventStore):
    """A consumer: one account copy per account, credited by the amounts heard of."""

    name = "ledger"
    snapshotting_intervals = {Account: 50}


def ledger_policies(ledger: Ledger, **behaviour: Any) -> ProcessManager:
    """What the ledger does; ``poison`` is an amount that always raises, ``unknown`` one that is not known yet."""

    def when_opened_then_open(unit: UnitOfWork, contract: MemberClosed, message: Message) -> None:
        unit.add(Account(account_id=contract.person_id))

    def when_credited_then_credit(unit: UnitOfWork, contract: MemberSet, message: Message) -> None:
        if contract.maximum in behaviour.get("poison", ()):
            raise ValueError("poison")
        if contract.maximum in behaviour.get("unknown", ()):
            raise NotYet("later")
        account = unit.get(Account, contract.person_id)
        assert account is not None
        account.credit(amount=contract.maximum)
        unit.rows.append(
            RowChange(
                sql="INSERT INTO seen (source_id) VALUES (%(id)s)", params={"id": message.id}, key=str(message.id)
            )
        )

    return ProcessManager(
        name="ledger",
        source="dispatch",
        store=ledger,
        policies=[
            Policy(contract=MemberClosed, then=when_opened_then_open, streams=lambda c: [c.person_id]),
            Policy(contract=MemberSet, then=when_credited_then_credit, streams=lambda c: [c.person_id]),
        ],
    )
