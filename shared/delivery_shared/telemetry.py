"""OpenTelemetry traces, sent over OTLP/HTTP to ``OTEL_EXPORTER_OTLP_ENDPOINT``; without that variable, nothing.

The context is the ``traceparent`` (W3C) of the current :class:`~delivery_shared.tracing.Trace`, which goes along with
every event and message; the library's own context is not used. Spans are made only where the trace is sampled, so that
what is off or not sampled costs a look at a string. The other ``OTEL_…`` variables mean what the library says.
Attributes have the names of OpenTelemetry's semantic conventions, where these know one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from socket import gethostname
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from delivery_shared.tracing import Trace, current_trace, traced
from delivery_shared.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TIMEOUT = 5.0
"""Seconds one export may take: a receiver that is away must not hold up the end of a process."""

_provider: TracerProvider | None = None
_tracer: Tracer | None = None
_off: AbstractContextManager[Any] = nullcontext()


def configure(name: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send the traces of this process as those of service ``name``, if the environment says where to. After a server's
    fork: the threads that send do not survive one."""
    global _provider, _tracer
    if _provider is not None or not any(environment.get(endpoint) for endpoint in ENDPOINTS):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = {"service.name": name, "service.version": VERSION, "service.instance.id": f"{gethostname()}:{os.getpid()}"}
    _provider = TracerProvider(resource=Resource.create(about))
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=TIMEOUT)))
    _tracer = _provider.get_tracer("delivery_shared")


def close() -> None:
    """Send what is left, then be off."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


def on() -> bool:
    """Whether traces are sent at all."""
    return _tracer is not None


def sampled(traceparent: str) -> bool:
    """Whether spans of that trace are recorded: the last bit of the last field says so."""
    return _tracer is not None and traceparent[-1:] in {"1", "3", "5", "7", "9", "b", "d", "f"}


def span(
    name: str, *, kind: str = "INTERNAL", root: bool = False, links: Iterable[str] = (), **attributes: Any
) -> AbstractContextManager[Span | None]:
    """A span around what is done now; events and messages made inside belong to it. Without a sampled trace there is
    none, unless it may be the ``root`` of one. ``links``: the ``traceparent`` of others that led to this."""
    if _tracer is None or not (root or sampled(current_trace().traceparent)):
        return _off
    return _spanning(_tracer, name, kind, links, attributes)


@contextmanager
def _spanning(tracer: Tracer, name: str, kind: str, links: Iterable[str], attributes: dict[str, Any]) -> Iterator[Span]:
    trace = current_trace()
    opened = _start(tracer, name, kind, trace.traceparent, links, attributes)
    try:
        with traced(replace(trace, traceparent=_traceparent(opened))):
            yield opened
    except BaseException as error:
        _failed(opened, error)
        raise
    finally:
        opened.end()


def started(name: str, *, kind: str, links: Iterable[str], **attributes: Any) -> Span | None:
    """A span of a trace of its own that the caller ends, for work whose end is told later; None without any link."""
    followed = [link for link in links if sampled(link)]
    return _start(_tracer, name, kind, "", followed, attributes) if _tracer is not None and followed else None


def messaging(operation: str, destination: str) -> dict[str, str]:
    """What spans tell of a message: ``operation`` is send or process."""
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": operation,
        "messaging.destination.name": destination,
    }


def saving(store: str, **attributes: Any) -> AbstractContextManager[Span | None]:
    """A span around a save: one transaction of the store's schema."""
    if _tracer is None:
        return _off
    attributes |= {"db.system.name": "postgresql", "db.namespace": store, "db.operation.name": "save"}
    return span(f"save {store}", **attributes)


class Caused(Protocol):
    """What spans need to know of a message, a dataclass."""

    @property
    def type(self) -> str:
        """What it tells."""

    @property
    def source(self) -> str:
        """Which service tells it."""

    @property
    def trace(self) -> Trace:
        """What caused it."""


M = TypeVar("M", bound=Caused)


def applying(messages: Sequence[M], *, feed: str) -> AbstractContextManager[Sequence[M]]:
    """Spans around the transaction that applies ``messages``, one for each that is sampled, below that of its
    producer; yields the messages with these as what their consequences belong to."""
    if _tracer is None or not any(sampled(message.trace.traceparent) for message in messages):
        return nullcontext(messages)
    return _applying(_tracer, messages, feed)


@contextmanager
def _applying(tracer: Tracer, messages: Sequence[M], feed: str) -> Iterator[Sequence[M]]:
    spans: list[Span] = []
    followed: list[M] = []
    for message in messages:
        if sampled(message.trace.traceparent):
            about = messaging("process", f"events.{message.source}")
            about |= {"messaging.message.id": message.trace.causation_id, "feed": feed}
            spans.append(_start(tracer, f"apply {message.type}", "CONSUMER", message.trace.traceparent, (), about))
            trace = replace(message.trace, traceparent=_traceparent(spans[-1]))
            message = replace(message, trace=trace)  # type: ignore[type-var]
        followed.append(message)
    try:
        yield followed
    except BaseException as error:
        for opened in spans:
            _failed(opened, error)
        raise
    finally:
        for opened in spans:
            opened.end()


def _start(
    tracer: Tracer, name: str, kind: str, parent: str, links: Iterable[str], attributes: Mapping[str, Any]
) -> Span:
    from opentelemetry.trace import Link, SpanKind, get_current_span

    return tracer.start_span(
        name,
        context=_context(parent),
        kind=SpanKind[kind],
        attributes=dict(attributes),
        links=[Link(get_current_span(_context(link)).get_span_context()) for link in links],
    )


def _context(traceparent: str) -> Any:
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, context=Context())


def _traceparent(opened: Span) -> str:
    context = opened.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _failed(opened: Span, error: BaseException) -> None:
    from opentelemetry.trace import StatusCode

    opened.record_exception(error)
    opened.set_attribute("error.type", type(error).__qualname__)
    opened.set_status(StatusCode.ERROR, repr(error))
