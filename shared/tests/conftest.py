"""The toy service's stores, each in a schema of its own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.migrate import migrate
from toy import Accounts, Ledger


def _migrated(store: EventStore, database_url: str) -> EventStore:
    migrate(database_url=database_url, schema=store.schema, package="toy", driver="psycopg", store=store)
    return store


@pytest.fixture
def accounts(database_url: str) -> Iterator[EventStore]:
    """The producer."""
    with Accounts(database_url=database_url, schema=f"a{uuid4().hex[:8]}") as store:
        yield _migrated(store, database_url)


@pytest.fixture
def ledger(database_url: str) -> Iterator[EventStore]:
    """The consumer."""
    with Ledger(database_url=database_url, schema=f"l{uuid4().hex[:8]}") as store:
        yield _migrated(store, database_url)
