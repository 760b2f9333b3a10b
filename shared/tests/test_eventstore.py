"""Events, position, command id and own rows are stored together or not at all."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.commands import Command, KeyReused, Outcome, Receipt, execute, outcome_of, remembered
from delivery_shared.eventstore import (
    REACHABLE,
    CommandDone,
    DeliveryRecorder,
    EventStore,
    PositionMoved,
    RowChange,
    UnitOfWork,
    VersionConflict,
    WorkChanged,
)
from delivery_shared.messaging.consumer import DATABASE_DOWN
from delivery_shared.projection import connect
from delivery_shared.testing.fixtures import eventually
from eventsourcing.persistence import OperationalError
from sqlalchemy import text
from toy import Account, Accounts, credit, note, open_account

from tools.private_servers import private_postgres

pytestmark = pytest.mark.integration


def count(store: EventStore, table: str) -> int:
    with store.connection() as connection:
        return connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone()["n"]  # type: ignore[index]


def test_a_save_tells_the_position_of_its_last_published_event(accounts: EventStore) -> None:
    account = open_account(uuid4())
    credit(account, 1)
    note(account, "private")
    saved = accounts.save_all([account])
    assert saved.position == 2
    assert saved.last == (account.id, 3)
    assert accounts.save_all([], []).position is None


def test_bulk_loading_equals_the_live_aggregates_with_and_without_snapshots(ledger: EventStore) -> None:
    live = [open_account(uuid4()) for _ in range(5)]
    for n, account in enumerate(live):
        for amount in range(n * 30):
            credit(account, amount)
    ledger.save_all(live)
    with ledger.connection() as connection:
        snapshots = connection.execute("SELECT count(*) AS n FROM ledger_snapshots").fetchone()
    assert snapshots == {"n": 1 + 1 + 2}  # 31, 61, 91 and 121 events, one snapshot every 50
    loaded = ledger.load_all([a.id for a in live] + [uuid4()])
    assert [loaded[a.id].balance for a in live] == [a.balance for a in live]
    assert [loaded[a.id].version for a in live] == [a.version for a in live]
    assert len(loaded) == 5


def test_bulk_loading_never_reads_the_whole_table(ledger: EventStore) -> None:
    """Without statistics, as in an installation that has just begun, the database expects few aggregates in it."""
    live = [open_account(uuid4()) for _ in range(100)]
    ledger.save_all(live)
    with ledger.connection() as connection:
        connection.execute("ALTER TABLE ledger_events SET (autovacuum_enabled = false)")
        connection.execute(
            "INSERT INTO ledger_events (originator_id, originator_version, topic, state)"
            " SELECT md5((n / 25)::text)::uuid, n % 25 + 1, 'x', '' FROM generate_series(1, 20000) AS n"
        )

    def scans() -> tuple[int, int, int]:
        """How often the table was read whole and by an index, and its rows, as far as the server has counted."""
        with ledger.connection() as connection:
            query = "SELECT * FROM pg_stat_user_tables WHERE relid = 'ledger_events'::regclass"
            row: Any = connection.execute(query).fetchone()
        return row["seq_scan"], row["idx_scan"], row["n_live_tup"]

    eventually(lambda: scans()[2] == 20_100)
    whole, by_index, _ = scans()
    assert len(ledger.load_all([a.id for a in live])) == 100
    eventually(lambda: scans()[:2] != (whole, by_index))
    assert scans()[:2] == (whole, by_index + 100)


def test_statements_are_not_compiled(accounts: EventStore, database_url: str) -> None:
    """Neither an event store's nor a read model's (ADR 0020)."""
    with accounts.connection() as connection:
        assert connection.execute("SHOW jit").fetchone() == {"jit": "off"}
    engine = connect(database_url, accounts.schema)
    with engine.connect() as read_model:
        assert read_model.execute(text("SHOW jit")).scalar_one() == "off"
    engine.dispose()


def test_two_decisions_on_the_same_version_conflict(accounts: EventStore) -> None:
    account = open_account(uuid4())
    accounts.save_all([account])
    first, second = (accounts.find(Account, account.id)[account.id] for _ in range(2))
    credit(first, 1)
    credit(second, 2)
    accounts.save_all([first])
    with pytest.raises(VersionConflict):
        accounts.save_all([second])
    assert accounts.find(Account, account.id)[account.id].balance == 1


@pytest.mark.parametrize("error", [PositionMoved, CommandDone, WorkChanged])
def test_a_row_that_is_not_as_expected_undoes_the_whole_save(accounts: EventStore, error: Any) -> None:
    account = open_account(uuid4())
    changes = [
        RowChange(sql="INSERT INTO seen VALUES (%(n)s)", params={"n": 1}),
        RowChange(sql="DELETE FROM seen WHERE source_id = %(n)s RETURNING 1", params={"n": 99}, key="x", or_else=error),
    ]
    with pytest.raises(error):
        accounts.save_all([account], changes)
    assert count(accounts, "seen") == 0
    assert count(accounts, "dispatch_events") == 0


class OnceAnswered(dict[str, Any]):
    """Parameters that are ready only when the server has carried out what it was sent before and waits for more."""

    def __init__(self, store: EventStore, **values: Any) -> None:
        super().__init__(values)
        self.store = store

    def __getitem__(self, name: str) -> Any:
        with self.store.connection() as connection:
            waiting = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientRead' AND query LIKE 'SELECT repeat%'"
                " AND datname = current_database() AND state = 'active'"
            )
            eventually(lambda: connection.execute(waiting).fetchone())
        return super().__getitem__(name)


@pytest.mark.parametrize("there", [True, False])
def test_a_compare_and_set_reads_its_own_answer(accounts: EventStore, there: bool) -> None:
    """The server sends the answers of a pipeline as its buffer fills: the one of an earlier row is there already."""
    changes = [
        RowChange(sql="INSERT INTO seen VALUES (1)", params={}),
        RowChange(sql="SELECT repeat('x', 20000)", params={}),
        RowChange(
            sql="SELECT 1 WHERE %(there)s", params=OnceAnswered(accounts, there=there), key="x", or_else=WorkChanged
        ),
    ]
    if there:
        accounts.save_all([], changes)
    else:
        with pytest.raises(WorkChanged):
            accounts.save_all([], changes)
    assert count(accounts, "seen") == int(there)


def test_a_save_that_stalls_in_the_middle_lets_go_of_its_rows(
    accounts: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a process that halts where it has the answer to a compare-and-set and has not asked for the table yet, when
    it stays away, then others can store the row; going on, it finds that its own decision is out of date."""
    halted, go_on, found = threading.Event(), threading.Event(), list[BaseException]()
    lock_table = DeliveryRecorder._lock_table

    def stall(recorder: DeliveryRecorder, cursor: Any) -> None:
        if threading.current_thread() is stalled:
            halted.set()
            go_on.wait(60)
        lock_table(recorder, cursor)

    def take(by: int) -> None:
        sql = "UPDATE seen SET source_id = %(by)s WHERE source_id = 1 RETURNING 1"
        accounts.save_all(
            [open_account(uuid4())], [RowChange(sql=sql, params={"by": by}, key="1", or_else=WorkChanged)]
        )

    def first() -> None:
        try:
            take(2)
        except WorkChanged as error:
            found.append(error)

    def another() -> bool:
        with suppress(OperationalError):
            take(3)
            return True
        return False

    stalled = threading.Thread(target=first)
    monkeypatch.setattr(DeliveryRecorder, "_lock_table", stall)
    accounts.save_all([], [RowChange(sql="INSERT INTO seen VALUES (1)", params={})])
    stalled.start()
    try:
        assert halted.wait(10)
        eventually(another)
    finally:
        go_on.set()
        stalled.join(30)
    assert [type(error) for error in found] == [WorkChanged]
    assert count(accounts, "dispatch_events") == 1


def test_rows_are_stored_without_any_event(accounts: EventStore) -> None:
    accounts.save_all([], [RowChange(sql="INSERT INTO seen VALUES (%(n)s)", params={"n": 7})])
    assert count(accounts, "seen") == 1


def opening(account_id: Any) -> Any:
    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        unit.add(open_account(account_id))
        return 201, {"id": str(account_id)}

    return decide


def test_the_same_key_carries_the_command_out_once_and_answers_the_same(accounts: EventStore) -> None:
    command = Command(caller="c", route="POST /x", fingerprint="f", keyed=True)
    first = execute(accounts, command, opening(uuid4()))
    again = execute(accounts, command, opening(uuid4()))
    assert (first.status, first.position, first.replayed) == (201, "dispatch:1", False)
    assert (again.status, again.body, again.position, again.replayed) == (201, first.body, "dispatch:1", True)
    assert count(accounts, "dispatch_events") == 1


def test_the_same_key_with_another_body_is_refused(accounts: EventStore) -> None:
    command = Command(caller="c", route="POST /x", fingerprint="f", keyed=True)
    execute(accounts, command, opening(uuid4()))
    with pytest.raises(KeyReused):
        execute(accounts, Command(id=command.id, fingerprint="other", keyed=True), opening(uuid4()))
    assert count(accounts, "dispatch_events") == 1


def test_a_command_repeated_after_an_unknown_commit_finds_itself(accounts: EventStore) -> None:
    """Given the commit happened and its answer was lost, when decided again, then nothing happens twice."""
    command = Command(route="POST /x")
    account_id = uuid4()
    first = execute(accounts, command, opening(account_id))
    again = execute(accounts, command, opening(account_id))
    assert again.replayed
    assert again.body == first.body
    assert count(accounts, "dispatch_events") == 1


def test_commands_that_race_are_all_carried_out(accounts: EventStore) -> None:
    import threading

    account = open_account(uuid4())
    accounts.save_all([account])

    def ten_times() -> None:
        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            found = unit.get(Account, account.id)
            assert found is not None
            credit(found, 1)
            return 200, {}

        for _ in range(10):
            execute(accounts, Command(), decide)

    threads = [threading.Thread(target=ten_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert accounts.find(Account, account.id)[account.id].balance == 40
    assert count(accounts, "command") == 40


def test_a_row_that_breaks_a_constraint_is_told_whenever_its_error_arrives(
    accounts: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers as soon as a statement fails, which may be while the next ones are still being sent."""
    accounts.save_all([], [RowChange(sql="INSERT INTO seen VALUES (1)", params={})])
    tried: list[int] = []
    lock = DeliveryRecorder._lock_table

    def slowly(self: DeliveryRecorder, cursor: Any) -> None:
        tried.append(1)
        time.sleep(0.1)
        lock(self, cursor)

    monkeypatch.setattr(DeliveryRecorder, "_lock_table", slowly)
    with pytest.raises(VersionConflict, match="duplicate key"):
        accounts.save_all([open_account(uuid4())], [RowChange(sql="INSERT INTO seen VALUES (1)", params={})])
    assert tried == [1]
    assert count(accounts, "dispatch_events") == 0


def answers(store: EventStore) -> bool:
    """Whether the database can be asked; it takes as long to say no as a request waits for a connection."""
    try:
        with store.connection() as connection:
            return connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    except DATABASE_DOWN:
        return False


def test_the_store_is_well_soon_after_its_database_however_long_that_was_away() -> None:
    """C1: attempts came 1, 2, 4 … 128 seconds apart, so an outage of a minute was one of two."""
    with private_postgres() as postgres, Accounts(database_url=postgres.url, schema="toy") as store:
        assert answers(store)
        postgres.kill9()
        gone = time.monotonic()
        while time.monotonic() - gone < 9:  # the next of those attempts would be six seconds away
            assert not answers(store)
        postgres.start()
        back = time.monotonic()
        assert answers(store)
        assert time.monotonic() - back < 2.5


def test_a_database_that_does_not_answer_is_given_up(accounts: EventStore, database_url: str) -> None:
    """A machine that is gone refuses nothing: without limits a connect or a statement would wait for minutes."""
    with accounts.connection() as connection:
        given = [connection.info.get_parameters()]
    engine = connect(database_url, "toy")
    with engine.connect() as session:
        given.append(session.connection.dbapi_connection.info.dsn_parameters)  # type: ignore[union-attr]
    engine.dispose()
    for parameters in given:
        assert {name: parameters[name] for name in REACHABLE} == {name: str(n) for name, n in REACHABLE.items()}


def saving_on_one_connection(store: EventStore, times: int) -> None:
    """So often that every statement of a save is prepared."""
    for _ in range(times):
        execute(store, Command(), opening(uuid4()))


@pytest.mark.parametrize("prepared", [0, 1, 7])
def test_a_failed_save_leaves_a_connection_that_saves_on(accounts: EventStore, prepared: int) -> None:
    """Given statements are about to be prepared, or are, when a save fails, then its connection goes on: the
    server has forgotten what was prepared in the failed pipeline, and so has the client."""
    account = open_account(uuid4())
    accounts.save_all([account])
    saving_on_one_connection(accounts, prepared)
    first, second = (accounts.find(Account, account.id)[account.id] for _ in range(2))
    credit(first, 1)
    credit(second, 2)
    accounts.save_all([first])
    with pytest.raises(VersionConflict):
        accounts.save_all([second])
    again = [remembered([Receipt.of(Command(), 200, {}, [])])]
    accounts.save_all([], again)
    with pytest.raises(CommandDone):
        accounts.save_all([], again)
    saving_on_one_connection(accounts, 3)
    with accounts.connection() as connection:
        assert connection.execute("SELECT count(*) AS n FROM pg_prepared_statements").fetchone() != {"n": 0}
    lost = accounts.events_recorder.datastore.pool.get_stats()
    assert (lost.get("connections_lost", 0), lost.get("returns_bad", 0)) == (0, 0)
    assert count(accounts, "command") == 1 + prepared + 3
    assert accounts.find(Account, account.id)[account.id].balance == 1


def test_commands_are_remembered_each_for_itself(accounts: EventStore) -> None:
    """In one statement, whatever each of them told."""
    account = open_account(uuid4())
    told, silent = Command(caller="a", route="POST /a", fingerprint="f"), Command(caller="b", route="POST /b")
    accounts.save_all(
        [account],
        [
            remembered(
                [Receipt.of(told, 201, {"id": "一"}, [account]), Receipt.of(silent, 200, {"list": [1, None]}, [])]
            )
        ],
    )
    first, second = outcome_of(accounts, told), outcome_of(accounts, silent)
    assert first == Outcome(status=201, body={"id": "一"}, position="dispatch:1", replayed=True)
    assert second == Outcome(status=200, body={"list": [1, None]}, position=None, replayed=True)


def test_a_command_done_before_undoes_the_save_of_all(accounts: EventStore) -> None:
    done, fresh = Command(), Command()
    accounts.save_all([], [remembered([Receipt.of(done, 200, {}, [])])])
    with pytest.raises(CommandDone):
        accounts.save_all(
            [open_account(uuid4())],
            [remembered([Receipt.of(fresh, 200, {}, []), Receipt.of(done, 200, {}, [])])],
        )
    assert outcome_of(accounts, fresh) is None
    assert count(accounts, "dispatch_events") == 0


def test_a_later_row_that_fails_since_an_earlier_one_did_nothing_is_not_the_reason(accounts: EventStore) -> None:
    accounts.save_all([], [RowChange(sql="INSERT INTO seen VALUES (1)", params={})])
    changes = [
        RowChange(sql="DELETE FROM seen WHERE source_id = 99 RETURNING 1", params={}, key="1", or_else=WorkChanged),
        RowChange(sql="INSERT INTO seen VALUES (1)", params={}, key="2"),
    ]
    with pytest.raises(WorkChanged):
        accounts.save_all([open_account(uuid4())], changes)
    assert count(accounts, "seen") == 1


def test_a_connection_that_the_server_has_closed_is_not_used(accounts: EventStore, database_url: str) -> None:
    """Nobody is asked before each use, so this must be seen without asking."""
    with accounts.connection() as connection:
        server = connection.info.backend_pid
    engine = connect(database_url, accounts.schema)
    with engine.begin() as other:
        assert other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": server}).scalar_one()
    engine.dispose()
    with accounts.connection() as connection:
        assert connection.info.backend_pid != server
        assert connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}


def test_nor_is_one_of_a_read_model(accounts: EventStore, database_url: str) -> None:
    """All of the pool may have been closed."""
    engine = connect(database_url, accounts.schema)
    server = text("SELECT pg_backend_pid()")
    with engine.connect() as one, engine.connect() as two:
        closed = [session.execute(server).scalar_one() for session in (one, two)]
    with accounts.connection() as connection:
        for pid in closed:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with engine.connect() as one, engine.connect() as two:
        assert {session.execute(server).scalar_one() for session in (one, two)}.isdisjoint(closed)
    engine.dispose()
