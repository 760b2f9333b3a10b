"""The checks find what is wrong: each violation planted, each found by its check."""

from __future__ import annotations

import threading
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from delivery_shared.clock import Clock
from delivery_shared.testing.fixtures import eventually
from dispatch_svc import sweep, verify
from dispatch_svc.domain import employing
from dispatch_svc.domain.facts import PersonChosen
from dispatch_svc.status import GAUGES, queue_status

pytestmark = pytest.mark.integration
NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


@pytest.fixture
def busy(shop: Any) -> Any:
    """One project with provider and person, one that waits for a person."""
    shop.person("p", "designer", provider="provider", maximum=1)
    shop.order("A")
    shop.serve()
    shop.ask("A")
    shop.ask("B")
    shop.serve()
    assert verify.verify(shop.store, older_than=0) == []
    return shop


def choose(shop: Any, **more: Any) -> None:
    pool = shop.staff()
    values: dict[str, Any] = {
        "request_id": id_of("x"),
        "project_id": id_of("x"),
        "run": 1,
        "cls": "designer",
        "arrival": 10_000,
        "attempts": 0,
        "how": "assign",
        "person_id": id_of("p"),
        "counted": True,
        "seed": 1,
        "tied": [],
        "excluded": {},
        **more,
    }
    pool.tell(PersonChosen(**values), at=NOON)
    shop.store.save_all([pool])


def test_a_decision_above_the_maximum_is_found(busy: Any) -> None:
    choose(busy)
    (found,) = verify.capacity_and_order(busy.store)
    assert "holding 1 of 1" in found
    assert len(verify.counts(busy.store)) == 1


@pytest.mark.requirement("D-52")
def test_a_claim_above_the_maximum_is_none(busy: Any) -> None:
    choose(busy, how="claim")
    assert verify.capacity_and_order(busy.store) == []


def test_overtaking_is_found(busy: Any) -> None:
    busy.change(busy.staff(), lambda p: employing.set_load(p, person_id=id_of("p"), maximum=9, at=NOON))
    choose(busy, arrival=10_000)
    choose(busy, arrival=9_999)
    assert [v for v in verify.capacity_and_order(busy.store) if "was served after arrival 10000" in v] != []
    choose(busy, arrival=9_998, attempts=1)
    assert len(verify.capacity_and_order(busy.store)) == 1


def test_a_lost_row_is_found(busy: Any) -> None:
    busy.rows("DELETE FROM pool_inbox")
    (found,) = verify.requests(busy.store)
    assert "waits but is in no inbox" in found


def test_a_stray_row_and_a_wrong_suspension_are_found(busy: Any) -> None:
    busy.rows("UPDATE pool_inbox SET suspended = true")
    assert "its project is not alike" in verify.requests(busy.store)[0]
    busy.rows("UPDATE pool_inbox SET suspended = false, ask = 'stray'")
    assert len(verify.requests(busy.store)) == 2


def test_a_count_that_no_project_holds_is_found(busy: Any) -> None:
    busy.rows("ALTER TABLE dispatch_events DISABLE TRIGGER append_only")
    busy.rows("DELETE FROM dispatch_events WHERE topic = 'dispatch:Assignment.ProviderAssigned'")
    busy.rows("DELETE FROM dispatch_events WHERE originator_id = %s AND originator_version > 2", id_of("A"))
    assert any("holds 0 but is counted 1" in v for v in verify.counts(busy.store))


def test_a_pending_release_counts(busy: Any) -> None:
    busy.complete("A")
    assert verify.counts(busy.store) == []
    busy.rows("DELETE FROM pool_inbox WHERE kind = 'release'")
    assert len(verify.counts(busy.store)) == 2


def test_somebody_waiting_beside_idle_capacity_is_found(busy: Any) -> None:
    busy.change(busy.staff(), lambda p: employing.set_load(p, person_id=id_of("p"), maximum=9, at=NOON))
    assert verify.idle(busy.store, older_than=60) == []
    busy.rows("DELETE FROM wake")
    (found,) = verify.idle(busy.store, older_than=60)
    assert "beside idle capacity" in found


def test_an_old_wake_and_a_parked_row_are_found(busy: Any) -> None:
    busy.order("C")
    assert verify.wakes(busy.store, older_than=60) == []
    assert len(verify.wakes(busy.store, older_than=0)) == 1
    busy.rows("UPDATE pool_inbox SET parked_at = now(), error = 'why' WHERE order_number = 'C'")
    (found,) = verify.parked(busy.store)
    assert found.endswith("is parked: why")


# The sweep, which keeps most of these from happening


def test_forgotten_wakes_are_hinted_again(shop: Any) -> None:
    shop.order("A")
    shop.hinted.clear()
    assert sweep.resend(shop.store, older_than=60) == 0
    assert sweep.resend(shop.store, older_than=0) == 1
    assert len(shop.hinted) == 1


@pytest.mark.requirement("D-09", "D-16", "D-31", "D-39")
def test_the_hourly_poll_tries_every_pool_with_waiting_asks(busy: Any) -> None:
    (before,) = busy.rows("SELECT last_attempt FROM pool_class")
    busy.rows("DELETE FROM wake")
    assert sweep.poll(busy.store) == 1
    busy.serve()
    (after,) = busy.rows("SELECT last_attempt FROM pool_class")
    assert after["last_attempt"] > before["last_attempt"]
    assert busy.waiting() == {"B": "staff_full"}
    busy.pause("B")
    assert sweep.poll(busy.store) == 0


def test_retries_that_are_due_wake_their_pool(busy: Any) -> None:
    busy.rows("UPDATE pool_inbox SET next_try = now() + interval '1 hour'")
    assert sweep.wake_retries(busy.store) == 0
    busy.rows("UPDATE pool_inbox SET next_try = now()")
    assert sweep.wake_retries(busy.store) == 1
    busy.serve()
    assert sweep.wake_retries(busy.store) == 0


class Moved(Clock):
    """A clock that is set by hand."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.mark.requirement("D-09", "D-16", "D-31", "D-39", "D-66")
def test_the_poll_comes_on_the_hour_and_once_per_hour(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between full hours nothing is tried; at 14:00 in Shanghai the attempt is of 14:00 (sample L404)."""
    clock = Moved(datetime(2019, 10, 25, 5, 10, tzinfo=UTC))
    monkeypatch.setattr(busy.store, "clock", clock)

    def attempt() -> datetime:
        busy.serve()
        (row,) = busy.rows("SELECT last_attempt FROM pool_class")
        found: datetime = row["last_attempt"]
        return found

    polled = sweep.poll_hourly(busy.store, None)
    started = attempt()
    assert started == clock.at
    for at in (datetime(2019, 10, 25, 5, 30, tzinfo=UTC), datetime(2019, 10, 25, 5, 59, 59, 999_999, tzinfo=UTC)):
        clock.at = at
        polled = sweep.poll_hourly(busy.store, polled)
        assert attempt() == started
    clock.at = datetime(2019, 10, 25, 6, 0, tzinfo=UTC)
    polled = sweep.poll_hourly(busy.store, polled)
    assert attempt() == clock.at
    assert busy.waiting() == {"B": "staff_full"}
    polled = sweep.poll_hourly(busy.store, polled)
    assert busy.rows("SELECT 1 FROM wake") == []
    clock.at = datetime(2019, 10, 25, 9, 30, tzinfo=UTC)
    sweep.poll_hourly(busy.store, polled)
    assert attempt() == clock.at


@pytest.mark.requirement("D-09", "D-31")
def test_the_sweep_follows_the_clock_by_itself(busy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved(datetime(2019, 10, 25, 5, 59, tzinfo=UTC))
    monkeypatch.setattr(busy.store, "clock", clock)
    monkeypatch.setattr(sweep, "EVERY", 0.01)
    polls: list[datetime] = []
    monkeypatch.setattr(sweep, "poll", lambda store: polls.append(store.clock.now()))
    stopping = threading.Event()
    thread = threading.Thread(target=sweep.sweep, args=(busy.store, stopping))
    thread.start()
    try:
        eventually(lambda: len(polls) == 1)
        clock.at = datetime(2019, 10, 25, 6, 0, tzinfo=UTC)
        eventually(lambda: len(polls) == 2)
    finally:
        stopping.set()
        thread.join(10)
    assert polls == [datetime(2019, 10, 25, 5, 59, tzinfo=UTC), clock.at]


def test_hours_begin_on_the_hour() -> None:
    assert sweep.hour_of(datetime(2019, 10, 25, 6, 59, 59, tzinfo=UTC)) == datetime(2019, 10, 25, 6, tzinfo=UTC)


def test_the_status_tells_how_much_waits_and_every_figure_has_a_gauge(busy: Any) -> None:
    status = asdict(queue_status(busy.store))
    assert status.pop("oldest_waiting_seconds") > 0
    assert status == {"waiting": 1, "wakes": 0, "oldest_wake_seconds": 0.0, "parked": 0}
    assert GAUGES.keys() == {*status, "oldest_waiting_seconds"}
