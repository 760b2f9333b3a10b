"""The composed service: migrate creates and seeds, the API serves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from delivery_shared.http.tokens import TokenIssuer
from delivery_shared.service import Settings
from template_svc.main import service

pytestmark = pytest.mark.integration


def test_migrate_then_serve(database_url: str, issuer: TokenIssuer) -> None:
    transport: Any = None
    composed = service(
        Settings(database_url=database_url, broker=None, schema="composed", public_keys=json.dumps(issuer.public_jwks)),
        transport,
    )
    client = composed.create_api().test_client()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code != 200
    composed.migrate()
    composed.migrate()
    assert client.get("/readyz").status_code == 200
    assert (composed.name, [feed.source for feed in composed.consumers]) == ("template", ["identity"])
    composed.close()
