"""The audit chain: what is changed, removed, inserted or rewritten behind it is found, and named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from delivery_shared import audit
from delivery_shared.audit import AuditChain, Head
from delivery_shared.eventstore import EventStore
from eventsourcing.persistence import ProgrammingError
from toy import credit, note, open_account

pytestmark = pytest.mark.integration


@pytest.fixture
def chain(accounts: EventStore) -> AuditChain:
    """The chain of five accounts of four events each, in links of seven."""
    for amount in range(5):
        account = open_account(uuid4())
        credit(account, amount)
        note(account, "not published")
        credit(account, amount)
        accounts.save_all([account])
    chain = AuditChain(accounts)
    while chain.extend():
        pass
    assert (chain.head().id, chain.waiting()) == (20, 0)
    return chain


@pytest.fixture(autouse=True)
def short_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LINK", 7)


@pytest.fixture
def owner(accounts: EventStore) -> Callable[[str], None]:
    """Runs a statement with the rights of the tables' owner, who can switch triggers off."""

    def run(statement: str) -> None:
        with accounts.connection() as connection, connection.transaction():
            connection.execute("ALTER TABLE dispatch_events DISABLE TRIGGER USER")
            connection.execute("ALTER TABLE audit_chain DISABLE TRIGGER USER")
            connection.execute(statement)

    return run


def test_every_event_is_sealed_once_published_or_not(accounts: EventStore, chain: AuditChain) -> None:
    with accounts.connection() as connection:
        links = connection.execute("SELECT * FROM audit_chain ORDER BY last_id").fetchall()
    assert [(link["previous_id"], link["last_id"]) for link in links] == [(0, 7), (7, 14), (14, 20)]
    assert [id for link in links for id in link["ids"]] == list(range(1, 21))
    assert list(chain.broken()) == []
    assert chain.extend() == 0


def test_two_processes_make_one_chain(accounts: EventStore, chain: AuditChain) -> None:
    account = open_account(uuid4())
    for amount in range(100):
        credit(account, amount)
    accounts.save_all([account])

    def catch_up() -> None:
        while chain.waiting():
            chain.extend()

    threads = [threading.Thread(target=catch_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (chain.waiting(), chain.head().id, list(chain.broken())) == (0, 121, [])


@pytest.mark.requirement("R-111")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dispatch_events SET topic = 'x' WHERE notification_id = 3",
        "DELETE FROM dispatch_events WHERE notification_id = 3",
        "UPDATE audit_chain SET hashes = ''",
        "DELETE FROM audit_chain",
    ],
)
def test_events_and_chain_are_append_only(accounts: EventStore, chain: AuditChain, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="append-only"), accounts.connection() as connection:
        connection.execute(statement)
    assert list(chain.broken()) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE dispatch_events SET state = '{}' WHERE notification_id = 9", "event 9 was changed"),
        ("UPDATE dispatch_events SET topic = 'toy:Account.Noted' WHERE notification_id = 2", "event 2 was changed"),
        ("UPDATE dispatch_events SET originator_version = 7 WHERE notification_id = 20", "event 20 was changed"),
        ("DELETE FROM dispatch_events WHERE notification_id IN (7, 12)", "event 7 was removed"),
        ("DELETE FROM dispatch_events WHERE notification_id = 20", "event 20 was removed"),
        (
            "UPDATE dispatch_events SET notification_id = CASE notification_id WHEN 4 THEN -4 ELSE 4 END"
            " WHERE notification_id = 4",
            "event 4 was removed",
        ),
        ("DELETE FROM audit_chain WHERE last_id = 14", "lacks its links from event 7 to 14"),
        ("UPDATE audit_chain SET hashes = decode(repeat('00', 224), 'hex') WHERE last_id = 14", "event 8 was changed"),
    ],
)
def test_the_first_event_that_is_not_as_it_was_is_named(
    chain: AuditChain, owner: Callable[[str], None], statement: str, found: str
) -> None:
    owner(statement)
    [line] = chain.broken()
    assert found in line


def test_an_event_put_in_afterwards_is_found(
    accounts: EventStore, chain: AuditChain, owner: Callable[[str], None]
) -> None:
    owner("DELETE FROM audit_chain")
    owner("UPDATE dispatch_events SET notification_id = 100 WHERE notification_id = 5")
    while chain.extend():
        pass
    owner("UPDATE dispatch_events SET notification_id = 5 WHERE notification_id = 100")
    [line] = chain.broken()
    assert "event 5 was inserted" in line


def test_an_exported_head_tells_that_events_and_chain_were_rewritten(
    chain: AuditChain, owner: Callable[[str], None]
) -> None:
    """An owner who changes an event and makes the chain anew leaves a chain that holds together."""
    exported = chain.head()
    assert list(chain.broken([exported])) == []
    owner("UPDATE dispatch_events SET state = '{}' WHERE notification_id = 9")
    owner("DELETE FROM audit_chain")
    while chain.extend():
        pass
    assert list(chain.broken()) == []
    [line] = chain.broken([exported])
    assert "rewritten at or before event 20" in line
    owner("DELETE FROM audit_chain")
    owner("DELETE FROM dispatch_events WHERE notification_id > 10")
    while chain.extend():
        pass
    assert list(chain.broken()) == []
    [line] = chain.broken([exported])
    assert "lacks event 20" in line


def test_a_head_of_nothing_is_part_of_every_chain(accounts: EventStore) -> None:
    empty = AuditChain(accounts).head()
    assert empty == Head(id=0, hash=bytes(32))
    accounts.save_all([open_account(uuid4())])
    AuditChain(accounts).extend()
    assert list(AuditChain(accounts).broken([empty])) == []
