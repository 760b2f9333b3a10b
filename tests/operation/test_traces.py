"""One trace from an HTTP request through RabbitMQ to the list a vendor sees, sent by real processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from delivery_center.load.prepared_system import PreparedSystem
from delivery_center.load.simulated_people import http_hands
from delivery_center.running.processes import System
from delivery_center.stories.story import REQUIREMENT
from delivery_shared.testing.fixtures import eventually
from delivery_shared.testing.otlp import Receiver, otlp_receiver

pytestmark = pytest.mark.faults

PROCESSES = ["project-api", "project-worker", "dispatch-worker", "dispatch-dispatcher", "reporting-worker"]
CLIENT = "00f067aa0ba902b7"
"""The span of whoever called."""


@pytest.fixture(scope="module")
def receiver(installation: PreparedSystem) -> Iterator[Receiver]:
    """The processes an order passes through, started anew with an endpoint for their traces; without it afterwards."""
    system: System = installation.system
    with otlp_receiver() as receiver:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        system.environment.update(settings)
        try:
            system.stop(PROCESSES)
            system.start(PROCESSES)
            yield receiver
        finally:
            for name in settings:
                del system.environment[name]
            assert set(system.stop(PROCESSES).values()) == {0}
            system.start(PROCESSES)


def test_one_trace_from_the_post_to_the_reporting_projection(installation: PreparedSystem, receiver: Receiver) -> None:
    trace_id = uuid4().hex
    (order,) = installation.orders(1)
    body = {
        "order_number": order.order_number,
        "business_number": order.business_number,
        "product_id": str(order.product_id),
        "customer": {"number": order.order_number, "name": "客户"},
    }
    headers = {
        "Idempotency-Key": order.business_number,
        "traceparent": f"00-{trace_id}-{CLIENT}-01",
        "X-Correlation-Id": trace_id,
    }
    with http_hands(installation.system, REQUIREMENT, threads=1) as hands:
        hands.send("POST", "/api/v1/orders", body, hands.token(uuid4(), uuid4(), "marketplace"), headers)

    path = [
        ("project-svc", "POST /api/v1/orders"),
        ("project-svc", "save project"),
        ("dispatch-svc", "apply project.provider_requested"),
        ("dispatch-svc", "decide ask"),
        ("reporting-svc", "apply dispatch.provider_assigned"),
    ]

    def last_of_path() -> bool:
        """Each span is the child of the one before."""
        spans = [span for span in receiver.spans() if span.trace_id == trace_id]
        parents = {CLIENT}
        for service, name in path:
            parents = {s.span_id for s in spans if (s.service, s.name) == (service, name) and s.parent in parents}
            assert parents, (service, name, sorted({(s.service, s.name) for s in spans}))
        return True

    eventually(last_of_path)

    def linked() -> set[str]:
        return {s.name.rpartition(".")[2] for s in receiver.spans() if trace_id in s.links}

    eventually(lambda: {"project", "dispatch", "dispatch pass"} <= linked())


def test_log_lines_carry_trace_and_correlation(installation: PreparedSystem, receiver: Receiver) -> None:
    """A refusal is logged where it happens; the line names the trace of the request that met it."""
    trace_id = uuid4().hex
    system = installation.system
    headers = {"traceparent": f"00-{trace_id}-{CLIENT}-01", "X-Correlation-Id": f"mine-{trace_id}"}
    with http_hands(system, REQUIREMENT, threads=1) as hands, pytest.raises(RuntimeError, match="401"):
        hands.send("GET", f"/api/v1/projects/{uuid4()}", None, "no token", headers)

    def lines() -> list[dict[str, str]]:
        text = (system.folder / "project-api.log").read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines() if trace_id in line]
        return [line for line in found if line["event"] == "token refused"]

    (line,) = eventually(lines)
    assert (line["trace_id"], line["correlation_id"]) == (trace_id, f"mine-{trace_id}")
