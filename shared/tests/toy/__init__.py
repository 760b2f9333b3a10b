"""A smallest service: accounts that are opened and credited, published as two existing contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, assert_never
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts.dispatch import MemberClosed, MemberSet
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.facts import Aggregate, Fact, stored_as
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.process_manager import Policy, ProcessManager

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Opened(Fact):
    """An account begins."""

    account_id: UUID


class Credited(Fact):
    """Its balance rises."""

    amount: int


class Noted(Fact):
    """Private: not published."""

    text: str


AccountFact = Opened | Credited | Noted


@stored_as("toy", AccountFact)
class Account(Aggregate[AccountFact]):
    """Counts credits."""

    account_id: UUID
    balance: int

    def change(self, fact: AccountFact, at: datetime) -> None:
        match fact:
            case Opened():
                self.account_id = fact.account_id
                self.balance = 0
            case Credited():
                self.balance += fact.amount
            case Noted():
                pass
            case _:
                assert_never(fact)


def open_account(account_id: UUID) -> Account:
    return Account.begun(Opened(account_id=account_id), id=account_id, at=datetime.now(UTC))


def credit(account: Account, amount: int) -> None:
    account.tell(Credited(amount=amount), at=datetime.now(UTC))


def note(account: Account, text: str) -> None:
    account.tell(Noted(text=text), at=datetime.now(UTC))


def opened(fact: Opened) -> Contract:
    return MemberClosed(provider_id=fact.originator_id, person_id=fact.account_id)


def credited(fact: Credited) -> Contract:
    return MemberSet(provider_id=fact.originator_id, person_id=fact.originator_id, maximum=fact.amount, receiving=True)


class Accounts(EventStore):
    """The toy's application; its stream is ``events.dispatch`` since it borrows dispatch's contracts."""

    name = "dispatch"
    publishing = {Opened: opened, Credited: credited}


class Ledger(EventStore):
    """A consumer: one account copy per account, credited by the amounts heard of."""

    name = "ledger"
    snapshotting_intervals = {Account: 50}


def ledger_policies(ledger: Ledger, **behaviour: Any) -> ProcessManager:
    """What the ledger does; ``poison`` is an amount that always raises, ``unknown`` one that is not known yet."""

    def when_opened_then_open(unit: UnitOfWork, contract: MemberClosed, message: Message) -> None:
        unit.add(open_account(contract.person_id))

    def when_credited_then_credit(unit: UnitOfWork, contract: MemberSet, message: Message) -> None:
        if contract.maximum in behaviour.get("poison", ()):
            raise ValueError("poison")
        if contract.maximum in behaviour.get("unknown", ()):
            raise NotYet("later")
        account = unit.get(Account, contract.person_id)
        assert account is not None
        credit(account, contract.maximum)
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
