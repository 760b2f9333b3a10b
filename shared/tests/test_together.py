"""Commands that arrive at the same time are saved together, each with an outcome of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.commands import Command, Decide, KeyReused, Outcome
from delivery_shared.eventstore import EventStore, RowChange, UnitOfWork
from delivery_shared.testing.fixtures import eventually
from delivery_shared.together import Together
from delivery_shared.tracing import Trace, traced
from toy import Account, credit, open_account

pytestmark = pytest.mark.integration


class Refused(Exception):
    """A decision that says no."""


class Crowd:
    """Commands that all wait while the first one decides, and so travel together behind it."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.together = Together(store)
        self.saves = 0
        store.on_saved.append(self._saved)
        self._pool = ThreadPoolExecutor(16)
        self._open = threading.Event()
        self._held = threading.Event()

    def _saved(self) -> None:
        self.saves += 1

    def send(
        self, decide: Decide, command: Command | None = None, *streams: UUID, trace: str = "test"
    ) -> Future[Outcome]:
        def carry_out() -> Outcome:
            with traced(Trace(trace, "test")):
                return self.together.execute(command or Command(), decide, streams=streams)

        return self._pool.submit(carry_out)

    def hold(self) -> Future[Outcome]:
        """A first command that leads and does not end before :meth:`release`."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            self._held.set()
            assert self._open.wait(20)
            return 200, {"first": True}

        first = self.send(decide)
        assert self._held.wait(20)
        return first

    def release(self, waiting: int) -> None:
        eventually(lambda: len(self.together._queue) == waiting)
        self._open.set()


@pytest.fixture
def crowd(accounts: EventStore) -> Iterator[Crowd]:
    crowd = Crowd(accounts)
    yield crowd
    crowd._pool.shutdown()


def opening(account_id: UUID) -> Decide:
    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        if unit.get(Account, account_id) is not None:
            raise Refused("there")
        unit.add(open_account(account_id))
        return 201, {"id": str(account_id)}

    return decide


def crediting(account_id: UUID, amount: int = 1) -> Decide:
    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        account = unit.get(Account, account_id)
        assert account is not None
        credit(account, amount)
        return 200, {"balance": account.balance}

    return decide


def seeing(number: int, then: Callable[[], None] = lambda: None) -> Decide:
    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        unit.rows.append(RowChange(sql="INSERT INTO seen VALUES (%(n)s)", params={"n": number}, key=str(number)))
        then()
        return 200, {"seen": number}

    return decide


def seen(store: EventStore) -> list[int]:
    with store.connection() as connection:
        return [row["source_id"] for row in connection.execute("SELECT * FROM seen ORDER BY 1").fetchall()]


def commands(store: EventStore) -> int:
    with store.connection() as connection:
        return connection.execute("SELECT count(*) AS n FROM command").fetchone()["n"]  # type: ignore[index]


def test_what_comes_while_another_is_saved_is_saved_at_once_with_positions_and_traces_of_its_own(
    crowd: Crowd, accounts: EventStore
) -> None:
    first = crowd.hold()
    ids = [uuid4() for _ in range(8)]
    sent = [crowd.send(opening(i), trace=str(i)) for i in ids]
    crowd.release(8)
    assert first.result().body == {"first": True}
    outcomes = [future.result() for future in sent]
    assert [outcome.body["id"] for outcome in outcomes] == [str(i) for i in ids]
    assert {outcome.status for outcome in outcomes} == {201}
    assert crowd.saves == 2
    assert commands(accounts) == 9
    for account_id, outcome in zip(ids, outcomes, strict=True):
        with accounts.connection() as connection:
            row: Any = connection.execute(
                "SELECT notification_id, state FROM dispatch_events WHERE originator_id = %s", (account_id,)
            ).fetchone()
        assert outcome.position == f"dispatch:{row['notification_id']}"
        assert f'"correlation_id":"{account_id}"' in bytes(row["state"]).decode()
    assert len({outcome.position for outcome in outcomes}) == 8


def test_a_refused_one_leaves_nothing_and_holds_up_nobody(crowd: Crowd, accounts: EventStore) -> None:
    there = uuid4()
    accounts.save_all([open_account(there)])
    crowd.saves = 0

    def no() -> None:
        raise Refused("no")

    first = crowd.hold()
    sent = [crowd.send(seeing(1)), crowd.send(seeing(2, no)), crowd.send(opening(there)), crowd.send(seeing(3))]
    crowd.release(4)
    first.result()
    assert [sent[0].result().body, sent[3].result().body] == [{"seen": 1}, {"seen": 3}]
    for refused in (sent[1], sent[2]):
        with pytest.raises(Refused):
            refused.result()
    assert seen(accounts) == [1, 3]
    assert (crowd.saves, commands(accounts)) == (2, 3)


def test_two_that_change_one_aggregate_do_not_travel_together_and_both_arrive(
    crowd: Crowd, accounts: EventStore
) -> None:
    account, other = open_account(uuid4()), open_account(uuid4())
    accounts.save_all([account, other])
    crowd.saves = 0
    first = crowd.hold()
    sent = [crowd.send(crediting(account.id), None, account.id) for _ in range(3)]
    sent.append(crowd.send(crediting(other.id, 5), None, other.id))
    crowd.release(4)
    first.result()
    assert sorted(f.result().body["balance"] for f in sent[:3]) == [1, 2, 3]
    assert sent[3].result().body == {"balance": 5}
    assert accounts.find(Account, account.id)[account.id].balance == 3
    assert crowd.saves == 4  # the first; one account and the other; the account twice more


def test_after_a_conflict_each_goes_alone(crowd: Crowd, accounts: EventStore) -> None:
    account = open_account(uuid4())
    accounts.save_all([account])
    done: list[int] = []

    def meanwhile() -> None:
        if not done:
            done.append(1)
            rival = accounts.find(Account, account.id)[account.id]
            credit(rival, 100)
            accounts.save_all([rival])

    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        answer = crediting(account.id)(unit)
        meanwhile()
        return answer

    first = crowd.hold()
    sent = [crowd.send(decide), crowd.send(seeing(1)), crowd.send(seeing(2))]
    crowd.release(3)
    first.result()
    assert [future.result().body for future in sent] == [{"balance": 101}, {"seen": 1}, {"seen": 2}]
    assert seen(accounts) == [1, 2]
    assert commands(accounts) == 4


def test_one_that_breaks_a_constraint_breaks_only_itself(crowd: Crowd, accounts: EventStore) -> None:
    accounts.save_all([], [RowChange(sql="INSERT INTO seen VALUES (7)", params={})])

    def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        if 8 in seen(accounts) or (7 in seen(accounts) and decided):
            raise Refused("taken")
        decided.append(1)
        return seeing(7)(unit)

    decided: list[int] = []
    first = crowd.hold()
    sent = [crowd.send(seeing(1)), crowd.send(decide), crowd.send(seeing(2))]
    crowd.release(3)
    first.result()
    assert [sent[0].result().body, sent[2].result().body] == [{"seen": 1}, {"seen": 2}]
    with pytest.raises(Refused):
        sent[1].result()
    assert seen(accounts) == [1, 2, 7]


def test_facts_told_before_a_refusal_are_taken_back(crowd: Crowd, accounts: EventStore) -> None:
    account = open_account(uuid4())
    accounts.save_all([account])

    def half(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
        crediting(account.id, 50)(unit)
        raise Refused("too late")

    first = crowd.hold()
    sent = [crowd.send(half), crowd.send(seeing(1))]
    crowd.release(2)
    first.result()
    with pytest.raises(Refused):
        sent[0].result()
    assert sent[1].result().body == {"seen": 1}
    assert accounts.find(Account, account.id)[account.id].balance == 0


def test_the_same_key_twice_in_one_crowd_is_carried_out_once(crowd: Crowd, accounts: EventStore) -> None:
    account = open_account(uuid4())
    accounts.save_all([account])
    key = Command(id=uuid4(), keyed=True, fingerprint="a", route="r", caller="c")
    other = Command(id=key.id, keyed=True, fingerprint="b", route="r", caller="c")
    first = crowd.hold()
    sent = [crowd.send(crediting(account.id), key) for _ in range(2)]
    sent.append(crowd.send(seeing(1), other))
    crowd.release(3)
    first.result()
    outcomes = [future.exception() or future.result() for future in sent]
    assert sum(isinstance(o, KeyReused) for o in outcomes) in (1, 2)
    told = [o for o in outcomes if isinstance(o, Outcome)]
    assert len({tuple(o.body.items()) for o in told}) == 1
    assert accounts.find(Account, account.id)[account.id].balance in (0, 1)
    assert sum(o.replayed for o in told) == len(told) - 1


def test_a_leader_serves_at_most_so_many_and_hands_over(accounts: EventStore) -> None:
    crowd = Crowd(accounts)
    crowd.together._most = 3
    first = crowd.hold()
    sent = [crowd.send(seeing(n)) for n in range(8)]
    crowd.release(8)
    first.result()
    assert {future.result().status for future in sent} == {200}
    assert seen(accounts) == list(range(8))
    assert crowd.saves == 1 + 3
    crowd._pool.shutdown()


def test_many_at_once_lose_and_double_nothing(crowd: Crowd, accounts: EventStore) -> None:
    live = [open_account(uuid4()) for _ in range(5)]
    accounts.save_all(live)
    crowd.saves = 0
    sent = [crowd.send(crediting(live[n % 5].id), None, live[n % 5].id) for n in range(200)]
    assert {future.result().status for future in sent} == {200}
    found = accounts.find(Account, *[a.id for a in live])
    assert [found[a.id].balance for a in live] == [40] * 5
    assert commands(accounts) == 200
    assert not crowd.together._queue
    assert not crowd.together._led
    assert crowd.saves < 200
