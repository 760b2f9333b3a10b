"""Traces: from an HTTP request over stored events and messages to whoever applies them, sent to a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from delivery_shared import telemetry
from delivery_shared.eventstore import EventStore
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.messaging.envelope import open_envelope, open_message
from delivery_shared.messaging.feed import Feed
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.rabbit import RabbitTransport
from delivery_shared.messaging.relay import Relay
from delivery_shared.messaging.topology import Broker
from delivery_shared.testing.fixtures import eventually
from delivery_shared.testing.otlp import Receiver, otlp_receiver
from delivery_shared.tracing import Trace, current_trace, traced
from test_http import ISSUER, blp, token
from test_messaging import produce, rows, running
from toy import Account, ledger_policies


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A process whose traces go to a receiver."""
    with otlp_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        telemetry.configure("toy-svc")
        yield receiver
        telemetry.close()


def test_without_an_endpoint_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.configure("toy-svc", {})
    assert not telemetry.on()
    with traced(Trace("a", "b", f"00-{uuid4().hex}-00f067aa0ba902b7-01")), telemetry.span("x", root=True) as opened:
        assert opened is None
        assert not telemetry.sampled(current_trace().traceparent)


def test_a_trace_not_sampled_makes_no_spans_and_says_so_to_the_next(receiver: Receiver) -> None:
    told = f"00-{uuid4().hex}-00f067aa0ba902b7-00"
    with traced(Trace("a", "b", told)), telemetry.span("inner") as opened:
        assert opened is None
        assert current_trace().traceparent == told
    with telemetry.span("without a trace") as opened:
        assert opened is None
    telemetry.close()
    assert receiver.spans() == []


def test_log_lines_name_the_trace_beside_the_correlation_id() -> None:
    trace_id = uuid4().hex
    with traced(Trace("mine", "b", f"00-{trace_id}-00f067aa0ba902b7-01")):
        assert structlog.contextvars.get_contextvars() == {"correlation_id": "mine", "trace_id": trace_id}
    with traced(Trace("mine", "b")):
        assert structlog.contextvars.get_contextvars() == {"correlation_id": "mine"}


@pytest.mark.integration
def test_an_untraced_event_has_the_envelope_of_ever(accounts: EventStore) -> None:
    produce(accounts, [1])
    (first, _) = Outbox(accounts).read(after=0, limit=10)
    assert b"traceparent" not in first.body
    assert open_message(first.body).trace.traceparent == ""


@pytest.mark.integration
def test_one_trace_from_the_request_to_the_consumer(
    accounts: EventStore, ledger: EventStore, broker: Broker, receiver: Receiver
) -> None:
    app = create_api(
        name="toy",
        title="Toy",
        application=accounts,
        blueprints=[blp],
        errors={},
        verifier=TokenVerifier(ISSUER.public_jwks),
    )
    given, parent = uuid4().hex, "00f067aa0ba902b7"
    headers = {**token("isv", main=True), "traceparent": f"00-{given}-{parent}-01"}
    assert app.test_client().post("/api/v1/accounts", json={"amount": 1}, headers=headers).status_code == 201
    transport = RabbitTransport(broker)
    with running(Relay(accounts, broker), Feed(ledger_policies(ledger), transport)):
        eventually(lambda: rows(ledger, "SELECT count(*) AS n FROM seen") == [{"n": 1}])
    transport.close()
    telemetry.close()
    spans = {span.name: span for span in receiver.spans()}
    stream = broker.stream_name("dispatch")
    assert spans.keys() == {
        "POST /api/v1/accounts", "save dispatch", "apply dispatch.member_closed", "apply dispatch.member_set",
        f"publish {stream}",
    }  # fmt: skip
    request, save = spans["POST /api/v1/accounts"], spans["save dispatch"]
    applied = spans["apply dispatch.member_set"]
    assert {s.trace_id for s in (request, save, applied)} == {given}
    assert (request.parent, save.parent, applied.parent) == (parent, request.span_id, save.span_id)
    assert set(spans[f"publish {stream}"].links) == {given}
    assert spans[f"publish {stream}"].trace_id != given
    assert request.attributes == {
        "http.request.method": "POST", "url.path": "/api/v1/accounts", "url.scheme": "http",
        "http.route": "/api/v1/accounts", "http.response.status_code": 201,
    }  # fmt: skip
    stored = {"db.system.name": "postgresql", "db.namespace": "dispatch", "db.operation.name": "save"}
    assert stored.items() <= save.attributes.items()
    told = {"messaging.system": "rabbitmq", "messaging.operation.type": "process"}
    assert told.items() <= applied.attributes.items()
    assert applied.attributes["messaging.destination.name"] == "events.dispatch"
    sent = {
        "messaging.operation.type": "send",
        "messaging.destination.name": stream,
        "messaging.batch.message_count": 2,
    }
    assert sent.items() <= spans[f"publish {stream}"].attributes.items()
    caused: Any = [vars(e)["trace"]["traceparent"] for e in ledger.events.get(_only(ledger))]
    assert caused[-1] == f"00-{given}-{applied.span_id}-01"
    envelope = open_envelope(Outbox(accounts).read(after=0, limit=1)[0].body)
    assert envelope.traceparent == f"00-{given}-{save.span_id}-01"


def _only(ledger: EventStore) -> Any:
    (row,) = rows(ledger, f"SELECT DISTINCT originator_id AS id FROM {ledger.events_recorder.events_table_name}")
    assert ledger.find(Account, row["id"])
    return row["id"]


@pytest.mark.integration
def test_a_failure_is_on_the_span_and_raised(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="mine"), telemetry.span("failing", root=True):
        raise ValueError("mine")
    telemetry.close()
    assert [(span.name, span.attributes) for span in receiver.spans()] == [("failing", {"error.type": "ValueError"})]
