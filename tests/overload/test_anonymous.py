"""Nobody known sends every header there is, as fast as the gateway lets one address: whoever is signed in is served
all the same (S1)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from delivery_center.composition import COMPOSE
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.running.processes import System

from tests.faults.outage import operator_token, renewed
from tests.overload.anonymous import HEADERS, anonymous
from tests.overload.load import Answers, open_loop
from tests.overload.serving import Watch

pytestmark = pytest.mark.overload

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
RATE = 30.0
"""Requests a second; four were enough to hold all threads for good."""
SERVED = 4.0
"""Seconds within which most of those signed in are served, on a busy machine; it was 8 to 9 on an idle one."""


def under_fire(system: System, service: str, *, seconds: float, seed: int) -> tuple[Answers, Watch]:
    """The answers nobody known got of ``service``, and those of somebody signed in meanwhile."""
    base, path = system.base_url(service), f"/api/v1/{service}-status"
    headers = renewed(system, operator_token(system))
    with Watch(f"{base}{path}", headers=headers, every=0.2) as served:
        came = open_loop(anonymous(base, path, seed), rate=RATE, seconds=seconds, seed=seed)
    return came, served


def test_every_header_of_the_document_is_sent() -> None:
    named = [parameter["name"] for parameter in DOCUMENT["components"]["parameters"].values()]
    assert {"Delivery-Min-Position", "Idempotency-Key", "If-Match"} == set(named)
    in_operations = {
        parameter["name"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for parameter in operation.get("parameters", [])
        if parameter.get("in") == "header"
    }
    assert {*named, *in_operations} <= HEADERS.keys()


@pytest.mark.parametrize("service", COMPOSE)
def test_who_is_signed_in_is_served_while_nobody_known_sends_all_headers(
    installation: PreparedSystem, service: str
) -> None:
    began = time.monotonic()
    came, served = under_fire(installation.system, service, seconds=4, seed=len(service))
    assert {status for status, _, _ in came.kinds} <= {401, 405, 404}, came.kinds
    assert served.failed == 0
    assert served.quantile(0.9) < SERVED, (served.took, str(came))
    assert time.monotonic() - began < 30, "answered at once"
