"""One clock everywhere: what dispatch does happens at the time of the platform, also where that was moved."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from delivery_shared.contracts import template
from delivery_shared.messaging.memory import MemoryTransport
from delivery_shared.service import Settings
from dispatch_svc.domain.facts import MemberSet
from dispatch_svc.main import service
from dispatch_svc.status import queue_status
from dispatch_svc.store import DispatchStore

from .conftest import Account

pytestmark = pytest.mark.integration
AHEAD = timedelta(days=3)


@pytest.fixture(params=["movable", "fixed"])
def composed(shop: Any, issuer: Any, request: Any) -> Any:
    """The service as composed, three days ahead – where its clock may be moved."""
    for seconds in (60, AHEAD.total_seconds(), AHEAD.total_seconds()):
        shop.tell(template.ClockMoved(offset_seconds=int(seconds), moved_at=datetime.now(UTC)))
    settings = Settings(
        database_url=shop.database_url,
        broker=None,
        schema=shop.store.schema,
        public_keys=json.dumps(issuer.public_jwks),
        environment={"DELIVERY_MOVABLE_CLOCK": "1"} if request.param == "movable" else {},
    )
    found = service(settings, MemoryTransport())
    yield found, datetime.now(UTC) + (AHEAD if request.param == "movable" else timedelta(0))
    found.close()


def near(at: datetime, expected: datetime) -> bool:
    return abs(at - expected) < timedelta(minutes=2)


def test_a_setting_is_made_at_the_time_of_the_platform(shop: Any, composed: Any, sign_in: Any) -> None:
    running, now = composed
    person = shop.person("p", "designer", provider="provider")
    admin = Account(running.create_api().test_client(), sign_in("main", "provider").token)
    answer = admin("PUT", f"staff-loads/{person}", {"maximum": 3, "receiving": True}, Idempotency_Key="k")
    assert answer.status_code == 200
    fact = list(shop.store.events.get(shop.staff().id))[-1]
    assert isinstance(fact, MemberSet)
    assert near(fact.timestamp, now)


@pytest.mark.requirement("D-16")
def test_an_attempt_is_not_before_the_entry_of_its_ask(
    shop: Any, composed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, now = composed
    assert isinstance(running.store, DispatchStore)
    shop.ask("A", requested_at=now - timedelta(seconds=90))
    monkeypatch.setattr(shop.store, "clock", running.store.clock)
    shop.serve()
    (row,) = shop.rows("SELECT i.queued_at, c.last_attempt FROM pool_inbox i JOIN pool_class c USING (pool, class)")
    assert row["queued_at"] < row["last_attempt"]
    assert near(row["last_attempt"], now)
    assert 80 < queue_status(running.store).oldest_waiting_seconds < 200
