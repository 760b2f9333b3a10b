"""A token that was revoked is refused by every service, not only by the one that issued it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_center.composition import COMPOSE, Center
from delivery_shared.contracts.identity import SessionsRevoked
from delivery_shared.http.revocation import REVOCATION_MATTERS, Revocations
from delivery_shared.http.tokens import LIFETIME, Claims, TokenIssuer
from delivery_shared.messaging.envelope import encode, open_message
from delivery_shared.testing.fixtures import eventually
from flask.testing import FlaskClient

from .conftest import Installation

pytestmark = pytest.mark.integration

ROUTE = {
    "template": "/api/v1/templates",
    "project": "/api/v1/files/00000000-0000-4000-8000-000000000001",
    "dispatch": "/api/v1/staff-loads",
    "intake": "/api/v1/connections",
    "notify": "/api/v1/messages",
    "reporting": "/api/v1/product-list",
}
"""A route of each service that feeds identity; identity itself looks at its own accounts."""


def token(issuer: TokenIssuer, user_id: UUID, at: datetime) -> str:
    signed, _ = issuer.issue(
        user_id=user_id, party_id=uuid4(), side="isv", main=True, roles=frozenset(), department_id=None, name="甲",
        must_change_password=False, session_id=uuid4(), issued_at=at,
    )  # fmt: skip
    return signed


def status(client: FlaskClient, path: str, signed: str) -> int:
    return client.get(path, headers={"Authorization": f"Bearer {signed}"}).status_code


def deliver(center: Center, service: str, *said: SessionsRevoked) -> None:
    """The messages reach the service's feed of identity, each twice."""
    [feed] = [consumer for consumer in center.services[service].consumers if consumer.source == "identity"]
    for contract in said:
        message = open_message(
            encode(contract, notification_id=1, prev=0, subject="1", subject_version=1, time=contract.before,
                   correlation_id="test", causation_id="test")
        )  # fmt: skip
        feed.commit([message, message], [])


def test_every_service_that_feeds_identity_is_here(center: Center) -> None:
    feeding = {name for name, s in center.services.items() if any(c.source == "identity" for c in s.consumers)}
    assert feeding == set(ROUTE) == set(COMPOSE) - {"identity"}


@pytest.mark.parametrize("service", ROUTE)
def test_a_revoked_token_is_refused(center: Center, issuer: TokenIssuer, service: str) -> None:
    client, path = center.services[service].create_api().test_client(), ROUTE[service]
    user_id, now = uuid4(), datetime.now(UTC)
    old, at_once, new = (token(issuer, user_id, now - timedelta(seconds=s)) for s in (10, 5, 4))
    other = token(issuer, uuid4(), now - timedelta(seconds=10))
    assert {status(client, path, t) for t in (old, at_once, new, other)} <= {200, 404}
    revoked = SessionsRevoked(user_id=user_id, before=now - timedelta(seconds=5))
    earlier = SessionsRevoked(user_id=user_id, before=now - timedelta(seconds=60))
    deliver(center, service, revoked, earlier)
    eventually(lambda: status(client, path, old) == 401)
    assert {status(client, path, t) for t in (at_once, new, other)} <= {200, 404}, "only what was issued before"


def claims(user_id: UUID, at: datetime) -> Claims:
    return Claims(
        user_id=user_id, party_id=uuid4(), side="isv", main=True, roles=frozenset(), department_id=None, name="甲",
        must_change_password=False, issued_at=at, expires_at=at + LIFETIME, session_id=uuid4(), jti=uuid4(),
    )  # fmt: skip


def test_revocations_are_read_once_for_many_requests_and_only_recent_ones() -> None:
    now, user_id = datetime.now(UTC), uuid4()
    reads: list[Any] = []

    def read(sql: str, params: Any) -> list[dict[str, Any]]:
        reads.append(params["since"])
        return [{"user_id": user_id, "before": now}]

    check: Callable[[Claims], bool] = Revocations(read, now=lambda: now, fresh=60)
    for _ in range(100):
        assert check(claims(user_id, now - timedelta(microseconds=1)))
        assert not check(claims(user_id, now))
        assert not check(claims(uuid4(), now - timedelta(hours=1)))
    assert reads == [now - REVOCATION_MATTERS]
    eager = Revocations(read, now=lambda: now, fresh=-1)
    assert eager(claims(user_id, now - timedelta(seconds=1)))
    assert eager(claims(user_id, now - timedelta(seconds=1)))
    assert len(reads) == 3


@pytest.mark.requirement("U-32")
def test_signing_out_ends_the_token_everywhere(installation: Installation) -> None:
    """End to end: identity revokes, every service hears of it."""
    admin = installation.rival.admin
    made = admin.post(
        "/api/v1/users", {"login_name": "linshi", "name": "临时", "side": "provider", "roles": ["designer"]}
    )
    leaver = admin.signed_in(made["login_name"], made["initial_password"])
    leaver.put("/api/v1/me/password", {"current_password": made["initial_password"], "new_password": "L4ng-genug-hier"})
    leaver = admin.signed_in(made["login_name"], "L4ng-genug-hier")
    paths = ("/api/v1/me", "/api/v1/messages", "/api/v1/purchased-services",
             "/api/v1/files/00000000-0000-4000-8000-000000000001", "/api/v1/receiving")  # fmt: skip

    def answers() -> set[int]:
        headers = {"Authorization": f"Bearer {leaver.token}"}
        return {leaver.http.get(leaver.address(path), headers=headers).status_code for path in paths}

    assert 401 not in answers()
    leaver.call("DELETE", "/api/v1/sessions/current")
    eventually(lambda: answers() == {401})
