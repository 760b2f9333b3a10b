"""Snapshots of another version of the code are found by what their events say, and taken anew."""

from __future__ import annotations

from uuid import uuid4

import pytest
from delivery_shared.eventstore import EventStore
from delivery_shared.snapshots import outdated, renew
from toy import Account, credit, open_account

pytestmark = pytest.mark.integration


def test_a_snapshot_that_lacks_what_its_events_tell_is_taken_anew(ledger: EventStore) -> None:
    short, whole, older = (open_account(uuid4()) for _ in range(3))
    for account, amounts in ((short, 3), (whole, 120), (older, 120)):
        for amount in range(amounts):
            credit(account, amount)
    ledger.save_all([short, whole, older])
    assert outdated(ledger) == []
    with ledger.connection() as connection:
        connection.execute(
            "UPDATE ledger_snapshots SET state = convert_to(regexp_replace(convert_from(state, 'UTF8'),"
            " '\"balance\": *[0-9]+', '\"balance\":1'), 'UTF8') WHERE originator_id = %s",
            (older.id,),
        )
    assert outdated(ledger) == [older.id]
    assert ledger.find(Account, older.id)[older.id].balance != older.balance
    renew(ledger, outdated(ledger))
    assert outdated(ledger) == []
    assert ledger.find(Account, older.id)[older.id].balance == older.balance
    with ledger.connection() as connection:
        counted = "SELECT originator_id AS id, count(*) AS n FROM ledger_snapshots GROUP BY 1"
        assert {row["id"]: row["n"] for row in connection.execute(counted)} == {whole.id: 2, older.id: 1}


def test_a_store_without_snapshots_has_none(accounts: EventStore) -> None:
    assert outdated(accounts) == []
