"""Correlation and causation: which request or message led to what, from HTTP through every event and message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

import structlog


@dataclass(frozen=True)
class Trace:
    """``correlation_id`` names the request all this belongs to, ``causation_id`` the request or message
    (``<source>:<id>``) directly before; ``traceparent`` (W3C) is the span of that, empty where nobody records spans."""

    correlation_id: str
    causation_id: str
    traceparent: str = ""

    def as_dict(self) -> dict[str, str]:
        known = {"correlation_id": self.correlation_id, "causation_id": self.causation_id}
        return {**known, "traceparent": self.traceparent} if self.traceparent else known

    def log_fields(self) -> dict[str, str]:
        """What log lines say of it."""
        known = {"correlation_id": self.correlation_id}
        return {**known, "trace_id": self.traceparent[3:35]} if self.traceparent else known


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace:
    """The trace of the running request or message; a fresh one where nothing came before (a sweep, a shell)."""
    trace = _current.get()
    if trace is None:
        fresh = str(uuid4())
        trace = Trace(fresh, fresh)
    return trace


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Everything inside – events, messages, log lines – belongs to ``trace``."""
    token = _current.set(trace)
    try:
        with structlog.contextvars.bound_contextvars(**trace.log_fields()):
            yield
    finally:
        _current.reset(token)
