"""The composed service: migrate creates, the API serves; without its database it says so and stores nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.service import Settings
from delivery_shared.testing.fixtures import scratch_database
from intake_svc.main import service

pytestmark = pytest.mark.integration


def test_migrate_then_serve(database_url: str, issuer: TokenIssuer) -> None:
    keys = json.dumps(issuer.public_jwks)
    composed = service(Settings(database_url=database_url, broker=None, schema="composed", public_keys=keys))
    client = composed.create_api().test_client()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code != 200
    composed.migrate()
    composed.migrate()
    assert client.get("/readyz").status_code == 200
    assert (composed.name, [feed.source for feed in composed.consumers]) == (
        "intake", ["template", "identity", "project"],
    )  # fmt: skip
    composed.close()


def test_without_its_database_a_marketplace_is_told_to_come_again(issuer: TokenIssuer) -> None:
    with scratch_database() as url:
        composed = service(Settings(database_url=url, broker=None, public_keys=json.dumps(issuer.public_jwks)))
        composed.migrate()
        client = composed.create_api().test_client()
        assert client.get("/intake/aliyun-spi/token?action=createInstance").status_code == 404
    answer: Any = client.get("/intake/aliyun-spi/token?action=createInstance")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    composed.close()
