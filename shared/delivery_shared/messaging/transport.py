"""The interface of a transport; RabbitMQ and the in-process one stand behind it, and no service can tell which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


class TransportLost(Exception):
    """The connection broke; attach again."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A batch received: its encoded envelopes (:func:`~delivery_shared.messaging.envelope.split`) and where in the
    stream it stands (None = unknown)."""

    body: bytes
    offset: int | None
    token: Any = None


class Attachment(Protocol):
    """An open consumer of one stream."""

    def receive(self, *, limit: int, timeout: float) -> list[Delivery]:
        """Wait up to ``timeout`` seconds for the first batch, then take what is there, at most ``limit``."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """These were applied (or parked) and their position is stored."""


class Work(Protocol):
    """A competing consumer of a work queue: keys whose truth is a row in the service's database."""

    def run(self, handle: Callable[[str], None], stopping: Callable[[], bool]) -> None:
        """Hand keys to ``handle`` until ``stopping()``; a key whose handling raises is dropped, the row stays."""


class Transport(Protocol):
    """How messages reach the other services."""

    def attach(self, *, source: str, position: int, offset: int | None) -> AbstractContextManager[Attachment]:
        """Consume the stream of ``source`` from ``offset`` (None = its beginning); where nothing is stored
        between services, from the message after ``position``."""

    def send_key(self, queue: str, key: str) -> None:
        """Put a key on a work queue. A hint only: losing it costs time, never work. Does not raise."""

    def work(self, queue: str) -> Work:
        """A new competing consumer of ``queue``."""

    def close(self) -> None: ...
