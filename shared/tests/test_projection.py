"""Read models: rows and position move together; what cannot be applied stops the feed until an operator skips it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest
from delivery_shared import projection
from delivery_shared.contracts.dispatch import MemberSet
from delivery_shared.eventstore import EventStore, PositionMoved
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.projection import Projection
from delivery_shared.testing.fixtures import eventually
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from toy import credit, open_account

pytestmark = pytest.mark.integration


@pytest.fixture
def engine(ledger: EventStore, database_url: str) -> Iterator[Engine]:
    url = make_url(database_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(url, connect_args={"options": f"-c search_path={ledger.schema}"})
    yield engine
    engine.dispose()


class Copy(Projection):
    """Notes the ids of its messages; one of 666 cannot be applied."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="copy", source="dispatch", engine=engine, contracts=[MemberSet])

    def write(self, connection: Connection, messages: Sequence[Message]) -> None:
        for message in messages:
            if isinstance(message.contract, MemberSet) and message.contract.maximum == 666:
                raise ValueError("poison")
        ids = [{"id": message.id} for message in messages]
        if ids:
            connection.execute(text("INSERT INTO seen (source_id) VALUES (:id)"), ids)


def seen(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [row.source_id for row in connection.execute(text("SELECT source_id FROM seen ORDER BY 1"))]


def test_a_projection_stops_at_what_it_cannot_apply_until_an_operator_skips_it(
    accounts: EventStore, engine: Engine
) -> None:
    account = open_account(uuid4())
    for amount in (1, 2, 666, 4):
        credit(account, amount)
    accounts.save_all([account])
    transport = MemoryTransport()
    transport.register(Outbox(accounts))
    projection = Copy(engine)
    feed = Feed(projection, transport)
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        eventually(lambda: feed.error and "Stopped" in feed.error)
        assert seen(engine) == [2, 3]
        assert projection.position().id == 3
        projection.skip(4)
        eventually(lambda: seen(engine) == [2, 3, 5])
        with pytest.raises(PositionMoved):
            projection.skip(4)
    finally:
        feed.stop()
        thread.join(10)
        transport.close()
    assert projection.position().id == 5


def test_rows_of_a_batch_and_its_position_are_stored_together(accounts: EventStore, engine: Engine) -> None:
    account = open_account(uuid4())
    credit(account, 1)
    accounts.save_all([account])
    projection = Copy(engine)
    old = projection.position()
    from delivery_shared.messaging.consumer import Position
    from delivery_shared.messaging.envelope import open_message

    message = open_message(Outbox(accounts).read(after=1, limit=1)[0].body)
    projection.apply([message], old, Position(2, None))
    with pytest.raises(PositionMoved):
        projection.apply([message], old, Position(2, None))
    assert seen(engine) == [2]


def test_what_stalls_in_a_transaction_is_ended_and_holds_nothing(
    ledger: EventStore, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a process that halts with rows locked, when it says nothing for a while, then others can store them."""
    monkeypatch.setattr(projection, "STALLED", 1)
    engine = projection.connect(database_url, ledger.schema)
    insert = text("INSERT INTO seen VALUES (1)")
    try:
        with engine.connect() as stalled, engine.begin() as other:
            stalled.execute(insert)
            other.execute(insert)
            with pytest.raises(OperationalError):
                stalled.commit()
    finally:
        engine.dispose()
    assert seen(engine) == [1]
